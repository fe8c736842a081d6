// The phone's window manager: tasks and their screens, home, back and recents. `phone` is what the process calls.

import browser from "../browser/app.js";
import clock from "../clock/app.js";
import contacts from "../contacts/app.js";
import maps from "../maps/app.js";
import messages from "../messages/app.js";
import notes from "../notes/app.js";
import settings from "../settings/app.js";
import shop from "../shop/app.js";
import vault from "../vault/app.js";
import { h, morph } from "./dom.js";
import { describeTree } from "./hierarchy.js";
import { icon } from "./icons.js";
import { dismiss, drawKeyboard, insert, isField, isShown, pressEnter, summon } from "./keyboard.js";
import { clockTime, homePage, recentsPage } from "./launcher.js";
import { text } from "./parts.js";

const LAUNCHER = "com.simphone.launcher";
const SETTINGS = "com.simphone.settings";
const code = Object.fromEntries([browser, clock, contacts, maps, messages, notes, settings, shop, vault].map((app) => [app.package, app]));
const documents = {};
const tasks = new Map(); // package -> its screens, the one shown last at the end; the last used package comes last
let config = { apps: [], now: "2026-01-01T00:00:00", clipboard: "", width: 1080, height: 2400 };
let front = LAUNCHER; // a package, or "recents"
let asleep = false;
let shownKey = "";
let toastTimer = 0;
let holdTimer = 0;
let held = false; // whether the touch under way was a long press that did something

const appOf = (name) => config.apps.find((app) => app.package === name);
const stackOf = (name) => tasks.get(name);
const setting = (table, name) => documents[SETTINGS]?.[table]?.[name];
const element = (id) => document.getElementById(id);

function start(name, activity = "", query = "") {
  if (name === LAUNCHER) return goHome();
  const app = appOf(name);
  const first = app.activities[Object.keys(app.activities)[0]];
  const wanted = app.activities[activity] ?? first;
  const stack = stackOf(name) ?? [{ screen: first, local: {} }];
  tasks.delete(name);
  tasks.set(name, stack);
  if (wanted !== first) stack.push({ screen: wanted, local: {} });
  if (query) stack.push({ screen: first, local: { query } });
  leave();
  front = name;
  draw();
}

function goHome() {
  leave();
  front = LAUNCHER;
  draw();
}

function leave() {
  document.activeElement?.blur?.();
}

function goBack() {
  if (dismiss()) return draw();
  const stack = stackOf(front);
  if (!stack) return goHome();
  const entry = stack.at(-1);
  if (entry.local.dialog) entry.local.dialog = undefined;
  else if (code[front].back?.(context(front, entry))) return;
  else if (stack.length > 1) stack.pop();
  else {
    tasks.delete(front);
    return goHome();
  }
  draw();
}

/** What an app's screen is given: its state, what this screen remembers, and ways to change either. */
function context(name, entry) {
  return {
    state: documents[name], local: entry.local, now: config.now, settings: documents[SETTINGS],
    save(change) {
      change?.(documents[name]);
      simphoneSay("state", JSON.stringify({ package: name, state: documents[name] }));
      draw();
    },
    set(values) { Object.assign(entry.local, values); draw(); },
    go(screen, local = {}) { leave(); stackOf(name).push({ screen, local }); draw(); },
    replace(screen, local = {}) { leave(); stackOf(name).splice(-1, 1, { screen, local }); draw(); },
    back() { leave(); if (stackOf(name).length > 1) stackOf(name).pop(); draw(); },
    toRoot() { leave(); stackOf(name).splice(1); draw(); },
    open({ package: there, screen, local }) { start(there); stackOf(there).push({ screen, local }); draw(); },
    toast, redraw: draw,
  };
}

function toast(words) {
  element("toast").textContent = words;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { element("toast").textContent = ""; }, 2000);
}

function view() {
  if (front === LAUNCHER) return homePage(config.apps.filter((app) => code[app.package]), config.now, start);
  if (front === "recents") {
    const used = [...tasks.keys()].reverse().map(appOf);
    return recentsPage(used, start, () => { tasks.clear(); goHome(); });
  }
  const entry = stackOf(front).at(-1);
  return code[front].screens[entry.screen](context(front, entry));
}

