// The output of `uiautomator dump`: the tree of visible elements, with their bounds in device pixels.

const CLASSES = { BUTTON: "Button", INPUT: "EditText", TEXTAREA: "EditText", IMG: "ImageView", SVG: "ImageView" };

/** The tree of the window in front, an app's or a dialog of the system. The keyboard and the bars are other windows, as on Android. */
export function describeTree(packageName, root) {
  const box = root.getBoundingClientRect();
  const children = [...root.children].flatMap((child) => visit(child, packageName, box));
  return node(root, packageName, box, children, { class: "android.widget.FrameLayout" });
}

function visit(element, packageName, clip) {
  const style = getComputedStyle(element);
  if (style.visibility === "hidden" || style.display === "none") return [];
  const box = intersect(element.getBoundingClientRect(), clip);
  if (box.right - box.left < 1 || box.bottom - box.top < 1) return [];
  const inner = style.overflowX === "visible" ? clip : box;
  const children = [...element.children].flatMap((child) => visit(child, packageName, inner));
  return matters(element) ? [node(element, packageName, box, children)] : children;
}

const intersect = (one, two) => ({
  left: Math.max(one.left, two.left), top: Math.max(one.top, two.top),
  right: Math.min(one.right, two.right), bottom: Math.min(one.bottom, two.bottom),
});

const ownText = (element) =>
  [...element.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE).map((one) => one.data).join("").trim();
const isField = (element) => element.matches("input:not([type=range]), textarea");
const isClickable = (element) => !!element.onclick || element.tagName === "BUTTON" || element.tagName === "INPUT" || isField(element);

const matters = (element) =>
  isClickable(element) || element.dataset.id || element.dataset.scroll || element.hasAttribute("aria-label") || ownText(element) !== "";

function textOf(element) {
  if (!isField(element)) return ownText(element);
  if (element.value === "") return element.placeholder;
  return element.type === "password" ? "•".repeat(element.value.length) : element.value;
}

function classOf(element) {
  if (element.dataset.as) return `android.widget.${element.dataset.as}`;
  if (element.dataset.scroll) return "android.widget.ScrollView";
  if (element.type === "range") return "android.widget.SeekBar";
  if (CLASSES[element.tagName]) return `android.widget.${CLASSES[element.tagName]}`;
  return ownText(element) ? "android.widget.TextView" : "android.view.ViewGroup";
}

function node(element, packageName, box, children, given = {}) {
  const flags = {
    checkable: element.dataset.checked !== undefined, checked: element.dataset.checked === "true",
    clickable: isClickable(element), enabled: !element.disabled, focusable: isClickable(element),
    focused: element === document.activeElement, scrollable: !!element.dataset.scroll && element.scrollHeight > element.clientHeight,
    "long-clickable": !!element.onhold, password: element.type === "password", selected: element.dataset.selected === "true",
  };
  const attributes = {
    text: textOf(element), "resource-id": element.dataset.id ? `${packageName}:id/${element.dataset.id}` : "",
    class: classOf(element), package: packageName, "content-desc": element.getAttribute("aria-label") ?? "",
  };
  for (const [name, on] of Object.entries(flags)) attributes[name] = String(on);
  const [left, top, right, bottom] = [box.left, box.top, box.right, box.bottom].map(Math.round);
  attributes.bounds = `[${left},${top}][${right},${bottom}]`;
  if (isField(element)) attributes.hint = element.placeholder;
  return { attributes: { ...attributes, ...given }, children };
}
