// What to do next on a page of MiniWoB++, read from the page as it is now.
//
// Loaded into a task's own page, alone or in a frame. `miniwob.next()` is the next action, or null when there is none
// left; every place is in CSS pixels of that page's viewport:
//   {action: "click", point: [x, y], box: [left, top, right, bottom]}    also move_to
//   {action: "drag", start: [x, y], end: [x, y], box}
//   {action: "scroll", point: [x, y], direction: "down", notches: 2, box}
//   {action: "type", text, box}    {action: "press", keys: "ctrl+a", box}
// `box` is the element that is meant. No oracle remembers anything, and those that look behind tabs, sections, folders
// or scroll bars look in reading order instead of knowing the place, so that the screen says what comes next. Two need
// more than the screen: click-button-sequence and ascending-numbers, whose numbers vanish at the first click.
window.miniwob = (() => {
  "use strict";
  const SIZES = { flight: [375, 667], simphone: [336, 448] }; // what of the page is shown
  const SIZE = SIZES[location.pathname.split("/")[1]] || [168, 224];
  const oracles = {}; // by task; the other files here add theirs
  const task = location.pathname.replace(/.*\/|\.html$/g, "");

  const said = () => core.getUtterance().utterance || core.getUtterance();
  const quoted = () => [...said().matchAll(/"([^"]*)"/g)].map((match) => match[1]);
  const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
  const one = (selector) => document.querySelector(selector);
  const text = (element) => element.textContent.replace(/\s+/g, " ").trim();
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const labelled = (selector, wanted) => all(selector).filter(shown).find((element) => text(element) === wanted);

  const box = (element) => {
    const { left, top, right, bottom } = element.getClientRects()[0]; // a link that wraps has more than one
    return [left, top, right, bottom].map(Math.round);
  };
  const middle = ([left, top, right, bottom]) => [Math.floor((left + right) / 2), Math.floor((top + bottom) / 2)];

  // The place nearest the middle of the element at which a click reaches it, or null when it is covered or out of view.
  const reachable = (element) => {
    const [left, top, right, bottom] = box(element);
    const [x, y] = middle([left, top, right, bottom]);
    const places = [[x, y]];
    const step = (side) => (SIZE[0] > 168 ? Math.max(2, side >> 3) : 2); // few places on a large screen: each is asked for
    for (let row = top + 1; row < bottom; row += step(bottom - top)) {
      for (let column = left + 1; column < right; column += step(right - left)) places.push([column, row]);
    }
    const far = ([column, row]) => Math.hypot(column - x, row - y);
    const hit = ([column, row]) => {
      const found = column < SIZE[0] && row < SIZE[1] ? document.elementFromPoint(column, row) : null;
      return found && (element === found || element.contains(found));
    };
    return hit(places[0]) ? places[0] : places.filter(hit).sort((a, b) => far(a) - far(b))[0] || null;
  };

  const scrolls = (element) =>
    element.scrollHeight > element.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(element).overflowY);

  // Turns the wheel over the box in which the element is out of view.
  const reveal = (element) => {
    let inside = element.parentElement;
    while (inside && !scrolls(inside)) inside = inside.parentElement;
    const frame = inside ? box(inside) : [0, 0, ...SIZE];
    const up = box(element)[1] < frame[1];
    return { action: "scroll", point: middle(frame), direction: up ? "up" : "down", notches: 1, box: frame };
  };
  // Brings a text that is longer than its box to its end or its beginning; null when it is there.
  const scrollTo = (area, end) => {
    const left = end ? area.scrollHeight - area.clientHeight - area.scrollTop : area.scrollTop;
    if (left < 2) return null;
    const notches = Math.min(50, Math.ceil(left / 100));
    return { action: "scroll", point: middle(box(area)), direction: end ? "down" : "up", notches, box: box(area) };
  };
  const on = (action, element) => {
    const point = reachable(element);
    return point ? { action, point, box: box(element) } : reveal(element);
  };
  const click = (element) => (element ? on("click", element) : null);
  const press = (keys, element) => ({ action: "press", keys, box: box(element) });

  // What brings a text field to hold a text; null when it does.
  const fill = (field, wanted) => {
    if (field.value === wanted) return null;
    if (document.activeElement !== field) return click(field);
    if (field.value && field.selectionEnd === null) return press("backspace", field); // a number field does not report it
    if (field.value && field.selectionEnd - field.selectionStart < field.value.length) return press("ctrl+a", field);
    return wanted ? { action: "type", text: wanted, box: box(field) } : press("delete", field);
  };
  const drag = (element, start, end) => ({ action: "drag", start, end, box: box(element) });
  const fillAll = (pairs) => pairs.map(([field, wanted]) => fill(field, wanted)).find(Boolean);

  // What brings a list to show an option. Its popup is not in the page, so it is chosen by typing its name.
  const choose = (list, wanted) => {
    if (text(list.selectedOptions[0] || list) === wanted) return null;
    return document.activeElement === list ? { action: "type", text: `${wanted}\n`, box: box(list) } : click(list);
  };
  const tick = (marks, wanted) => {
    const wrong = marks.find((mark) => mark.checked !== wanted(mark));
    return wrong ? click(wrong.closest("label") || wrong) : null;
  };
  const submit = () => click(one("#subbtn") || one("#submit") || labelled("button", "Submit"));

  const next = () => (WOB_DONE_GLOBAL || !oracles[task] ? null : oracles[task]());
  const tools = {
    size: SIZE, said, quoted, all, one, text, shown, labelled, box, middle, reachable, on, click, press, drag, fill, fillAll,
    scrollTo, choose, tick, submit,
  };
  return { task, oracles, tools, next };
})();
