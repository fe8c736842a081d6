// What input touches in this frame, for devices/browser/touching.py: the element that this function is called on, or
// with `keys` the focused one; null if there is none. `chosen` is the option that a list is about to show. With `wanted`,
// a role and a name, it is each element that has them. `compared` adds what only learned runs compare. It runs in a
// separate world, in which a page can replace nothing. But an element named like a property hides it in `document` and in
// a form, so properties are read through prototypes.
function ({ keys, chosen, wanted, compared } = {}) {
  const get = (type, name, object) => Reflect.get(type.prototype, name, object);
  const of = (type, name) => (object, ...given) => type.prototype[name].call(object, ...given);
  const attribute = of(Element, "getAttribute"), matches = of(Element, "matches"), all = of(Element, "querySelectorAll");
  const contains = of(Node, "contains");
  const LONGEST = 1000, CONTROL = 300, AROUND = 300, DIALOG = 600, LEVELS = 12, INSIDE = 20, CLOSE = 48, OPTIONS = 5000,
    MANY = 100;
  const ACTIVE = "button,a[href],area[href],input,select,textarea,summary,label,option,[role=button],[role=link],"
    + "[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=tab],[role=checkbox],[role=radio],"
    + "[role=switch],[role=option],[role=treeitem],[onclick],[tabindex],[contenteditable]";
  const DIALOGS = "dialog,[role=dialog],[role=alertdialog],[aria-modal=true]";
  const HEADINGS = "h1,h2,h3,h4,h5,h6,legend,caption,[role=heading]";
  const SECTIONS = "section,nav,aside,fieldset,[role=region],[role=group],[role=navigation],[role=tabpanel]";
  const PRESSES = ["button", "submit", "reset", "image", "checkbox", "radio", "file", "color", "range"];
  const clean = text => (text || "").replace(/\s+/g, " ").trim();
  const parent = node => {
    const up = node.assignedSlot || get(Node, "parentNode", node);
    return up instanceof ShadowRoot ? up.host : up instanceof Element ? up : null;
  };
  const ancestors = function* (element) {
    for (let level = 0; element && level < LEVELS; level++, element = parent(element)) yield element;
  };
  const rendered = element => clean((element instanceof HTMLElement
    ? get(HTMLElement, "innerText", element) : get(Node, "textContent", element))).slice(0, LONGEST);
  const byIds = (element, name) => (attribute(element, name) || "").split(/\s+/).filter(Boolean).slice(0, 5)
    .map(id => Document.prototype.getElementById.call(document, id)).filter(Boolean).map(rendered);
  const drawn = element => ["::before", "::after"].map(part => {
    const content = getComputedStyle(element, part).content;
    return /^["']/.test(content) ? content.slice(1, -1) : "";
  });
  const path = text => { try { return decodeURIComponent(new URL(text, document.baseURI).pathname); } catch { return ""; } };
  const password = element => element instanceof HTMLInputElement && (element.type === "password"
    || /password|one-time-code|^cc-/.test(attribute(element, "autocomplete") || ""));
  const labels = element => [...(element.labels || [])].slice(0, 5).map(rendered);
  const isForm = element => element instanceof HTMLFormElement;

  // Each text of an element itself, as far as it is rendered or described.
  function own(element) {
    if (isForm(element)) return [];
    const said = ["aria-label", "title", "alt", "placeholder", "aria-description"].map(name => attribute(element, name));
    said.push(...byIds(element, "aria-labelledby"), ...byIds(element, "aria-describedby"), ...drawn(element));
    for (const inside of [...all(element, "*")].slice(0, INSIDE)) {
      said.push(...["aria-label", "title", "alt"].map(name => attribute(inside, name)), ...drawn(inside));
      if (inside.localName === "title") said.push(get(Node, "textContent", inside));
    }
    for (const name of ["href", "formaction"]) if (attribute(element, name)) said.push(path(attribute(element, name)));
    said.push(...labels(element));
    if (password(element)) said.push("password credentials");
    else if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) said.push(element.value);
    else if (element instanceof HTMLSelectElement) said.push(...[...element.selectedOptions].map(rendered));
    else if (matches(element, ACTIVE)) said.push(rendered(element));
    else {  // what lies under a point and is no control: only its own text, not that of everything inside
      const text = rendered(element);
      if (text.length <= CONTROL) said.push(text);
    }
    if (element.localName === "label" && element.control) said.push(...own(element.control));
    return said;
  }

  // Of a text that is too long, a number that tells it from others where that is asked for; none of a whole page's.
  const digest = box => compared && !isBlank(box) ? `#${[...clean(get(Node, "textContent", box))].reduce(
    (sum, sign) => (31 * sum + sign.codePointAt(0)) >>> 0, 7).toString(16)}` : "";

  // The first text around an element that is no control's own: of its row, its box, its dialog; on a page, what is close.
  function around(element) {
    const here = Element.prototype.getBoundingClientRect.call(element);
    const close = node => {
      const range = document.createRange();
      range.selectNode(node);
      const there = range.getBoundingClientRect();
      return Math.max(there.left - here.right, here.left - there.right) <= CLOSE
        && Math.max(there.top - here.bottom, here.top - there.bottom) <= CLOSE;
    };
    const plain = (box, limit) => {
      const whole = box === get(Document, "body", document) || box === document.documentElement;
      if ((get(Node, "textContent", box) || "").length > 20 * limit) return null;
      const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), said = [];
      let length = 0;
      for (let node = walker.nextNode(); node && length <= limit; node = walker.nextNode()) {
        const holder = node.parentElement, text = clean(node.data);
        if (!text || !holder || contains(element, node) || /^(script|style|noscript)$/.test(holder.localName)) continue;
        const control = Element.prototype.closest.call(holder, ACTIVE);
        if ((control && control !== element && !contains(control, element)) || !holder.checkVisibility()) continue;
        if ([...(element.labels || [])].includes(control)) continue;
        if (whole && !close(node)) continue;
        said.push(text);
        length += text.length;
      }
      return length > limit ? null : said.join(" ");
    };
    const found = [];
    for (const box of ancestors(parent(element))) {
      if (found.length === 0) {
        const text = plain(box, AROUND);
        if (text !== "") found.push(text ?? digest(box));
      }
      if (!isForm(box) && matches(box, DIALOGS)) {
        found.push(attribute(box, "aria-label"), ...byIds(box, "aria-labelledby"), plain(box, DIALOG));
        break;
      }
    }
    return found;
  }

  // The headings that an element is under, nearest first, also those of the frame that it is in: what precedes one of its
  // ancestors and is a heading, or looks like one. Where nothing else tells what an element is about (`alone`), such as a
  // day of a calendar, it is the nearest text before it. Nodes of an outer frame are no instances of this frame's classes.
  function headings(element, alone) {
    const found = [], type = node => get(Node, "nodeType", node);
    const up = node => {
      const above = get(Element, "assignedSlot", node) || get(Node, "parentNode", node);
      if (!above || type(above) === Node.ELEMENT_NODE) return above;
      try {
        return type(above) === Node.DOCUMENT_NODE ? get(Document, "defaultView", above).frameElement : above.host || null;
      } catch {
        return null;  // the outer frame is of another site
      }
    };
    const rank = one => Number(/^h([1-6])$/.exec(one.localName)?.[1] || attribute(one, "aria-level") || 7);
    const plain = one => {
      const text = clean(get(Node, "textContent", one));
      if (!/[\p{L}\p{N}]/u.test(text) || text.length > 80) return false;
      if (type(one) === Node.TEXT_NODE) return true;
      return type(one) === Node.ELEMENT_NODE && of(Element, "checkVisibility")(one) && !matches(one, ACTIVE)
        && !all(one, ACTIVE).length && !/^(script|style|noscript)$/.test(one.localName);
    };
    const heading = one => {
      if (matches(one, HEADINGS)) return one;
      const text = clean(get(Node, "textContent", one)), inside = all(one, HEADINGS)[0];
      const height = node => Element.prototype.getBoundingClientRect.call(node).height;
      if (inside) return one.localName === "header" || height(one) <= 2 * height(inside) ? inside : null;
      if (!/\p{L}/u.test(text) || !plain(one)) return null;
      const shown = [...all(one, "*")].filter(each => clean(get(Node, "textContent", each)) === text).at(-1) || one;
      const style = getComputedStyle(shown), around = getComputedStyle(parent(one) || one);
      return parseFloat(style.fontSize) > parseFloat(around.fontSize) || style.fontWeight > around.fontWeight ? one : null;
    };
    for (let node = element; node && found.length < LEVELS; node = up(node)) {
      let least = 8;
      for (let before = node, steps = 0; before && steps < MANY; steps++) {
        before = get(Element, "previousElementSibling", before);
        const one = before && of(Element, "checkVisibility")(before) && heading(before);
        if (!one || rank(one) >= least) continue;
        least = rank(one);
        found.push(clean(get(Node, "textContent", one)).slice(0, 120));
      }
      if (node !== element && matches(node, SECTIONS) && attribute(node, "aria-label")) found.push(attribute(node, "aria-label"));
    }
    for (let node = element; alone && node && !found.length; node = up(node)) {
      const before = one => get(Node, "previousSibling", one);
      for (let one = before(node), steps = 0; one && !found.length && steps < MANY; one = before(one), steps++)
        if (plain(one)) found.push(clean(get(Node, "textContent", one)));
    }
    return found;
  }

  // The control that Enter in a text field presses: its form's first submit button, or one beside it.
  function entered(element) {
    const form = element.form;
    if (form) {
      const parts = [...get(HTMLFormElement, "elements", form)];
      const button = parts.find(part => !part.disabled && ((part instanceof HTMLButtonElement && part.type === "submit")
        || (part instanceof HTMLInputElement && ["submit", "image"].includes(part.type))));
      return [button ? own(button) : [], path(attribute(form, "action") || "")].flat();
    }
    for (const box of ancestors(parent(element))) {
      if ((get(Node, "textContent", box) || "").length > LONGEST) break;
      const buttons = isForm(box) ? [] : [...all(box, "button,[role=button]")].slice(0, 5);
      if (buttons.length) return buttons.flatMap(own);
    }
    return [];
  }

  function focused() {
    if (!Document.prototype.hasFocus.call(document)) return null;
    let element = get(Document, "activeElement", document);
    while (element && !isForm(element) && element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element && /^i?frame$/.test(element.localName) ? null : element;
  }

  // What decides about the effect of pressing an element; pressing a radio button that is on changes nothing.
  function state(element) {
    const one = (element.localName === "label" && element.control) || element, aria = name => attribute(one, name);
    const said = [];
    if (one instanceof HTMLInputElement && one.type === "checkbox") said.push(one.checked ? "on" : "off");
    else if (one.localName !== "input" && aria("role") !== "radio" && aria("role") !== "menuitemradio")
      for (const name of ["aria-checked", "aria-pressed"])
        if (aria(name)) said.push({ true: "on", false: "off" }[aria(name)] || aria(name));
    const details = one.localName === "summary" && parent(one);
    if (details instanceof HTMLDetailsElement) said.push(details.open ? "open" : "closed");
    else if (aria("aria-expanded")) said.push(aria("aria-expanded") === "true" ? "open" : "closed");
    if (matches(one, ":disabled") || aria("aria-disabled") === "true") said.push("disabled");
    return said.join(" ");
  }

  // The text that a field keeps if something is typed now: its own, without what is selected.
  function kept(element) {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement) {
      const { value, selectionStart: from, selectionEnd: to } = element;
      const rest = from === null ? value : value.slice(0, from) + value.slice(to);
      return password(element) ? (rest && "a password") : rest;
    }
    if (isForm(element) || !element.isContentEditable) return "";
    const selected = getSelection().toString();
    return clean(get(Node, "textContent", element)) === clean(selected) ? "" : get(Node, "textContent", element);
  }

  const isBlank = element => element === get(Document, "body", document) || element === document.documentElement;

  // An element's kind and its name for a person.
  function identity(element) {
    const role = isForm(element) ? "" : attribute(element, "role") || {
      A: "link", AREA: "link", BUTTON: "button", SELECT: "list", TEXTAREA: "text field", SUMMARY: "button", IMG: "picture",
      INPUT: password(element) ? "password field" : PRESSES.includes(element.type) ? (element.type === "submit"
        || element.type === "image" || element.type === "reset" ? "button" : element.type) : "text field",
    }[element.tagName] || (!isForm(element) && element.isContentEditable ? "text field" : "");
    const button = element instanceof HTMLInputElement && ["submit", "button", "reset"].includes(element.type);
    const names = isForm(element) || isBlank(element) ? [] : [attribute(element, "aria-label"), ...byIds(element, "aria-labelledby"),
      ...labels(element), button ? element.value : "", attribute(element, "placeholder"),
      role.endsWith("field") ? "" : rendered(element), attribute(element, "alt"), attribute(element, "title"),
      ...drawn(element)];
    return { role, name: clean(names.find(name => clean(name))).slice(0, 120) };
  }

  function described(element, said, byKeys) {
    const blank = isBlank(element);
    const inside = isForm(element) || blank ? null : Element.prototype.getBoundingClientRect.call(element);
    let box = null;
    if (inside) {
      let left = inside.left, top = inside.top, view = window;
      try {
        for (; view.frameElement; view = view.parent) {
          const frame = view.frameElement.getBoundingClientRect();
          left += frame.left + view.frameElement.clientLeft;
          top += frame.top + view.frameElement.clientTop;
        }
      } catch { view = null; }
      const shown = visualViewport;
      if (view && view === view.top && view === window)
        box = [(left - shown.offsetLeft) * shown.scale, (top - shown.offsetTop) * shown.scale,
          (left + inside.width - shown.offsetLeft) * shown.scale, (top + inside.height - shown.offsetTop) * shown.scale];
      else if (view && view === view.top) box = [left, top, left + inside.width, top + inside.height];
    }
    const here = location.protocol === "about:" ? (origin === "null" ? location.ancestorOrigins[0] || "" : origin) + "/"
      : location.href;
    const flat = list => clean(list.filter(Boolean).join(" | ")).slice(0, 4 * LONGEST);
    const near = blank ? "" : flat(around(element));
    const apart = byKeys && !blank && !isForm(element) && element.localName !== "html" && !element.shadowRoot
      && !(matches(element, ACTIVE) || element.isContentEditable || matches(element, "audio,video,object,embed,dialog"));
    return {
      apart, address: here === "/" ? location.href : here, ...identity(element),
      words: flat([...said, ...(blank ? [] : own(element))]), near, box,
      ...(compared && !blank && {
        headings: isForm(element) ? "" : headings(element, !near).join(" | "), state: isForm(element) ? "" : state(element),
        kept: clean(kept(element)).slice(0, AROUND),
      }),
    };
  }

  // Each element that a point of it would find, with this role and name.
  function named() {
    const root = document.documentElement, found = new Set(all(root, ACTIVE));
    for (const one of all(root, "img,canvas,svg,input")) found.add(one);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode())
      if (clean(node.data) && node.parentElement && !Element.prototype.closest.call(node.parentElement, ACTIVE))
        found.add(node.parentElement);
    const seen = one => one.checkVisibility({ visibilityProperty: true });
    const same = one => { const { role, name } = identity(one); return role === wanted.role && name === wanted.name; };
    return [...found].filter(one => !isForm(one) && seen(one) && same(one)).slice(0, MANY)
      .map(one => described(one, [], false)).filter(({ box }) => box && box[2] > box[0] && box[3] > box[1]);
  }

  if (wanted) return named();
  let element = keys === undefined ? this : focused();
  if (element && !(element instanceof Element)) element = parent(element);
  if (!element) return null;
  const said = [];
  if (keys !== undefined) {
    const last = keys[keys.length - 1], editable = element.isContentEditable
      || (element instanceof HTMLInputElement && !PRESSES.includes(element.type)) || element instanceof HTMLTextAreaElement;
    const lower = text => clean(text).toLowerCase();
    if (element instanceof HTMLSelectElement)
      for (const option of [...element.options].slice(0, OPTIONS))
        if (chosen === null || option.value === chosen || lower(option.label || option.text)
            .startsWith(lower(chosen)) || lower(chosen).endsWith(lower(option.label || option.text)))
          said.push(option.label || option.text);
    if (element instanceof HTMLInputElement && element.type === "radio")
      for (const other of Document.prototype.querySelectorAll.call(document, "input[type=radio]"))
        if (other.name === element.name) said.push(...own(other));
    if (last === "enter" && editable && !isForm(element)) said.push(...entered(element));
    if (keys.length > 1 && last.length === 1)
      for (const one of Document.prototype.querySelectorAll.call(document, "[accesskey]"))
        if (attribute(one, "accesskey").toLowerCase().split(/\s+/).includes(last)) said.push(...own(one));
  } else {
    for (const one of ancestors(element)) if (!isForm(one) && matches(one, ACTIVE)) { element = one; break; }
  }
  return described(element, said, keys !== undefined);
}
