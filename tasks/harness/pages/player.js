let story = data.story;
let at = Math.max(0, Number(location.hash.slice(1)) || 0), after = false, only = false, following = Boolean(data.api) && !location.hash;
const thumbnails = new Map(), loaded = new Map(), parts = {};

/** Shows a picture. A live page keeps each one, because its server ends with the run. */
function show(image, address) {
  image.dataset.address = address;
  if (data.pictures[address] || !data.api) image.src = data.pictures[address] ?? address;
  else {
    if (!loaded.has(address)) loaded.set(address, fetch(withToken(`${data.api}/${address}`)).then((reply) => reply.blob()).then((blob) => URL.createObjectURL(blob)));
    loaded.get(address).then((source) => { if (image.dataset.address === address) image.src = source; });
  }
}

function wrong(step) {
  if (step.check && !step.check.holds || story.false_claim && step === story.steps.at(-1)) return "false claim";
  return step.mistake ? "mistake" : "";
}
function shownSteps() { return only ? story.steps.filter(wrong) : story.steps; }
function current() { return story.steps[at]; }

/** The picture after a step, and what changed in it: the next look, or that of the check. */
function afterwards(step) {
  const next = story.steps[at + 1];
  if (next) return { picture: next.picture, changed: next.changed };
  return step.check ? { picture: step.check.picture, changed: [] } : null;
}

function go(number, byHand = true) {
  at = Math.min(Math.max(number, 0), Math.max(story.steps.length - 1, 0));
  if (byHand) { after = false; following = Boolean(data.api) && at === story.steps.length - 1; history.replaceState(null, "", `#${at}`); }
  draw();
}
function move(by) {
  const reachable = shownSteps().map((step) => step.number).filter((number) => by > 0 ? number > at : number < at);
  if (reachable.length) go(by > 0 ? reachable[0] : reachable.at(-1));
}
function turn(over) { after = over; draw(); }
function filter() {
  only = !only;
  const left = shownSteps();
  if (only && left.length && !left.includes(current())) go(left[0].number); else draw();
}

