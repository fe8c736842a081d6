// The focused element of this frame, for devices/browser/fields.py; null if there is none. It runs in a
// separate world, in which a page can replace nothing. But an element named like a property hides it in
// `document` and in a form, so the properties of these are read through their prototype.
wanted => {
  const read = name => Reflect.get(Document.prototype, name, document);
  if (!Document.prototype.hasFocus.call(document)) return null;
  let element = read("activeElement");
  while (element && !(element instanceof HTMLFormElement) && element.shadowRoot?.activeElement)
    element = element.shadowRoot.activeElement;
  if (!element) return null;
  if (element instanceof HTMLFormElement) return { takes_text: true };  // it can have the focus, as any element can
  const tag = element.tagName, type = (element.type || "").toLowerCase();
  if (tag === "IFRAME" || tag === "FRAME") return null;
  const editable = element.isContentEditable || read("designMode") === "on";
  const pressed = ["button", "submit", "reset", "checkbox", "radio", "image", "file", "color", "range"];
  const plain = element === read("body") || element === read("documentElement") || tag === "A" || tag === "BUTTON";
  const takes_text = editable || !(plain || (tag === "INPUT" && pressed.includes(type)));
  const pickers = ["date", "time", "month", "week", "datetime-local", "color", "range"];
  const picked = tag === "SELECT" ? "list" : tag !== "INPUT" ? null : element.list ? "suggestions"
    : pickers.includes(type) ? type : null;
  if (picked === null) return { takes_text };

  const plainly = text => (text || "").replace(/\s+/g, " ").trim();
  const named = option => plainly(option.label || option.text || option.value);
  const short = text => text.slice(0, 60);
  const all = picked === "list" ? element.options : picked === "suggestions" ? element.list.options : [];
  const options = [];
  let total = 0;
  for (const option of all) {
    if (option.hidden || option.matches(":disabled")) continue;
    total++;
    const group = option.parentElement instanceof HTMLOptGroupElement ? plainly(option.parentElement.label) : "";
    if (options.length < 100) options.push({ label: short(named(option)), group: short(group) });
  }
  const report = () => ({ takes_text, picked, total, options, several: picked === "list" && element.multiple,
    value: picked === "list" ? "" : String(element.value).slice(0, 60),
    chosen: picked === "list" ? [...element.selectedOptions].slice(0, 20).map(option => short(named(option))) : [] });
  if (wanted === null) return report();

  if (picked === "list") {
    const lower = text => plainly(text).toLowerCase(), asked = plainly(wanted), loosely = lower(wanted);
    const grouped = option => `${plainly(option.parentElement?.label)}: ${named(option)}`;
    const tests = [option => named(option) === asked, option => grouped(option) === asked,
      option => lower(named(option)) === loosely, option => lower(grouped(option)) === loosely,
      option => option.value === wanted, option => lower(named(option)).startsWith(loosely)];
    const open = [...all].filter(option => !option.hidden && !option.matches(":disabled"));
    const option = tests.reduce((found, test) => found ?? open.find(test), undefined);
    if (!option) return { ...report(), refused: true };
    if (element.multiple) option.selected = !option.selected; else element.selectedIndex = option.index;
    element.blur(); element.focus();  // closes a list that is open
  } else {
    const before = element.value;
    element.value = wanted;  // as of this world, so that a page's own accessor notices no change before the events
    if (picked !== "suggestions" && element.value !== wanted && Number(element.value) !== Number(wanted)) {
      element.value = before;
      return { ...report(), refused: true };
    }
  }
  element.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
  return report();
}
