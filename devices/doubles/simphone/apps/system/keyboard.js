// The keyboard at the bottom of the screen: it shows while a text field has the focus, and its keys can be tapped.

import { h } from "./dom.js";
import { icon } from "./icons.js";

const LETTERS = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
const SYMBOLS = ["1234567890", "@#$_&-+()/", "*\"':;!?"];
let page = "letters";
let shifted = false;
let dismissed = false;

export const isField = (element) => element?.matches?.("input:not([type=range]), textarea") ?? false;
export const isShown = () => isField(document.activeElement) && !dismissed;

/** Hides it until a field is touched again. Says whether it was there. */
export function dismiss() {
  const shown = isShown();
  dismissed = true;
  return shown;
}

export function summon() {
  dismissed = false;
}

/** What Enter does in the focused field: its action, a new line, or nothing more to type. */
export function pressEnter() {
  const element = document.activeElement;
  if (element?.tagName === "TEXTAREA") return insert("\n");
  if (!isField(element)) return element?.click?.();
  if (element.onenter) element.onenter();
  else element.blur();
}

export function insert(text) {
  document.execCommand("insertText", false, text);
}

export function drawKeyboard(target, redraw, bar) {
  target.className = isShown() ? "shown" : "";
  if (!isShown()) {
    page = "letters";
    shifted = false;
    target.replaceChildren();
    return;
  }
  if (bar) return target.replaceChildren(h("div", { class: "ime-bar" }, "ADB Keyboard {ON}"));
  const rows = (page === "letters" ? LETTERS : SYMBOLS).map((letters, number) => {
    const keys = [...letters].map((letter) => type(shifted ? letter.toUpperCase() : letter, redraw));
    if (number === 2) keys.unshift(page === "letters" ? shift(redraw) : blank());
    if (number === 2) keys.push(key(icon("erase", { size: 20 }), "Delete", () => document.execCommand("delete"), "wide"));
    return h("div", { class: "keys" }, keys);
  });
  const action = document.activeElement.dataset.action === "search" ? "search" : "enter";
  rows.push(h("div", { class: "keys" },
    key(page === "letters" ? "?123" : "ABC", "Symbols", () => { page = page === "letters" ? "symbols" : "letters"; redraw(); }, "wide"),
    type(",", redraw), key("space", "Space", () => insert(" "), "space"), type(".", redraw),
    key(icon(action, { size: 20 }), action === "search" ? "Search" : "Enter", pressEnter, "wide go")));
  target.replaceChildren(...rows);
}

const type = (letter, redraw) => key(letter, letter, () => {
  insert(letter);
  if (shifted) { shifted = false; redraw(); }
});
const shift = (redraw) => key(icon("shift", { size: 20 }), "Shift", () => { shifted = !shifted; redraw(); }, `wide ${shifted ? "lit" : ""}`);
const blank = () => h("div", { class: "key wide", style: "visibility:hidden" });

const key = (face, desc, act, style = "") =>
  h("button", { class: `key ${style}`, desc, onmousedown: (event) => event.preventDefault(), onclick: act }, face);
