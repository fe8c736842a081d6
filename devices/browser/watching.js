// Reports what a person does in this frame, for devices/browser/watching.py. It runs in a separate world, in which a page
// can neither call `report` nor replace anything, and reports only trusted events: those that a page makes itself are not.
// TOUCHED is the function of touching.js, REPORT the name of the binding that exists in this world alone.
(() => {
  if (globalThis.watching) return;
  globalThis.watching = true;
  const touched = TOUCHED;
  const send = globalThis.REPORT;
  const get = (type, name, object) => Reflect.get(type.prototype, name, object);
  const attribute = (element, name) => Element.prototype.getAttribute.call(element, name) || "";
  const PICKED = ["date", "time", "month", "week", "datetime-local", "color", "range"];
  const BUTTONS = ["left", "middle", "right"];
  const PASSES = ["Tab", "Enter", "Escape"];
  const NOTCH = 100;
  const known = new WeakSet();  // password fields, also while they show their text
  const typedInto = new WeakMap();
  const fields = new WeakMap();
  const field = element => fields.get(element)
    || fields.set(element, crypto.getRandomValues(new Uint32Array(2)).join("-")).get(element);
  const target = event => event.composedPath()[0];
  const picked = element => element instanceof HTMLSelectElement
    || (element instanceof HTMLInputElement && PICKED.includes(element.type));
  // What a script cannot look into may be a password field.
  const closed = element => element instanceof HTMLElement && element.localName.includes("-") && !element.shadowRoot;
  function secret(element) {
    if (known.has(element)) return true;
    const field = element instanceof HTMLInputElement;
    const is = closed(element) || (field && (element.type === "password"
      || /password|one-time-code|^cc-/.test(attribute(element, "autocomplete"))
      || /passw|pwd|passcode/i.test(attribute(element, "name") + " " + attribute(element, "id"))));
    if (is) known.add(element);
    return is;
  }
  function words(element) {
    try {
      const place = touched.call(element);
      return place ? [place.role, place.name].filter(Boolean).map(text => text.slice(0, 60)) : [];
    } catch { return []; }
  }
  const held = event => ["ctrl", "alt", "shift", "meta"].filter(name => event[name + "Key"]);
  const report = (event, kind, more) => {
    if (event.isTrusted) send(JSON.stringify({ kind, at: Date.now() / 1000, host: location.host, ...more }));
  };
  const at = event => ({ x: event.clientX, y: event.clientY });
  const on = (name, handler) => addEventListener(name, event => { if (event.isTrusted) handler(event, target(event)); },
    { capture: true, passive: true });

  on("mousedown", (event, element) => {
    if (event.button > 2) return;
    const scrollbar = element instanceof HTMLElement && element.clientWidth > 0
      && (event.offsetX > element.clientWidth + 1 || event.offsetY > element.clientHeight + 1)
      && getComputedStyle(element).overflow !== "visible";
    if (scrollbar) return;
    if (element instanceof Element) secret(element);
    report(event, "down", { ...at(event), button: BUTTONS[event.button], held: held(event), words: words(element) });
    if (element instanceof HTMLSelectElement) report(event, "up", at(event));  // its list takes the release
  });
  on("mouseup", event => report(event, "up", at(event)));
  on("dragend", event => report(event, "up", at(event)));
  // Only whole notches reach the page, so that playing them scrolls exactly as far: others are taken out and gathered,
  // and watching.py turns the wheel by whole notches instead.
  let across = 0, along = 0;
  addEventListener("wheel", event => {
    if (!event.isTrusted || event.ctrlKey) return;
    if (event.deltaMode === 0 && event.deltaX % NOTCH === 0 && event.deltaY % NOTCH === 0)
      return report(event, "wheel", { ...at(event), right: event.deltaX / NOTCH, down: event.deltaY / NOTCH });
    event.preventDefault();
    event.stopImmediatePropagation();
    const unit = event.deltaMode === 0 ? 1 : event.deltaMode === 1 ? NOTCH / 3 : NOTCH;
    across += event.deltaX * unit;
    along += event.deltaY * unit;
    const right = Math.trunc(across / NOTCH), down = Math.trunc(along / NOTCH);
    if (!right && !down) return;
    across -= right * NOTCH;
    along -= down * NOTCH;
    report(event, "turn", { ...at(event), right, down });
  }, { capture: true, passive: false });

  let announced = "";  // the character that the last key types
  function type(event, element, text) {
    if (!secret(element)) return report(event, "text", { text, words: words(element) });
    typedInto.set(element, (typedInto.get(element) || "") + text);
    if (closed(element)) report(event, "secret", { text: typedInto.get(element), field: field(element), words: words(element) });
  }
  on("keydown", (event, element) => {
    announced = "";
    if (event.isComposing || event.key === "Process" || event.key === "Dead") return;
    if (event.key === "\0") return;  // a character that no key of the layout has: it is reported when it is inserted
    const character = [...event.key].length === 1;
    const types = character && !event.metaKey && (event.getModifierState("AltGraph") || !(event.ctrlKey || event.altKey));
    if (types) {
      announced = event.key;
      if (!picked(element)) type(event, element, event.key);
      return;
    }
    if (character && event.ctrlKey && event.key.toLowerCase() === "v") return;  // reported as what is pasted
    if (secret(element) && (event.key === "Backspace" || event.key === "Delete")) {
      typedInto.set(element, (typedInto.get(element) || "").slice(0, -1));
      return;  // its whole value follows
    }
    if (picked(element) && !PASSES.includes(event.key)) return;  // its value follows
    report(event, "key", { key: event.key, held: held(event), words: words(element) });
  });
  on("beforeinput", (event, element) => {  // what no key announced: an input method, a list of emojis, a remapped key
    if (event.inputType === "insertText" && event.data && event.data !== announced) type(event, element, event.data);
    announced = "";
  });
  on("compositionend", (event, element) => { if (event.data) type(event, element, event.data); });
  on("paste", (event, element) => type(event, element, event.clipboardData?.getData("text") || ""));
  on("input", (event, element) => {
    if (typedInto.has(element) && !closed(element))
      report(event, "secret", { text: element.value, field: field(element), words: words(element) });
  });
  on("change", (event, element) => {
    if (!picked(element)) return;
    const chosen = element instanceof HTMLSelectElement ? [...element.selectedOptions].map(one => one.label) : [element.value];
    const place = element instanceof HTMLSelectElement ? "" : field(element);  // its value changes with each digit
    if (!element.multiple) report(event, "chosen", { text: chosen[0] || "", field: place, words: words(element) });
  });
})()
