// Types a secret into the focused field of this frame, for devices/browser/secrets.py; null if the focus is elsewhere.
// Check and typing are one task: no script of the page, and no navigation, comes between them. Without `secret` it
// only describes the field. It runs in a separate world, like fields.js, and reads through prototypes as that does.
secret => {
  const read = name => Reflect.get(Document.prototype, name, document);
  if (!Document.prototype.hasFocus.call(document)) return null;
  let element = read("activeElement");
  while (element && !(element instanceof HTMLFormElement) && element.shadowRoot?.activeElement)
    element = element.shadowRoot.activeElement;
  if (!element || element instanceof HTMLIFrameElement || element instanceof HTMLFrameElement) return null;
  const typed = ["text", "search", "url", "tel", "email", "password", "number"];
  const input = element instanceof HTMLInputElement, area = element instanceof HTMLTextAreaElement;
  const takes = input ? typed.includes(element.type) : area || element.isContentEditable === true;
  const field = {
    origin: globalThis.origin, password: input && element.type === "password",
    takes: takes && !((input || area) && (element.readOnly || element.disabled)), typed: false, whole: false,
  };
  if (!secret || !field.takes || field.origin !== secret.origin || (secret.password && !field.password)) return field;
  field.typed = Document.prototype.execCommand.call(document, "insertText", false, secret.value);
  field.whole = (input || area ? element.value : element.textContent).includes(secret.value);
  return field;
}
