// A run that goes on: events of the server, and a person who steers it.
let state = null, notice = "", shownFrame = 0, typed = "", typing = 0;
const cards = new Map();
story ??= null;

async function send(what, body) {
  const reply = await post(`${data.api}/${what}`, body);
  notice = reply.ok ? "" : reply.error;
  drawState();
  return reply.ok;
}
function holding() { return Boolean(state?.attached && state.frame != null); }

function drawState() {
  if (!state) return;
  const { going_on: goingOn, paused, attached } = state;
  parts.controls.hidden = !goingOn;
  if (story && !story.ending) parts.facts.firstChild.textContent = !goingOn ? "interrupted" : holding() ? "paused" : "running";
  parts.pause.textContent = paused ? "Continue" : "Pause";
  parts.pause.setAttribute("aria-pressed", paused);
  parts.take.disabled = !attached || paused;
  parts.buttons.hidden = !holding() || !parts.buttons.children.length;
  parts.take.title = attached ? "Pauses the run; then clicks and keys on the picture go to the device." : "This run was started at another terminal.";
  const doing = notice || (!goingOn ? state.error : holding() ? state.said || "The device is yours: click on the picture, or focus it and type. Shift+Escape leaves it."
    : paused ? "It pauses after this step." : attached ? "" : "Another terminal started this run without --live: pause it, stop it or say something here. To take over, pause it and use the device itself.");
  parts.notice.textContent = doing;
  parts.notice.className = `notice ${notice || state.error ? "bad" : "quiet"}`;
  if (!story && !goingOn) parts.empty.textContent = state.error || "The run has ended.";
  drawCards();
  drawFrame();
}

function drawCards() {
  const waiting = new Set(state.waiting.map((asked) => asked.id));
  for (const [id, card] of cards) if (!waiting.has(id)) { card.remove(); cards.delete(id); }
  for (const asked of state.waiting) {
    if (cards.has(asked.id)) continue;
    const card = asked.approval ? approval(asked) : question(asked);
    cards.set(asked.id, card);
    parts.cards.append(card);
    if (!parts.screen.contains(document.activeElement) && !document.activeElement.matches("input")) card.focus();
  }
  document.title = (waiting.size ? "(?) " : "") + (story?.instruction ?? "Screenhand");
}
/** A question takes no key from what a person is typing into, and its buttons no click that was under way when it came. */
const UNREAD_MS = 700;
function answers(...buttons) {
  for (const button of buttons) button.disabled = true;
  setTimeout(() => { for (const button of buttons) button.disabled = false; }, UNREAD_MS);
  return make("div", { class: "row" }, ...buttons);
}
function approval(asked) {
  const reason = make("input", { "aria-label": "reason", placeholder: "reason for a no, for the model", maxlength: 500 });
  const reply = (answer) => () => send("answers", { id: asked.id, answer, text: reason.value });
  const picture = asked.picture && make("img", { alt: "the surroundings of the point" });
  if (picture) show(picture, asked.picture);
  return make("section", { class: "card", role: "alertdialog", tabindex: "-1", "aria-label": `approval: ${asked.what}` },
    make("strong", {}, asked.what), make("dl", {}, ...asked.facts.flatMap(([name, text]) => [make("dt", {}, name), make("dd", {}, text)])), picture,
    answers(make("button", { type: "button", class: "main", click: reply("yes") }, "Allow"), make("button", { type: "button", click: reply("all") }, "Allow all of this kind"),
      make("button", { type: "button", click: reply("no") }, "Deny"), make("button", { type: "button", class: "danger", click: reply("stop") }, "Deny and stop")),
    make("div", { class: "row" }, reason));
}
function question(asked) {
  const text = make("input", { "aria-label": "answer", maxlength: 2000 });
  const form = make("form", { submit: (event) => { event.preventDefault(); send("answers", { id: asked.id, text: text.value }); } }, make("div", { class: "row" }, text, make("button", { class: "main" }, "Answer")));
  return make("section", { class: "card", role: "alertdialog", tabindex: "-1", "aria-label": `question: ${asked.what}` }, make("strong", {}, asked.what), form);
}

const OURS = { tabindex: "0", role: "application", "aria-label": "the device: keys go to it, Shift+Escape leaves it" };
/** During a pause the picture is the device's own screen. */
function drawFrame() {
  const mine = holding();
  if (mine !== parts.screen.classList.contains("yours")) {
    parts.screen.classList.toggle("yours", mine);
    for (const [name, value] of Object.entries(OURS)) mine ? parts.screen.setAttribute(name, value) : parts.screen.removeAttribute(name);
    if (mine) { parts.stage.hidden = false; parts.empty.hidden = true; parts.screen.replaceChildren(parts.image); parts.image.style.width = ""; parts.legend.textContent = "The screen as it is now."; parts.screen.focus(); }
    else { shownFrame = 0; draw(); }
  }
  if (mine && state.frame !== shownFrame) { shownFrame = state.frame; parts.image.dataset.address = "frame"; parts.image.src = withToken(`${data.api}/frame?n=${state.frame}`); }
}