function draw() {
  if (config.ill) drawIll();
  const dark = setting("secure", "ui_night_mode") === "2";
  document.documentElement.classList.toggle("dark", dark);
  document.documentElement.classList.toggle("lying", config.width > config.height);
  document.body.className = [front === LAUNCHER || front === "recents" ? "home" : "", asleep ? "asleep" : "",
    config.locked ? "locked" : "", config.asks ? "asks" : "", config.ill ? "ill" : "",
    setting("global", "policy_control")?.startsWith("immersive.full") ? "immersive" : ""].join(" ");
  drawStatus();
  const stack = stackOf(front);
  const key = `${front}/${stack?.at(-1).screen}/${stack?.length}`;
  const old = element("app").firstChild;
  if (old && shownKey === key) morph(old, view());
  else {
    const left = stackOf(shownKey.split("/")[0])?.[shownKey.split("/")[2] - 1];
    const scrolled = element("app").querySelector("[data-scroll]");
    if (left && scrolled) left.scroll = scrolled.scrollTop;
    element("app").replaceChildren(view());
    const body = element("app").querySelector("[data-scroll]");
    if (body) body.scrollTop = stack?.at(-1).scroll ?? 0;
    summon();
  }
  shownKey = key;
  drawKeys();
}

function drawKeys() {
  drawKeyboard(element("keyboard"), drawKeys, config.barIme);
  // Chromium flings even what cannot scroll, and swallows a tap that comes meanwhile: let only real lists be dragged.
  for (const one of document.querySelectorAll("[data-scroll], .chips")) {
    const across = one.scrollWidth > one.clientWidth ? "pan-x" : "none";
    one.style.touchAction = one.scrollHeight > one.clientHeight ? "pan-y" : across;
  }
}

function drawStatus() {
  const on = (name) => setting("global", name) === "1";
  element("status").replaceChildren(text(clockTime(config.now)), h("span", { class: "grow" }),
    ...[["airplane_mode_on", "plane"], ["bluetooth_on", "bluetooth"], ["wifi_on", "wifi"]]
      .filter(([name]) => on(name)).map(([, shape]) => icon(shape, { size: 16 })),
    icon("battery", { size: 16, filled: true }), "100%");
}

function systemKey(number, long) {
  if (asleep && ![26, 224].includes(number)) return;
  if (number === 26) asleep = !asleep;
  else if (number === 223 || number === 224) asleep = number === 223;
  else if (number === 3) return goHome();
  else if (number === 4 || number === 111) return goBack();
  else if (number === 187) { leave(); front = "recents"; }
  else if (number === 66 || number === 23) return pressEnter();
  else if (number === 28) return phone.clearText();
  else if (number === 277 || number === 278) copy(number === 277);
  else if (number === 279) insert(config.clipboard);
  else if (number === 24 || number === 25) changeSetting("system", "volume_music", number === 24 ? 1 : -1, 15);
  else if (number === 220 || number === 221) changeSetting("system", "screen_brightness", number === 221 ? 16 : -16, 255);
  draw();
}

function changeSetting(table, name, by, most) {
  const value = Math.min(Math.max(Number(setting(table, name)) + by, 0), most);
  documents[SETTINGS][table][name] = String(value);
  simphoneSay("state", JSON.stringify({ package: SETTINGS, state: documents[SETTINGS] }));
}

function copy(cut) {
  const field = document.activeElement;
  if (!isField(field) || field.selectionStart === field.selectionEnd) return;
  config.clipboard = field.value.slice(field.selectionStart, field.selectionEnd);
  simphoneSay("clipboard", config.clipboard);
  if (cut) document.execCommand("delete");
}

document.addEventListener("keydown", (event) => {
  const letter = event.ctrlKey ? event.key.toLowerCase() : "";
  if (event.key === "Enter") pressEnter();
  else if (letter === "c" || letter === "x") copy(letter === "x");
  else if (letter === "v") insert(config.clipboard);
  else return;
  event.preventDefault();
});
// As on Android, a touched button does not take the focus from a text field.
document.addEventListener("mousedown", (event) => {
  if (!isField(event.target) && event.target.type !== "range") event.preventDefault();
});
document.addEventListener("focusin", () => { summon(); drawKeys(); });
document.addEventListener("focusout", () => setTimeout(drawKeys));
document.addEventListener("click", (event) => { if (isField(event.target)) { summon(); drawKeys(); } }, true);
document.addEventListener("contextmenu", (event) => event.preventDefault());

