// Sliders, spinners and what else is dragged.
{
  const { oracles } = miniwob;
  const { said, all, one, text, box, middle, click, press, drag, tick, fillAll, submit } = miniwob.tools;

  // Drags the handle near the value, and goes the rest of the way with the arrow keys.
  const slide = (slider, wanted) => {
    const [handle] = all(".ui-slider-handle", slider);
    const option = (name) => $(slider).slider("option", name);
    const off = wanted - option("value");
    if (off === 0) return null;
    if (document.activeElement === handle && Math.abs(off) < 4) return press(off > 0 ? "right" : "left", handle);
    const start = middle(box(handle));
    const [left, top, right, bottom] = box(slider);
    const part = (wanted - option("min")) / (option("max") - option("min"));
    const upright = option("orientation") === "vertical";
    const end = upright ? [start[0], bottom - part * (bottom - top)] : [left + part * (right - left), start[1]];
    const near = Math.hypot(end[0] - start[0], end[1] - start[1]) < 2;
    return near ? click(handle) : drag(handle, start, end.map(Math.round));
  };
  const slideAll = (pairs) => pairs.map(([slider, wanted]) => slide(slider, wanted)).find(Boolean);
  const numbers = () => said().match(/-?\d+/g).map(Number);
  oracles["use-slider"] = () => slide(one("#slider"), numbers()[0]) || submit();
  oracles["use-slider-2"] = () =>
    slideAll(numbers().map((wanted, at) => [one(`#slider-${at + 1}`), wanted])) || submit();
  oracles["use-spinner"] = () => {
    const off = numbers()[0] - Number(one("#spinner").value);
    return off ? click(one(off > 0 ? ".ui-spinner-up" : ".ui-spinner-down")) : submit();
  };

  const nth = () => [...said().matchAll(/(\d)(st|nd|rd)/g)].map((match) => Number(match[1]));
  oracles["form-sequence"] = () =>
    slide(one("#slider"), numbers()[0]) ||
    tick(all("input[type=checkbox]"), (mark) => mark.id === `checkbox-${nth()[0]}`) ||
    submit();
  oracles["form-sequence-2"] = () => {
    const [radio, field] = nth();
    const texts = [1, 2, 3].map((at) => [one(`#input-${at}`), at === field ? said().match(/"(.*)"/)[1] : ""]);
    return tick([one(`[type=radio][value="${radio}"]`)], () => true) || fillAll(texts) || submit();
  };
  oracles["form-sequence-3"] = () => {
    const [, height, button] = said().match(/Choose (.*) from the dropdown, .*"(.*)"/);
    if (one("#dropdown").value === height) return click(one(`#${button.toLowerCase()}`));
    const open = one(".selectric-open");
    return click(open ? all(".selectric-items li").find((item) => text(item) === height) : one(".selectric"));
  };

  oracles["drag-box"] = () => {
    const [small, large] = ["#draggableSmall", "#draggableLarge"].map((id) => box(one(id)));
    const inside = small.every((edge, at) => (at < 2 ? edge > large[at] + 1 : edge < large[at] - 1));
    return inside ? submit() : drag(one("#draggableSmall"), middle(small), middle(large));
  };
  oracles["drag-single-shape"] = () => {
    const [x, y] = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }[said().match(/item (\w+)/)[1]];
    const [shape] = all(".black-shape");
    const [start, before] = [shapes.gridCoords(shape), shape.getBBox()];
    if ((start.x - before.x) * x + (start.y - before.y) * y > 0) return submit();
    const from = middle(box(shape));
    return drag(shape, from, [from[0] + 20 * x, from[1] + 20 * y]);
  };
  oracles["resize-textarea"] = () => {
    const upright = /height/.test(said());
    const size = upright ? $("#tt").height() : $("#tt").width();
    if (size % 5) return submit(); // it is made in steps of five, and dragged by another length
    const by = /larger/.test(said()) ? 12 : -12;
    const handle = one(".ui-resizable-se");
    const [x, y] = middle(box(handle));
    return drag(handle, [x, y], upright ? [x, y + by] : [x + by, y]);
  };

  // An item takes the place of another once its middle is dragged past that one's.
  const move = (item, to) => {
    const [start, end] = [middle(box(item)), middle(box(to))];
    return drag(item, start, end.map((edge, at) => edge + 6 * Math.sign(edge - start[at])));
  };
  const items = () => all("#sortable li");
  oracles["drag-items"] = () => {
    const [, name, place] = said().match(/Drag (.*?) (to the|down|up)/);
    const at = items().findIndex((item) => text(item) === name);
    const end = /top/.test(said()) ? 0 : /bottom/.test(said()) ? items().length - 1 : null;
    return move(items()[at], items()[{ down: at + 1, up: at - 1 }[place] ?? end ?? numbers()[0] - 1]);
  };
  oracles["drag-sort-numbers"] = () => {
    const values = items().map((item) => Number(text(item)));
    const sorted = [...values].sort((a, b) => a - b);
    const at = values.findIndex((value, index) => value !== sorted[index]);
    return at < 0 ? submit() : move(items()[values.lastIndexOf(sorted[at])], items()[at]);
  };

  // Drags over a paragraph from its first letter to its last.
  const highlight = (paragraph) => {
    const bare = (written) => written.replace(/\s/g, "");
    if (bare(getSelection().toString()) === bare(paragraph.textContent)) return submit();
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    const lines = [...range.getClientRects()];
    const [first, last] = [lines[0], lines[lines.length - 1]];
    const row = (line) => Math.round((line.top + line.bottom) / 2);
    return drag(paragraph, [Math.round(first.left), row(first)], [Math.round(last.right) + 2, row(last)]);
  };
  oracles["highlight-text"] = () => highlight(one("#randomText"));
  oracles["highlight-text-2"] = () => highlight(all("#randomText p")[nth()[0] - 1]);
}
