// Elements out of plain calls, and a redraw that keeps what has not changed: focus, caret, scroll positions.

const HANDLERS = ["onclick", "oninput", "onchange", "onhold", "onmousedown", "onenter", "onblur"];
const ATTRIBUTES = { id: "data-id", as: "data-as", desc: "aria-label", hint: "placeholder" };

/** An element. Props: class, id (resource-id), as (Android class), desc (content-desc), hint, handlers, attributes. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (HANDLERS.includes(name)) element[name] = value;
    else if (name === "value") element.value = value;
    else if (name === "html") element.innerHTML = value;
    else element.setAttribute(ATTRIBUTES[name] ?? name, value === true ? "" : value);
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child);
  }
  return element;
}

/** Makes `old` look like `next` with as few changes as needed. */
export function morph(old, next) {
  if (old.nodeType !== next.nodeType || old.nodeName !== next.nodeName || key(old) !== key(next)) {
    old.replaceWith(next);
    return;
  }
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== next.data) old.data = next.data;
    return;
  }
  for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of next.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const name of HANDLERS) old[name] = next[name];
  if ("value" in old && old.value !== next.value) old.value = next.value;
  const before = [...old.childNodes];
  const after = [...next.childNodes];
  after.forEach((child, at) => (before[at] ? morph(before[at], child) : old.append(child)));
  before.slice(after.length).forEach((child) => child.remove());
}

const key = (node) => node.dataset?.key ?? "";
