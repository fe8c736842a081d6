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
  const nodes = [];

  const held = element => {
    if (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement)
      return element.type === "password" ? element.placeholder : `${element.value} ${element.placeholder}`;
    if (element instanceof HTMLSelectElement) return [...element.options].map(option => option.label).join(" ");
    return element instanceof HTMLImageElement ? element.alt : "";
  };
  const walk = root => {
    const kinds = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;
    const walker = Document.prototype.createTreeWalker.call(document, root, kinds);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node instanceof Text) {
        nodes.push(node);
        continue;
      }
      if (node.shadowRoot instanceof ShadowRoot) walk(node.shadowRoot);
      if (holds(held(node)) && visible(node)) cover(Element.prototype.getBoundingClientRect.call(node));
    }
  };
  const joined = loose => {  // the text of all nodes as it is compared, and where each node begins in it
    const starts = [];
    let text = "";
    for (const node of nodes) {
      starts.push(text.length);
      text += read(node.data, loose);
    }
    return { text, starts: [...starts, text.length], loose };
  };
  const placed = (data, loose, letter) => {  // the place in a node of a letter that is compared
    let place = 0;
    for (let count = 0; place < data.length && (count += read(data[place], loose).length) <= letter; place++);
    return place;
  };
  const coverText = ({ starts, loose }, start, end) => {
    for (const [index, node] of nodes.entries()) {
      const from = starts[index], first = Math.max(start - from, 0), last = Math.min(end, starts[index + 1]) - from;
      if (first >= last || !visible(node.parentElement ?? node.getRootNode().host ?? null)) continue;
      const range = Document.prototype.createRange.call(document);
      range.setStart(node, placed(node.data, loose, first));
      range.setEnd(node, placed(node.data, loose, last - 1) + 1);
      [...range.getClientRects()].forEach(cover);
    }
  };

  walk(document);
  const whole = new Map();
  for (const { text, loose } of wanted) {
    if (!whole.has(loose)) whole.set(loose, joined(loose));
    const all = whole.get(loose);
    for (let at = all.text.indexOf(text); at >= 0; at = all.text.indexOf(text, at + 1))
      coverText(all, at, at + text.length);
  }
  return found;
}
