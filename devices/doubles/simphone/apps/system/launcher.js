// The home screen and the list of recent apps.

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { button, text } from "./parts.js";

const ICONS = { settings: "gear", contacts: "person", notes: "note", clock: "clock", maps: "map", messages: "mail", shop: "bag", vault: "lock" };

const tile = (app, size) =>
  h("div", { class: "tile", style: `background:${app.color}` }, icon(ICONS[app.package.split(".").pop()], { size }));

export const homePage = (apps, now, start) =>
  h("div", { class: "home-page", id: "workspace" },
    text(clockTime(now), "big", { id: "clock" }), text(longDate(now), "day", { id: "date" }),
    h("div", { class: "launchers" }, apps.map((app) =>
      h("button", { class: "launch", as: "TextView", desc: app.label, id: "icon", onclick: () => start(app.package) },
        tile(app, 30), app.label))));

export const recentsPage = (apps, start, clear) =>
  h("div", { class: "recents", id: "overview" },
    apps.length === 0 ? text("No recent items") : h("div", { class: "cards", id: "tasks", "data-scroll": "1" }, apps.map((app) =>
      h("button", { class: "task launch", as: "FrameLayout", desc: app.label, id: "task", onclick: () => start(app.package) },
        tile(app, 30), text(app.label)))),
    apps.length > 0 && button("Clear all", clear, { id: "clear_all" }));

export const clockTime = (now) => now.slice(11, 16);
export const longDate = (now) =>
  new Date(`${now}Z`).toLocaleDateString("en-US", { weekday: "long", month: "long", day: "numeric", timeZone: "UTC" });