function point(event) {
  const box = parts.image.getBoundingClientRect(), [width, height] = state.screen;
  return [Math.round((event.clientX - box.left) / box.width * width), Math.round((event.clientY - box.top) / box.height * height)].map((value) => Math.max(0, value));
}
function act(names, found) {
  const name = names.find((each) => story.actions.includes(each));
  if (name) send("acts", { name, arguments: found });
  else { notice = `This device has no ${names[0]}.`; drawState(); }
}
function flush() {
  clearTimeout(typing);
  if (typed) act(["Type"], { text: typed });
  typed = "";
}

const NAMED = { Enter: "enter", Tab: "tab", Escape: "escape", Backspace: "backspace", Delete: "delete", ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right", Home: "home", End: "end", PageUp: "pageup", PageDown: "pagedown" };
function key(event) {
  if (!holding() || event.isComposing) return;
  if (event.key === "Escape" && event.shiftKey) { parts.screen.blur(); return; }
  const held = [event.ctrlKey && "ctrl", event.altKey && "alt", event.metaKey && "meta"].filter(Boolean);
  if (event.key.length === 1 && !held.length) {
    typed += event.key;
    clearTimeout(typing);
    typing = setTimeout(flush, 250);
  } else if (NAMED[event.key] || (event.key.length === 1 && held.length)) {
    flush();
    act(["Press"], { keys: [...held, ...(event.shiftKey ? ["shift"] : []), NAMED[event.key] ?? event.key.toLowerCase()] });
  } else return;
  event.preventDefault();
}
function takeOver() {
  let from = null;
  parts.image.draggable = false;
  parts.screen.addEventListener("keydown", key);
  parts.screen.addEventListener("pointerdown", (event) => { if (holding() && event.button === 0) { flush(); from = event; parts.screen.setPointerCapture(event.pointerId); } });
  parts.screen.addEventListener("pointerup", (event) => {
    if (!holding() || !from) return;
    const moved = Math.hypot(event.clientX - from.clientX, event.clientY - from.clientY) > 8;
    if (moved) act(["Drag", "Swipe"], { start: point(from), end: point(event) });
    else act(["Click", "Tap"], { point: point(event) });
    from = null;
  });
  parts.screen.addEventListener("contextmenu", (event) => { if (holding()) { event.preventDefault(); act(["RightClick", "LongPress"], { point: point(event) }); } });
  let turned = 0;
  parts.screen.addEventListener("wheel", (event) => {
    if (!holding()) return;
    event.preventDefault();
    if (Date.now() - turned < 300) return;
    turned = Date.now();
    const [x, y] = point(event), down = event.deltaY > 0;
    if (story.actions.includes("Scroll")) act(["Scroll"], { direction: down ? "down" : "up", notches: 3, point: [x, y] });
    else act(["Swipe"], { start: [x, y], end: [x, Math.max(0, y + (down ? -1 : 1) * Math.round(state.screen[1] / 4))] });
  }, { passive: false });
}

function receive(name, content) {
  if (name === "story") {
    story = { ...content, steps: [] };
    thumbnails.clear();
    const there = ["Back", "Home", "Recents"].filter((each) => story.actions.includes(each));
    parts.buttons.replaceChildren(...there.map((each) => make("button", { type: "button", click: () => { flush(); act([each], {}); } }, each)));
  }
  if (name === "step") {
    story.steps[content.number] = content;
    show(make("img"), content.picture);
    if (content.check) show(make("img"), content.check.picture);
    if (following) at = story.steps.length - 1;
  }
  if (name === "ending") Object.assign(story, content);
  if (name === "state") state = content;
  if (name === "broken") notice = content.error;
  draw();
  drawState();
}
function listen() {
  const source = new EventSource(withToken(`${data.api}/events`));
  for (const name of ["story", "step", "ending", "state", "broken"]) source.addEventListener(name, (event) => receive(name, JSON.parse(event.data)));
  for (const name of ["over", "broken"]) source.addEventListener(name, () => source.close());
  source.onerror = () => { if (source.readyState === EventSource.CLOSED && state?.going_on) { notice = "The server does not answer any more."; drawState(); } };
}

const words = make("input", { "aria-label": "message to the model", placeholder: "Say something to the model", maxlength: 4000 });
const say = async (event) => {
  event.preventDefault();
  if (words.value.trim() && await send("messages", { text: words.value })) { words.value = ""; notice = "The model reads it with its next prompt."; drawState(); }
};
parts.controls.append(make("div", { class: "row controls" },
  (parts.pause = make("button", { type: "button", click: () => send("pause", { paused: !state.paused }) }, "Pause")),
  (parts.take = make("button", { type: "button", click: () => send("pause", { paused: true }) }, "Take over")),
  (parts.stop = make("button", { type: "button", class: "danger", click: () => send("stop") }, "Stop")),
  (parts.buttons = make("span", { class: "row", role: "group", "aria-label": "buttons of the device" })),
  make("form", { submit: say }, make("div", { class: "row" }, words, make("button", {}, "Send")))));
parts.controls.after((parts.notice = make("p", { class: "notice quiet", role: "status" })));
takeOver();
listen();