// A long press is not a tap as well, where something listens for it; elsewhere it is, as on Android.
document.addEventListener("pointerdown", (event) => {
  held = false;
  clearTimeout(holdTimer);
  const target = event.composedPath().find((one) => one.onhold);
  if (target) holdTimer = setTimeout(() => { held = true; target.onhold(); }, 500);
}, true);
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => clearTimeout(holdTimer), true);
document.addEventListener("click", (event) => { if (held) event.stopImmediatePropagation(); held = false; }, true);

// The lock gives way to a swipe up, unless it wants a PIN (`sim.locked` 2), which nobody here knows.
let swipedFrom = 0;
element("lock").addEventListener("touchstart", (event) => { swipedFrom = event.touches[0].clientY; });
element("lock").addEventListener("touchend", (event) => {
  if (swipedFrom - event.changedTouches[0].clientY < 300) return;
  if (config.locked === 1) setProperty("locked", 0);
  else element("lock").textContent = "Enter PIN";
});
function setProperty(name, value) {
  simphoneSay("property", `sim.${name}=${value}`);
  config[name === "permission" ? "asks" : name] = value;
  draw();
}
const answer = (words, value) => h("button", { onclick: () => { setProperty("permission_answer", value); setProperty("permission", 0); } }, words);
element("ask").append(h("div", {}, "Allow Maps to access this device's location?",
  answer("While using the app", 1), answer("Don't allow", 0)));
// An app that does not respond (`sim.ill` 1) or has crashed (2).
function drawIll() {
  const label = appOf(front)?.label ?? "System UI", close = () => { const name = front; setProperty("ill", 0); phone.stop(name); };
  const wait = () => setProperty("ill", 0);
  element("ill").replaceChildren(h("div", {}, config.ill === 2 ? `${label} has stopped` : `${label} isn't responding`,
    h("button", { onclick: close }, "Close app"), config.ill === 1 && h("button", { onclick: wait }, "Wait")));
}
element("lock").append("Locked. Swipe up to open.");

const phone = {
  configure(given) {
    config = given;
    document.documentElement.style.zoom = given.scale;
    draw();
  },
  load(changed) {
    Object.assign(documents, changed);
    draw();
  },
  start, systemKey,
  stop(name) {
    tasks.delete(name);
    if (front === name) goHome();
  },
  forget() {
    tasks.clear();
    asleep = false;
    element("toast").textContent = "";
    goHome();
  },
  clearText() {
    if (!isField(document.activeElement)) return;
    document.activeElement.select();
    document.execCommand("delete");
  },
  describe() {
    const activity = (name) => {
      const screen = stackOf(name).at(-1).screen;
      return Object.entries(appOf(name).activities).find(([, one]) => one === screen)[0];
    };
    const running = [...tasks.keys()].reverse().map((name) => [name, activity(name)]);
    const home = { package: LAUNCHER, activity: front === "recents" ? "RecentsActivity" : "LauncherActivity" };
    const shown = stackOf(front) ? { package: front, activity: activity(front) } : home;
    return { ...shown, secure: !!appOf(front)?.secure, asleep, keyboard: isShown(), focused: isField(document.activeElement), tasks: running };
  },
  hierarchy() {
    if (config.ill) return describeTree("android", element("ill"));
    if (config.asks) return describeTree("com.google.android.permissioncontroller", element("ask"));
    return describeTree(stackOf(front) ? front : LAUNCHER, element("app"));
  },
};
window.phone = phone;

element("nav").append(
  ...[["triangle", "Back", 4], ["circle", "Home", 3], ["square", "Overview", 187]].map(([shape, desc, number]) =>
    h("button", { desc, onmousedown: (event) => event.preventDefault(), onclick: () => systemKey(number) }, icon(shape, { size: 22 }))));
