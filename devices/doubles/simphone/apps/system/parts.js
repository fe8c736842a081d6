// The pieces that apps are made of: bars, rows, switches, fields, buttons, dialogs.

import { h } from "./dom.js";
import { icon } from "./icons.js";

export const text = (content, style = "", props = {}) => h("div", { class: `text ${style}`, ...props }, String(content));

export const iconButton = (name, desc, onclick, options = {}) =>
  h("button", { class: "icon-button", as: "ImageButton", desc, id: options.id, onclick }, icon(name, options));

export const button = (label, onclick, { style = "filled", id, disabled } = {}) =>
  h("button", { class: `button ${style}`, id, onclick: disabled ? undefined : onclick, disabled }, label);

/** A screen: its bar, a body that scrolls, and what floats over it. */
export function screen({ title, back, actions = [], body, floating, bottom, id = "list", plain = false }) {
  const bar = h("div", { class: "bar" }, back && iconButton("back", "Navigate up", back), text(title, "title"), actions);
  return h("div", { class: bottom ? "screen raised" : "screen" }, title === undefined ? null : bar,
    h("div", { class: plain ? "body plain" : "body", id, "data-scroll": plain ? undefined : "1" }, body), floating, bottom);
}

export const floating = (name, desc, onclick, id = "fab") =>
  h("button", { class: "fab", as: "ImageButton", desc, id, onclick }, icon(name, { size: 28 }));

/** A line of a list: icon or picture, title, a second line, and something at its end. */
export function row({ lead, title, detail, end, onclick, onhold, id, key, style = "" }) {
  return h("div", { class: `row ${style}`, as: "LinearLayout", id, onclick, onhold, "data-key": key },
    typeof lead === "string" ? h("div", { class: "lead" }, icon(lead)) : lead,
    h("div", { class: "grow" }, text(title, "main"), detail !== undefined && detail !== "" && text(detail, "small")), end);
}

export const toggle = (on, onclick, { desc, id } = {}) =>
  h("button", { class: `switch ${on ? "on" : ""}`, as: "Switch", desc, id, onclick, "data-checked": String(!!on) }, h("i"));

export const checkbox = (on, onclick, { desc, id } = {}) =>
  h("button", { class: `checkbox ${on ? "on" : ""}`, as: "CheckBox", desc, id, onclick, "data-checked": String(!!on) },
    on ? icon("check", { size: 18 }) : null);

export const radio = (label, on, onclick, id) =>
  h("div", { class: "row", as: "RadioButton", onclick, id, "data-checked": String(!!on) },
    h("span", { class: `radio ${on ? "on" : ""}` }), h("div", { class: "grow" }, text(label, "main")));

/** A text field. `onenter` is what the keyboard's action key does. */
export const field = ({ value, hint, id, oninput, onenter, type = "text", action = "done", style = "", multiline }) =>
  h(multiline ? "textarea" : "input", {
    class: `field ${style}`, as: "EditText", type: multiline ? undefined : type, value, hint, id, "data-action": action,
    autocomplete: "off", spellcheck: "false", oninput: (event) => oninput(event.target.value), onenter });

export const section = (title) => text(title, "section");
export const card = (...children) => h("div", { class: "card" }, children);
export const empty = (words) => h("div", { class: "empty" }, text(words));

export const tabs = (names, chosen, onpick) =>
  h("div", { class: "tabs" }, names.map(([name, label, shape]) =>
    h("button", { class: `tab ${name === chosen ? "on" : ""}`, id: `tab_${name}`, desc: label, onclick: () => onpick(name),
      "data-selected": String(name === chosen) }, icon(shape), text(label, "tiny"))));

export const stepper = (value, less, more, name) =>
  h("div", { class: "stepper" }, iconButton("minus", `Less ${name}`, less), text(value, "number", { id: `${name}_value` }),
    iconButton("add", `More ${name}`, more));

/** A question over the screen. Buttons: [label, what it does]. */
export const dialog = (title, body, buttons) =>
  h("div", { class: "shade" }, h("div", { class: "dialog", id: "dialog" }, text(title, "title"), body,
    h("div", { class: "ends" }, buttons.map(([label, act]) => button(label, act, { style: "flat" })))));

export const avatar = (name) => {
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  return h("div", { class: "avatar", style: `background:hsl(${hue} 45% 45%)` }, (name[0] ?? "?").toUpperCase());
};
