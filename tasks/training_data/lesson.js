// A lesson on a page: the page some steps into its task, what was done until there, and what to do next.
//
// Needs `window.miniwob` of tasks/miniwob/oracles/page.js in the same page. A page of ours brings its own
// `window.practice`: `start(chance)`, `before()`, `said()`, `next()`, `over()`, `others(chance)`; MiniWoB++'s get one here.
window.lesson = (() => {
  "use strict";
  const { tools } = miniwob;
  const FOCUS = "lesson-focus", MOST_STEPS = 20, MOST_OTHERS = 6, MOST_LISTED = 8, MOST_SELECTED = 3;
  const [WIDTH, HEIGHT] = tools.size, LONGEST = 16;
  const AT_THE_END = 0.25; // how often a lesson is about what a task's last screen says, beside those that fall there
  const CHECKED = "\u2611", UNCHECKED = "\u2610", FOCUSED = "\u258f", HIDDEN = "\u2022";

  // A seeded source of choices: FNV-1a of the seed, then mulberry32.
  const chances = (seed) => {
    let state = 2166136261;
    for (const letter of seed) state = Math.imul(state ^ letter.charCodeAt(0), 16777619);
    const next = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    const below = (count) => Math.floor(next() * count);
    const one = (list) => list[below(list.length)];
    const shuffled = (list) => {
      const out = list.slice();
      for (let last = out.length - 1; last > 0; last--) {
        const other = below(last + 1);
        [out[last], out[other]] = [out[other], out[last]];
      }
      return out;
    };
    return { next, below, one, shuffled };
  };

  // Events by hand: in a tile there is no pointer and at most one tile has the keyboard.
  const mouse = (element, kind) =>
    element.dispatchEvent(new MouseEvent(kind, { bubbles: true, cancelable: true, view: window }));
  const perform = {
    click({ point }) {
      const element = document.elementFromPoint(...point);
      mouse(element, "mousedown");
      const field = element.closest("input, textarea, select, button, a[href], [tabindex]");
      if (field) field.focus({ preventScroll: true });
      else if (document.activeElement) document.activeElement.blur();
      mouse(element, "mouseup");
      element.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
    },
    type({ text }) {
      const field = document.activeElement;
      if (field.tagName === "SELECT") {
        const typed = text.trim().toLowerCase();
        field.value = [...field.options].find((option) => option.text.toLowerCase().startsWith(typed)).value;
      } else if (field.selectionEnd === null) { // an e-mail field does not report its selection
        field.value += text;
      } else {
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      }
      for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
    },
    press({ keys }) {
      if (keys === "ctrl+a") document.activeElement.select();
    },
    scroll({ point, direction, notches }) {
      let box = document.elementFromPoint(...point);
      while (box && box.scrollHeight <= box.clientHeight + 1) box = box.parentElement;
      if (box) box.scrollTop += (direction === "up" ? -100 : 100) * notches;
    },
  };

  // A class draws the focus, because only one tile at a time can really have it.
  const focusStyles = () => {
    const rules = [`.${FOCUS} { outline: -webkit-focus-ring-color auto 1px; }`];
    for (const sheet of document.styleSheets) {
      for (const rule of sheet.cssRules) {
        if (rule.selectorText && rule.selectorText.includes(":focus")) {
          rules.push(rule.cssText.replace(/:focus(-visible)?/g, `.${FOCUS}`));
        }
      }
    }
    const style = document.createElement("style");
    style.textContent = rules.join("\n");
    document.head.append(style);
  };
  const showFocus = () => {
    for (const was of document.querySelectorAll(`.${FOCUS}`)) was.classList.remove(FOCUS);
    const field = document.activeElement;
    if (field && field.matches("input:not([type=checkbox]):not([type=radio]), textarea")) field.classList.add(FOCUS);
  };

  // The visible text: a list of words, each a list of [letter, x, y] with the letter's middle. A word counts
  // as in view when its middle is.
  const inside = ([, x, y]) => x >= 0 && y >= 0 && x < WIDTH && y < HEIGHT;
  const visible = ([element, letters]) => {
    const middle = letters[letters.length >> 1];
    const hit = inside(middle) ? document.elementFromPoint(middle[1], middle[2]) : null;
    return Boolean(hit) && element.contains(hit);
  };
  const printed = () => {
    const found = [], range = document.createRange();
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement: element } = texts.currentNode;
      if (!tools.shown(element) || element.matches("script, style, textarea, select, select *")) continue;
      for (const { 0: word, index } of data.matchAll(/\S+/g)) {
        found.push([element, [...word].map((letter, at) => {
          range.setStart(texts.currentNode, index + at);
          range.setEnd(texts.currentNode, index + at + 1);
          const { left, top, width, height } = range.getBoundingClientRect();
          return [letter, left + width / 2, top + height / 2];
        })]);
      }
    }
    return found;
  };
  // A field's text is in no text node: where its letters are is computed from the font.
  const pen = document.createElement("canvas").getContext("2d");
  const inFields = () => tools.all("input, select").filter(tools.shown).flatMap((field) => {
    const { left, top, width, height } = field.getBoundingClientRect(), look = getComputedStyle(field);
    if (/checkbox|radio/.test(field.type)) {
      return [[field, [[field.checked ? CHECKED : UNCHECKED, left + width / 2, top + height / 2]]]];
    }
    const text = field.matches("select") ? (field.size > 1 ? "" : tools.text(field.selectedOptions[0] || field))
      : field.type === "password" ? HIDDEN.repeat(field.value.length) : field.value;
    pen.font = `${look.fontSize} ${look.fontFamily}`;
    const upTo = (end) => pen.measureText(text.slice(0, end)).width;
    const start = /button|submit/.test(field.type) ? left + (width - upTo(text.length)) / 2
      : left + parseFloat(look.borderLeftWidth) + parseFloat(look.paddingLeft);
    const words = [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => [field, [...word].map((letter, at) =>
      [letter, start + (upTo(index + at) + upTo(index + at + 1)) / 2, top + height / 2])]);
    return field.classList.contains(FOCUS) ? [...words, [field, [[FOCUSED, left + 4, top + height / 2]]]] : words;
  });
  const read = () => [...printed(), ...inFields()].filter(visible).map(([, letters]) =>
    letters.filter(inside).map(([letter, x, y]) => [letter, Math.floor(x), Math.floor(y)]));
  // Questions about the page as it is: what is written at a place, checked, selected, listed, and where the focus is.
  const inOrder = (elements) => elements.filter(tools.shown).filter(tools.reachable).sort((a, b) => {
    const [left, top] = tools.box(a), [otherLeft, otherTop] = tools.box(b);
    return top - otherTop || left - otherLeft;
  });
  const labels = (kind) => inOrder(tools.all(`label:has(input[type=${kind}])`));
  const marked = (found) =>
    found.filter((label) => label.querySelector("input").checked).map(tools.text).join(", ") || "none";
  const toTell = (words, chance) => {
    const longer = words.filter((word) => word.length > 1 && word.length <= LONGEST);
    const boxes = labels("checkbox"), choices = labels("radio"), [list] = tools.all("select").filter(tools.shown);
    const listed = inOrder([...boxes, ...choices, ...tools.all("#area li > span, .alink")]).map(tools.text);
    const questions = tools.all(`.${FOCUS}`).map((field) => ["Click on the focused field.", tools.click(field)]);
    const answered = (asked, text) => questions.push([asked, { action: "answer", text }]);
    if (longer.length) {
      const word = chance.one(longer), [, x, y] = word[word.length >> 1];
      questions.push([`What is written at [${x}, ${y}]?`,
        { action: "answer", text: word.map(([letter]) => letter).join(""), point: [x, y] }]);
    }
    if (boxes.length) answered("Which boxes are checked?", marked(boxes));
    if (choices.length) answered("What is selected?", marked(choices));
    else if (list) answered("What is selected?", tools.text(list.selectedOptions[0]));
    if (listed.length > 1 && listed.length <= MOST_LISTED) answered("What is listed?", listed.join(", "));
    return questions;
  };

  // One-step questions about whatever can be clicked on a MiniWoB++ page, in the benchmark's own words.
  const words = (element) => tools.text(element);
  const unique = (elements) => {
    const shown = elements.filter(tools.shown).filter((element) => words(element));
    return shown.filter((element) => shown.filter((other) => words(other) === words(element)).length === 1);
  };
  const asked = (selector, ask) => unique(tools.all(selector)).map((element) => [ask(words(element)), element]);
  const numbered = () => {
    const fields = tools.all("#area input[type=text]").filter(tools.shown);
    return fields.length < 2 ? [] : fields.slice(0, 3).map((field, at) =>
      [`Focus into the ${["1st", "2nd", "3rd"][at]} input textbox.`, field]);
  };
  const marks = () => unique(tools.all("#area label")).filter((label) => label.querySelector("input")).map((label) =>
    [`Click on "${words(label)}".`, label.querySelector("input")]);
  const kinds = () => [...new Map(tools.all("#area [data-type]").map((element) => [element.dataset.type, element]))].map(
    ([kind, element]) => [`Click on a "${kind}" widget.`, element]);
  const colours = () => tools.all("#area .color").map((element) =>
    [`Click on the ${element.getAttribute("data-color")} colored box.`, element]);
  const inDialog = (name) => `Click the button in the dialog box labeled "${name}".`;
  const dialog = () => {
    const close = tools.one(".ui-dialog-titlebar-close");
    return [...asked(".ui-dialog-buttonset button", inDialog), ...(close ? [[inDialog("x"), close]] : [])];
  };
  // What the oracle would do on this very screen if the task were about other names, in view or hidden.
  const instead = (chance) => {
    const query = tools.one("#query"), asked = query.innerHTML, said = tools.said();
    const boxes = labels("checkbox"), choices = labels("radio");
    const every = tools.all(".alink, #tree span").map(words);
    const names = every.filter((name) => name && every.indexOf(name) === every.lastIndexOf(name));
    const some = () => (choices.length ? [chance.one(choices)] : boxes.filter(() => chance.next() < 0.5)).map(words).join(", ");
    const others = (boxes.length || choices.length) && /^Select .* and click Submit\.$/.test(said)
      ? [...new Set(Array.from({ length: MOST_SELECTED }, () => `Select ${some() || "nothing"} and click Submit.`))]
      : chance.shuffled(names).slice(0, MOST_OTHERS).map((name) => said.replace(/"[^"]*"/, `"${name}"`));
    const answered = others.map((other) => {
      query.textContent = other;
      return [other, miniwob.next()];
    });
    query.innerHTML = asked;
    return answered.filter(([, action]) => action && action.action === "click");
  };
  const everything = () => [
    ...asked("#area button, #area [type=submit]", (name) => (/^(ONE|TWO)$/.test(name) ? `Click button ${name}.` : `Click on the "${name}" button.`)),
    ...asked(".ui-tabs-anchor", (name) => `Click on ${name}.`),
    ...dialog(), ...numbered(), ...marks(), ...kinds(), ...colours(),
  ];
  // The end of a task, as a message on the page shows it: the box is where to look.
  const finish = (message, success) =>
    ({ action: "finish", status: success ? "success" : "failure", box: tools.box(message) });
  const clicks = (pairs) => pairs.map(([ask, element]) => [ask, tools.click(element)]).filter(
    ([, action]) => action && action.action === "click");

  const bench = {
    start(chance, seed) {
      Math.seedrandom(seed);
      core.EPISODE_MAX_TIME = 1e7;
      if (window.$) $.fx.off = true;
      core.startEpisodeReal();
    },
    before: () => [],
    said: () => tools.said(),
    next: () => miniwob.next(),
    over: () => WOB_DONE_GLOBAL,
    others: (chance) => [...instead(chance), ...chance.shuffled(clicks(everything())).slice(0, MOST_OTHERS)],
  };
  const page = window.practice || bench;
  Object.assign(perform, page.perform);

  const restart = (seed) => {
    if (document.activeElement) document.activeElement.blur();
    page.start(chances(seed), seed);
  };
  const count = () => {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const action = page.next();
      if (!action || !perform[action.action]) return { steps, ends: false };
      perform[action.action](action);
      if (page.over()) return { steps: steps + 1, ends: true };
    }
    return { steps: 0, ends: true };
  };
  const draw = (seed) => {
    const chance = chances(`${seed}/lesson`);
    restart(seed);
    const { steps, ends } = count();
    restart(seed);
    const done = [];
    const until = !ends && chance.next() < AT_THE_END ? steps : chance.below(ends ? Math.max(steps, 1) : steps + 1);
    while (done.length < until) {
      const action = page.next();
      perform[action.action](action);
      done.push(action);
    }
    showFocus();
    const query = document.getElementById("query"); // some of MiniWoB++'s look-alikes show what is asked
    if (query) query.style.setProperty("visibility", chance.next() < 0.3 ? "visible" : "hidden", "important");
    const next = page.next() || { action: "finish", status: "success" };
    const letters = read();
    const others = [...toTell(letters, chance), ...page.others(chance)];
    return { said: page.said(), done: [...page.before(), ...done], next, others, letters: letters.flat() };
  };

  focusStyles();
  return { draw, chances, clicks, finish };
})();
