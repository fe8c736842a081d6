// What has the keyboard focus in this frame, for devices/browser/fields.py: null where nothing in it has.
([wanted]) => {
  if (!document.hasFocus()) return null;
  let element = document.activeElement;
  while (element && element.shadowRoot && element.shadowRoot.activeElement) element = element.shadowRoot.activeElement;
  if (!element || element.tagName === "IFRAME" || element.tagName === "FRAME") return null;
  const editable = element.isContentEditable || document.designMode === "on";
  const tag = element.tagName, type = (element.type || "").toLowerCase();
  const pressed = ["button", "submit", "reset", "checkbox", "radio", "image", "file", "color", "range"];
  const plain = element === document.body || element === document.documentElement || tag === "A" || tag === "BUTTON";
  const takes_text = editable || !(plain || (tag === "INPUT" && pressed.includes(type)));
  const short = text => (text || "").replace(/\s+/g, " ").trim().slice(0, 60);
  const picked = tag === "SELECT" ? "list" : tag === "INPUT" && element.list ? "suggestions"
    : tag === "INPUT" && ["date", "time", "month", "week", "datetime-local", "color", "range"].includes(type) ? type : null;
  const all = picked === "list" ? [...element.options] : picked === "suggestions" ? [...element.list.options] : [];
  const told = { takes_text, picked, value: String(element.value ?? "").slice(0, 60), total: all.length,
    options: all.slice(0, 200).map(option => ({ label: short(option.label || option.text || option.value),
      chosen: picked === "list" && option.selected, disabled: option.disabled })) };
  if (wanted === null || picked === null) return told;
  const plainly = text => (text || "").replace(/\s+/g, " ").trim();
  const lower = text => plainly(text).toLowerCase();
  const before = element.value;
  if (picked === "list") {
    const open = all.filter(option => !option.disabled);
    const option = [option => plainly(option.label) === plainly(wanted), option => lower(option.label) === lower(wanted),
      option => option.value === wanted, option => lower(option.label).startsWith(lower(wanted))]
      .map(test => open.filter(test)).filter(found => found.length).map(found => found[0])[0];
    if (!option) return { ...told, refused: true };
    if (element.multiple) option.selected = true; else element.selectedIndex = all.indexOf(option);
    element.blur(); element.focus();  // closes a list that is open
  } else {
    const write = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
    write.call(element, wanted);
    if (picked !== "suggestions" && element.value !== wanted && Number(element.value) !== Number(wanted)) {
      write.call(element, before);
      return { ...told, refused: true };
    }
  }
  element.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
  return { ...told, done: true, value: picked === "list" ? short(element.selectedOptions[0]?.label) : element.value };
}
