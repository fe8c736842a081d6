// The rectangles in which this frame shows one of these texts, for devices/browser/secrets.py, in pixels of the frame's
// visible part. A field that holds one is covered as a whole; a password field shows dots. Texts are found across
// elements, in either case, and those of `spaced` letters also with spaces between them. It runs in a separate world,
// and reads through prototypes, like fields.js.
(texts, spaced) => {
  const invisible = /[\s\u00ad\u200b-\u200d\u2060\ufeff]/g;
  const read = (text, loose) => loose ? text.toLowerCase().replace(invisible, "") : text.toLowerCase();
  const wanted = texts.map(text => ({ text: read(text, text.length >= spaced), loose: text.length >= spaced }));
  const holds = text => wanted.some(one => read(String(text), one.loose).includes(one.text));
  const view = globalThis.visualViewport, found = [];
  const cover = box => box.width > 0 && box.height > 0 && found.push([
    (box.left - view.offsetLeft) * view.scale, (box.top - view.offsetTop) * view.scale,
    (box.right - view.offsetLeft) * view.scale, (box.bottom - view.offsetTop) * view.scale]);
  const seen = { visibilityProperty: true, opacityProperty: true };
  const visible = element => element !== null && Element.prototype.checkVisibility.call(element, seen);
  const parts = [];
  let whole = "";

  const held = element => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
      return element.type === "password" ? element.placeholder : `${element.value} ${element.placeholder}`;
    if (element instanceof HTMLSelectElement) return [...element.options].map(option => option.label).join(" ");
    return element instanceof HTMLImageElement ? element.alt : "";
  };
  const walk = root => {
    const nodes = Document.prototype.createTreeWalker.call(document, root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (nodes.nextNode()) {
      const node = nodes.currentNode;
      if (node instanceof Text) {
        parts.push({ node, start: whole.length });
        whole += node.data;
        continue;
      }
      if (node.shadowRoot instanceof ShadowRoot) walk(node.shadowRoot);
      if (holds(held(node)) && visible(node)) cover(Element.prototype.getBoundingClientRect.call(node));
    }
  };
  const coverText = (start, end) => {
    for (const { node, start: from } of parts) {
      const first = Math.max(start - from, 0), last = Math.min(end - from, node.data.length);
      if (first >= last || !visible(node.parentElement ?? node.getRootNode().host ?? null)) continue;
      const range = Document.prototype.createRange.call(document);
      range.setStart(node, first);
      range.setEnd(node, last);
      [...range.getClientRects()].forEach(cover);
    }
  };

  walk(document);
  for (const { text, loose } of wanted) {
    if (!read(whole, loose).includes(text)) continue;
    const places = [];  // of each letter that is compared, its place in the whole text
    let compared = "";
    for (let place = 0; place < whole.length; place++) {
      const letter = read(whole[place], loose);
      for (const _ of letter) places.push(place);
      compared += letter;
    }
    for (let at = compared.indexOf(text); at >= 0; at = compared.indexOf(text, at + 1))
      coverText(places[at], places[at + text.length - 1] + 1);
  }
  return found;
}
