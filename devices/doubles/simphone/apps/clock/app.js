// Clock: alarms, a timer and a stopwatch. The last two count real seconds while their tab is shown.

import { h } from "../system/dom.js";
import { button, checkbox, empty, field, floating, iconButton, row, screen, section, stepper, tabs, text, toggle } from "../system/parts.js";

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const two = (number) => String(number).padStart(2, "0");
const spell = (seconds) => `${two(Math.floor(seconds / 60))}:${two(Math.floor(seconds % 60))}`;
let tick = 0; // the running interval
let since = 0; // when it began, by the page's own clock

function main(app) {
  const chosen = app.local.tab ?? "alarms";
  const page = { alarms, timer, stopwatch }[chosen](app);
  return screen({
    title: { alarms: "Alarms", timer: "Timer", stopwatch: "Stopwatch" }[chosen], body: page.body, floating: page.floating,
    bottom: tabs([["alarms", "Alarm", "alarm"], ["timer", "Timer", "timer"], ["stopwatch", "Stopwatch", "clock"]], chosen,
      (tab) => app.set({ tab })),
  });
}

function alarms(app) {
  const shown = [...app.state.alarms].sort((one, other) => one.time.localeCompare(other.time));
  return {
    floating: floating("add", "Add alarm", () => app.go("alarm", { hour: 8, minute: 0, label: "", days: [] })),
    body: shown.length ? shown.map((one) => row({
      title: one.time, detail: [one.label, one.days.join(", ") || "Once"].filter(Boolean).join(" · "), lead: "alarm", id: "alarm",
      key: String(one.id), onclick: () => app.go("alarm", open(one)),
      end: toggle(one.enabled, (event) => { event.stopPropagation(); app.save(() => { one.enabled = !one.enabled; }); },
        { desc: `Alarm ${one.time}`, id: "enabled" }) })) : empty("No alarms"),
  };
}

function open(one) {
  const [hour, minute] = one.time.split(":").map(Number);
  return { id: one.id, hour, minute, label: one.label, days: [...one.days] };
}

function alarm(app) {
  const { id, label } = app.local;
  const hour = app.local.hour ?? 8;
  const minute = app.local.minute ?? 0;
  const days = app.local.days ?? [];
  const save = () => {
    const values = { time: `${two(hour)}:${two(minute)}`, label: (app.local.label ?? "").trim(), days, enabled: true };
    app.save((state) => {
      const one = state.alarms.find((other) => other.id === id);
      if (one) Object.assign(one, values);
      else state.alarms.push({ id: Math.max(0, ...state.alarms.map((other) => other.id)) + 1, ...values });
    });
    app.toast(`Alarm set for ${values.time}`);
    app.toRoot();
  };
  const remove = () => {
    app.save((state) => { state.alarms = state.alarms.filter((other) => other.id !== id); });
    app.toRoot();
  };
  const pick = (day) => app.set({ days: DAYS.filter((one) => (one === day) !== days.includes(one)) });
  return screen({
    title: id ? "Edit alarm" : "New alarm", back: app.back,
    actions: [id && iconButton("delete", "Delete alarm", remove, { id: "delete" }), button("Save", save, { id: "save" })],
    body: [
      text(`${two(hour)}:${two(minute)}`, "huge", { id: "time" }),
      row({ title: "Hour", end: stepper(two(hour), () => app.set({ hour: (hour + 23) % 24 }), () => app.set({ hour: (hour + 1) % 24 }), "hour") }),
      row({ title: "Minute", end: stepper(two(minute), () => app.set({ minute: (minute + 55) % 60 }), () => app.set({ minute: (minute + 5) % 60 }), "minute") }),
      field({ hint: "Label", id: "label", value: label ?? "", oninput: (value) => { app.local.label = value; } }),
      section("Repeat"),
      DAYS.map((day) => row({ title: day, id: `day_${day}`, onclick: () => pick(day), end: checkbox(days.includes(day), undefined, { desc: day }) })),
    ],
  });
}

/** Starts counting, or stops and answers with the seconds that passed. */
function count(app, running) {
  clearInterval(tick);
  const passed = since ? (performance.now() - since) / 1000 : 0;
  since = running ? performance.now() : 0;
  if (running) tick = setInterval(app.redraw, 250);
  return passed;
}

const running = () => (since ? (performance.now() - since) / 1000 : 0);

function timer(app) {
  const { timer: one } = app.state;
  const left = Math.max(one.remaining_s - (one.running ? running() : 0), 0);
  const go = () => {
    const passed = count(app, !one.running);
    app.save(() => {
      if (one.running) one.remaining_s = Math.max(Math.round(one.remaining_s - passed), 0);
      one.running = !one.running;
    });
  };
  const set = (by) => app.save(() => { one.duration_s = one.remaining_s = Math.max(one.duration_s + by, 0); });
  const reset = () => { count(app, false); app.save(() => { one.running = false; one.remaining_s = one.duration_s; }); };
  return { body: [
    text(spell(Math.ceil(left)), "huge", { id: "remaining" }),
    !one.running && h("div", { class: "middle" }, [["-1 min", -60], ["+1 min", 60], ["-10 s", -10], ["+10 s", 10]].map(([label, by]) =>
      button(label, () => set(by), { style: "tonal" }))),
    h("div", { class: "middle" }, button(one.running ? "Pause" : "Start", go, { id: "start" }), button("Reset", reset, { style: "tonal", id: "reset" })),
  ] };
}

function stopwatch(app) {
  const { stopwatch: one } = app.state;
  const shown = one.elapsed_s + (one.running ? running() : 0);
  const go = () => {
    const passed = count(app, !one.running);
    app.save(() => {
      if (one.running) one.elapsed_s = Math.round((one.elapsed_s + passed) * 10) / 10;
      one.running = !one.running;
    });
  };
  const reset = () => { count(app, false); app.save((state) => { state.stopwatch = { elapsed_s: 0, running: false, laps: [] }; }); };
  const lap = () => app.save(() => { one.laps.push(Math.round((one.elapsed_s + running()) * 10) / 10); });
  return { body: [
    text(`${spell(shown)}.${Math.floor((shown * 10) % 10)}`, "huge", { id: "elapsed" }),
    h("div", { class: "middle" }, button(one.running ? "Stop" : "Start", go, { id: "start" }),
      one.running ? button("Lap", lap, { style: "tonal", id: "lap" }) : button("Reset", reset, { style: "tonal", id: "reset" })),
    one.laps.map((seconds, at) => row({ title: `Lap ${at + 1}`, detail: spell(seconds), id: "lap_row" })),
  ] };
}

export default { package: "com.simphone.clock", screens: { main, alarm } };