function place(element, mark, extent) {
  element.style.left = `${mark.left}%`; element.style.top = `${mark.top}%`;
  if (extent) { element.style.width = `${mark.width}%`; element.style.height = `${mark.height}%`; }
  return element;
}
function marks(step, seen) {
  if (after) return seen.changed.map((mark) => place(make("span", { class: "mark changed" }), mark, true));
  const drawn = step.points.map((mark) => place(make("span", { class: "mark point", title: mark.label }), mark, false));
  if (step.target) drawn.push(place(make("span", { class: "mark target", title: "target" }), step.target, true));
  if (step.points.length > 1) drawn.push(path(step.points));
  return drawn;
}
function path(points) {
  const [svg, line] = ["svg", "polyline"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("viewBox", "0 0 100 100"); svg.setAttribute("preserveAspectRatio", "none");
  line.setAttribute("points", points.map((mark) => `${mark.left},${mark.top}`).join(" "));
  svg.append(line);
  return svg;
}

function drawScreen(step) {
  const seen = after ? afterwards(step) : { picture: step.picture, changed: [] };
  show(parts.image, seen.picture);
  parts.image.alt = `the screen ${after ? "after" : "before"} step ${step.number}`;
  parts.image.style.width = step.screen[0] < 320 ? `${2 * step.screen[0]}px` : "";
  parts.screen.replaceChildren(parts.image, ...marks(step, seen));
  const changed = after && seen.changed.length;
  parts.legend.textContent = after ? (changed ? "The frames mark what changed." : "Nothing on the screen changed.")
    : step.points.length ? "The circle is the point that was acted on." + (step.target ? " The green box is the target." : "") : step.target ? "The green box is the target." : "";
}

function section(title, text, kind = "p", style = "") { return text ? [make("h2", {}, title), make(kind, { class: style }, text)] : []; }
function timing(step) {
  if (!step.seconds) return [];
  const [look, think, act] = step.seconds, total = look + think + act;
  const bar = make("div", { class: "time", "aria-hidden": "true" });
  for (const [name, seconds] of [["look", look], ["think", think], ["act", act]]) {
    const part = make("i", { class: name });
    part.style.width = `${100 * seconds / total}%`;
    bar.append(part);
  }
  const tokens = step.prompt_tokens == null ? "" : ` · ${step.prompt_tokens.toLocaleString()} tokens read, ${step.completion_tokens.toLocaleString()} written`;
  return [make("h2", {}, "Time"), bar, make("p", { class: "quiet" }, `${total.toFixed(2)} s: look ${look.toFixed(2)}, think ${think.toFixed(2)}, act ${act.toFixed(2)}${tokens}`)];
}
function drawDetails(step) {
  const claim = wrong(step);
  const check = step.check && `${step.check.holds ? "confirmed" : "not confirmed"}: ${step.check.reason} (${step.check.question})`;
  const about = step.pending && data.api && !story.ending ? "Being performed now." : step.outcome;
  parts.details.replaceChildren(
    make("div", { class: "row" }, make("code", { class: "action" }, step.action || (step.mistake ? "no action" : "final answer")),
      step.repetition && make("span", { class: `badge ${step.repetition === "handed over" ? "warn" : step.repetition === "waited" ? "quiet" : "good"}` }, step.repetition),
      claim && make("span", { class: "badge bad" }, claim), step.permit && step.permit !== claim && make("span", { class: "badge warn" }, step.permit)),
    ...section("Learned run", step.repetition_why), ...section("Before it", step.before), ...section("Thought", step.thought), ...section("Mistake", step.mistake, "p", "bad"),
    ...(step.mistake.endsWith(about) ? [] : section("RESULT", about)), ...section("Check", check, "p", step.check?.holds ? "" : "bad"), ...timing(step), ...section("At", step.location, "p", "quiet"),
    step.reply && make("details", {}, make("summary", {}, "Reply, verbatim"), make("pre", {}, step.reply)));
}

function thumbnail(step) {
  let made = thumbnails.get(step.number);
  if (!made) {
    const image = make("img", { alt: "", loading: "lazy" });
    const label = make("span");
    const button = make("button", { type: "button", click: () => go(step.number) }, image, label);
    made = { image, label, button, item: make("li", {}, button) };
    thumbnails.set(step.number, made);
  }
  if (made.image.dataset.address !== step.picture) show(made.image, step.picture);
  made.label.textContent = `${step.number} ${(step.action || step.mistake || "answer").split(/[(:]/)[0]}`;
  made.label.className = wrong(step) ? "wrong" : step.pending ? "pending" : "";
  made.button.title = wrong(step);
  made.button.setAttribute("aria-label", ["step " + made.label.textContent, step.repetition, wrong(step)].filter(Boolean).join(", "));
  made.button.setAttribute("aria-current", step.number === at);
  return made.item;
}
function drawTimeline() {
  const items = shownSteps().map(thumbnail);
  if (items.length !== parts.timeline.children.length || items.some((item, index) => parts.timeline.children[index] !== item)) parts.timeline.replaceChildren(...items);
  const chosen = thumbnails.get(at)?.item;
  if (chosen?.isConnected) parts.timeline.scrollTo({ left: chosen.offsetLeft - parts.timeline.clientWidth / 2 });
}

/** How the steps of a learned run were decided. */
function repetitions() {
  const made = story.steps.map((step) => step.repetition);
  return made.some(Boolean) ? ["repeated", "found again", "handed over"].map((how) => `${made.filter((each) => each === how).length} ${how}`).join(", ") : "";
}
function drawHead() {
  const steps = story.steps, mistakes = steps.filter((step) => step.mistake).length, marked = steps.filter(wrong).length;
  const total = steps.reduce((sum, step) => sum + (step.seconds ? step.seconds[0] + step.seconds[1] + step.seconds[2] : 0), 0);
  document.title = story.instruction;
  parts.title.textContent = story.instruction;
  const score = story.score == null ? "" : `score ${+story.score.toFixed(3)}`;
  parts.facts.replaceChildren(
    make("span", { class: `badge ${endingClass(story.ending)}` }, story.ending ?? (data.api ? "running" : "interrupted")),
    ...[story.false_claim && make("span", { class: "badge bad" }, "false claim")].filter(Boolean),
    ...[score, story.model, story.device + (story.address ? ` · ${story.address}` : ""), when(story.started), story.resumed ? `continued ${counted(story.resumed, "time")}` : "",
      counted(steps.length, "step"), mistakes ? counted(mistakes, "mistake") : "no mistakes", repetitions(), `${total.toFixed(1)} s`, story.commit && `commit ${story.commit}`]
      .filter(Boolean).map((text) => make("span", { class: "quiet" }, text)));
  parts.answer.replaceChildren(...[story.answer, story.why && story.why !== story.answer ? story.why : ""].filter(Boolean).map((text) => make("p", {}, text)));
  parts.filter.textContent = `Only mistakes and false claims (${marked})`;
  parts.filter.disabled = !marked && !only;
  parts.filter.setAttribute("aria-pressed", only);
}

function draw() {
  if (!story) return;
  drawHead();
  const step = current(), yours = parts.screen.classList.contains("yours");
  parts.details.hidden = !step;
  parts.stage.hidden = !step && !yours;
  parts.empty.hidden = Boolean(step) || yours;
  if (!step) return;
  if (after && !afterwards(step)) after = false;
  parts.count.textContent = `step ${at}`;
  parts.before.setAttribute("aria-pressed", !after);
  parts.after.setAttribute("aria-pressed", after);
  parts.after.disabled = !afterwards(step);
  parts.back.disabled = !shownSteps().some((each) => each.number < at);
  parts.on.disabled = !shownSteps().some((each) => each.number > at);
  if (!yours) drawScreen(step);
  drawDetails(step);
  drawTimeline();
}

function build() {
  const button = (name, text, click, more = {}) => (parts[name] = make("button", { type: "button", click, ...more }, text));
  parts.image = make("img", { alt: "the screen" });
  parts.screen = make("div", { class: "screen" }, parts.image);
  parts.stage = make("section", { "aria-label": "screen" },
    make("div", { class: "bar" }, button("back", "◀", () => move(-1), { "aria-label": "previous step" }), (parts.count = make("span", { class: "count", "aria-live": "polite" })),
      button("on", "▶", () => move(1), { "aria-label": "next step" }),
      make("span", { class: "segments" }, button("before", "Before", () => turn(false)), button("after", "After", () => turn(true)))),
    parts.screen, (parts.legend = make("p", { class: "quiet legend" })));
  parts.details = make("div");
  parts.empty = make("p", { class: "quiet" }, data.api ? "Waiting for the first step." : "There is no record of any step.");
  document.body.append(
    make("header", {}, data.home && make("a", { href: data.api ? withToken(data.home) : data.home }, data.api ? "All runs" : "The suite's report"),
      (parts.title = make("h1")), (parts.facts = make("div", { class: "facts" })), (parts.answer = make("div")), (parts.controls = make("div", { hidden: true }))),
    make("main", {}, make("div", {}, parts.stage, parts.empty), make("section", { class: "panel", "aria-label": "step" }, (parts.cards = make("div")), parts.details)),
    make("footer", {}, make("div", { class: "row" }, button("filter", "", filter, { "aria-pressed": "false" }),
      make("span", { class: "quiet keys" }, "← → step · Home End first, last · b before, after · m mistakes")), (parts.timeline = make("ol", { class: "timeline", "aria-label": "steps" }))));
}

const KEYS = {
  ArrowLeft: () => move(-1), ArrowRight: () => move(1), Home: () => go(shownSteps()[0]?.number ?? 0), End: () => go(shownSteps().at(-1)?.number ?? 0),
  b: () => !parts.after.disabled && turn(!after), m: () => !parts.filter.disabled && filter(),
};
addEventListener("keydown", (event) => {
  const writing = event.target.closest?.("input, textarea, select, .yours");
  if (writing || event.ctrlKey || event.altKey || event.metaKey || !story || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
addEventListener("hashchange", () => go(Number(location.hash.slice(1)) || 0));
build();
draw();
