// The icons, drawn for this phone on a 24 by 24 grid.

import { h } from "./dom.js";

const SHAPES = {
  back: "M15 5l-7 7 7 7", forward: "M9 5l7 7-7 7", close: "M6 6l12 12M18 6L6 18", add: "M12 5v14M5 12h14",
  minus: "M5 12h14", check: "M5 12l5 5 9-10", search: "M10 4a6 6 0 1 0 0 12a6 6 0 0 0 0-12M15 15l5 5",
  delete: "M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13", edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  star: "M12 3l3 6 6 1-4.5 4.5 1 6.5-5.5-3-5.5 3 1-6.5L3 10l6-1z",
  wifi: "M3 9c5-5 13-5 18 0M6 13c3-3 9-3 12 0M9 16.5c2-2 4-2 6 0M12 20h.01",
  bluetooth: "M7 7l10 10-5 4V3l5 4L7 17", plane: "M12 3v6l8 5v2l-8-2v4l3 2v1l-3-1-3 1v-1l3-2v-4l-8 2v-2l8-5",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
  sound: "M4 9h4l5-4v14l-5-4H4zM16 9c1.5 2 1.5 4 0 6M18.5 6.5c3 3 3 8 0 11",
  info: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 11v6M12 7.5h.01", person: "M12 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8M4 20c1-8 15-8 16 0",
  phone: "M6 3h4l1 5-2 2c1 2 3 4 5 5l2-2 5 1v4c0 2-1 3-3 3C10 20 4 14 3 6c0-2 1-3 3-3", mail: "M3 6h18v12H3zM3 7l9 7 9-7",
  note: "M6 3h9l4 4v14H6zM9 10h7M9 14h7", pin: "M9 3h6l-1 6 3 3v2H7v-2l3-3zM12 14v7",
  clock: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l4 2", alarm: "M12 6a7 7 0 1 0 0 14a7 7 0 0 0 0-14M12 9v4l3 2M4 6l3-3M20 6l-3-3",
  timer: "M12 6a7 7 0 1 0 0 14a7 7 0 0 0 0-14M12 13l3-3M10 2h4", place: "M12 21c-4-5-7-8-7-11a7 7 0 0 1 14 0c0 3-3 6-7 11M12 8a2 2 0 1 0 0 4a2 2 0 0 0 0-4",
  route: "M6 20V9a4 4 0 0 1 8 0v6a3 3 0 0 0 6 0V5M17 8l3-4 3 4", cart: "M3 4h3l2 11h10l2-8H7M9 19h.01M17 19h.01",
  bag: "M5 8h14l1 12H4zM8 8c0-6 8-6 8 0", lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3", eye: "M2 12c5-8 15-8 20 0c-5 8-15 8-20 0M12 9a3 3 0 1 0 0 6a3 3 0 0 0 0-6",
  gear: "M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8M12 2v4M12 18v4M3 7l3.5 2M17.5 15L21 17M3 17l3.5-2M17.5 9L21 7",
  devices: "M3 5h12v9H3zM8 18h2M17 9h4v11h-4z", map: "M3 6l6-2 6 2 6-2v14l-6 2-6-2-6 2zM9 4v14M15 6v14", moon: "M19 14A8 8 0 1 1 10 5a6.5 6.5 0 0 0 9 9",
  rotate: "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5", shift: "M12 4l8 9h-4v7H8v-7H4z",
  erase: "M8 5h13v14H8l-6-7zM12 9l5 6M17 9l-5 6", enter: "M20 6v7H6M10 9l-4 4 4 4", triangle: "M17 4L6 12l11 8z",
  circle: "M12 4.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 0 0 0-15", square: "M5.5 5.5h13v13h-13z", battery: "M7 5h10v16H7zM10 2h4v3",
};

/** An icon; filled ones are drawn solid. */
export function icon(name, { size = 24, filled = false } = {}) {
  const paint = filled ? 'fill="currentColor"' : 'fill="none"';
  const path = `<path d="${SHAPES[name]}" ${paint} stroke="currentColor" stroke-width="2"/>`;
  const style = `stroke-linecap="round" stroke-linejoin="round" width="${size}" height="${size}"`;
  return h("span", { class: "icon", html: `<svg viewBox="0 0 24 24" ${style}>${path}</svg>` });
}
