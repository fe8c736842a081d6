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
  // Where the field's form sends it: a form that somebody else wrote into a page may name another site.
  const sends = new Set(), form = input || area ? element.form : null;
  const attribute = (node, name) => Element.prototype.getAttribute.call(node, name);
  const parts = form ? [...Reflect.get(HTMLFormElement.prototype, "elements", form)] : [];
  for (const address of form ? [attribute(form, "action"), ...parts.map(part => attribute(part, "formaction"))] : []) {
    const url = address && URL.canParse(address, document.baseURI) ? new URL(address, document.baseURI) : null;
    if (url && url.protocol !== "javascript:") sends.add(url.origin);
  }
  const field = {
    origin: globalThis.origin, sends: [...sends], password: input && element.type === "password",
    takes: takes && !((input || area) && (element.readOnly || element.disabled)), typed: false, whole: false,
  };
  if (!secret || !field.takes || field.origin !== secret.origin || (secret.password && !field.password)) return field;
  field.typed = Document.prototype.execCommand.call(document, "insertText", false, secret.value);
  field.whole = (input || area ? element.value : element.textContent).includes(secret.value);
  return field;
}
