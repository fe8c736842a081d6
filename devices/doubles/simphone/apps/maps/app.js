// Maps: places to search for, one place's page, directions to it, and the places that were saved.

import { h } from "../system/dom.js";
import { button, empty, field, iconButton, radio, row, screen, text } from "../system/parts.js";

const KINDS = ["Pizza", "Coffee", "Library", "Park", "Pharmacy", "Gas", "Hotel"];
const SPEEDS = { Drive: 30, Walk: 5, Cycle: 15 };
const STREETS = ["M0 30H100", "M0 60H100", "M30 0V100", "M65 0V100", "M0 90L100 5", "M10 0L90 100"];

function drawing(shown, target) {
  const streets = STREETS.map((d) => `<path d="${d}" stroke="#fff" stroke-width="3" fill="none"/>`).join("");
  const pin = (one) => `<circle cx="${one.x}" cy="${one.y}" r="2.6" fill="#d93025" stroke="#fff" stroke-width=".8"/>`;
  const way = target ? `<path d="M50 50L${target.x} 50L${target.x} ${target.y}" stroke="#1a73e8" stroke-width="1.8" fill="none"/>` : "";
  const ground = '<rect width="100" height="100" fill="#e4e8dc"/><rect x="70" y="66" width="26" height="22" fill="#b9dfae"/>';
  const water = '<path d="M0 0H26C22 12 12 16 0 18z" fill="#9cc8ee"/>';
  const here = '<circle cx="50" cy="50" r="2" fill="#1a73e8" stroke="#fff" stroke-width=".8"/>';
  return h("div", { class: "map", desc: "Map", id: "map",
    html: `<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="xMidYMid slice">${ground}${water}${streets}${way}${shown.map(pin).join("")}${here}</svg>` });
}

const find = (app, words) => {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word && !["near", "me", "place", "places", "a"].includes(word));
  return app.state.places
    .filter((one) => wanted.every((word) => `${one.name} ${one.kind} ${one.address}`.toLowerCase().includes(word.replace(/s$/, ""))))
    .sort((one, two) => one.km - two.km);
};

function main(app) {
  const asked = app.local.asked ?? app.local.query ?? "";
  const shown = asked ? find(app, asked) : [];
  const search = (words) => {
    document.activeElement?.blur();
    app.set({ query: words, asked: words });
    if (words.trim()) app.save((state) => { state.searches.push(words.trim()); });
  };
  const results = asked && h("div", { class: "sheet", id: "results", "data-scroll": "1" },
    shown.length ? shown.map((one) => placeRow(app, one)) : empty(`No results for ${asked}`));
  return screen({
    plain: true, body: drawing(asked ? shown : app.state.places), bottom: results,
    floating: h("div", { class: "map-search" },
      field({ hint: "Search here", id: "search", style: "search", action: "search", value: app.local.query ?? "",
        oninput: (query) => { app.local.query = query; }, onenter: () => search(app.local.query ?? "") }),
      h("div", { class: "chips" }, h("button", { class: "chip", id: "saved", onclick: () => app.go("saved") }, "Saved"),
        KINDS.map((kind) => h("button", { class: `chip ${asked === kind ? "on" : ""}`, id: "chip", onclick: () => search(kind) }, kind)))),
  });
}

const placeRow = (app, one) => row({ title: one.name, lead: "place", id: "place", key: one.id, onclick: () => app.go("place", { id: one.id }),
  detail: `${one.rating} stars · ${one.kind} · ${one.km} km` });

function place(app) {
  const one = app.state.places.find((other) => other.id === app.local.id);
  if (!one) return screen({ title: "Place", back: app.back, body: empty("This place is gone") });
  const isSaved = app.state.saved.includes(one.id);
  const save = () => app.save((state) => {
    state.saved = isSaved ? state.saved.filter((id) => id !== one.id) : [...state.saved, one.id];
  });
  return screen({
    title: one.name, back: app.back,
    actions: iconButton("star", isSaved ? "Remove from saved" : "Save place", save, { filled: isSaved, id: "star" }),
    body: [
      text(`${one.rating} stars · ${one.kind}`, "pad small", { id: "rating" }),
      h("div", { class: "middle" }, button("Directions", () => app.go("directions", { id: one.id }), { id: "directions" }),
        button(isSaved ? "Saved" : "Save", save, { style: "tonal", id: "save" })),
      row({ title: one.address, detail: `${one.km} km away`, lead: "place", id: "address" }),
      row({ title: one.hours, detail: "Hours", lead: "clock", id: "hours" }),
    ],
  });
}

function directions(app) {
  const one = app.state.places.find((other) => other.id === app.local.id);
  if (!one) return screen({ title: "Directions", back: app.back, body: empty("Where to?") });
  const mode = app.local.mode ?? "Drive";
  const minutes = Math.max(1, Math.round((one.km / SPEEDS[mode]) * 60));
  const active = app.state.navigation?.to === one.id;
  const go = () => app.save((state) => { state.navigation = active ? null : { to: one.id, mode: mode.toLowerCase() }; });
  return screen({
    title: `To ${one.name}`, back: app.back, plain: true,
    body: [
      drawing([one], one),
      h("div", { class: "sheet", "data-scroll": "1" }, Object.keys(SPEEDS).map((name) =>
        radio(name, name === mode, () => app.set({ mode: name }), `mode_${name.toLowerCase()}`)),
      text(`${minutes} min (${one.km} km)`, "title pad", { id: "duration" }),
      h("div", { class: "middle" }, button(active ? "Stop" : "Start", go, { id: "start" })),
      active && text(`Navigating to ${one.name}`, "pad", { id: "navigating" })),
    ],
  });
}

const saved = (app) => screen({
  title: "Saved places", back: app.back,
  body: app.state.saved.length ? app.state.places.filter((one) => app.state.saved.includes(one.id)).map((one) => placeRow(app, one)) : empty("Nothing saved yet"),
});

export default { package: "com.simphone.maps", screens: { main, place, directions, saved } };
