const FIELDS = { device: "Device (browser)", address: "Address", model: "Model", server: "Server", policy: "Policy: a file of rules", sites: "Further sites", learned: "Or a learned run", parameters: "Its values (a=1; b=2)" };
const instruction = make("input", { "aria-label": "instruction", placeholder: "What to do, in words" });
const fields = Object.fromEntries(Object.keys(FIELDS).map((name) => [name, make("input", { name, autocomplete: "off" })]));
const problem = make("p", { class: "bad", role: "alert" });
const list = make("ul", { "aria-label": "runs" });

const READ = {
  sites: (text) => text.split(",").map((site) => site.trim()),
  parameters: (text) => Object.fromEntries(text.split(";").filter((pair) => pair.trim()).map((pair) => [pair.split("=")[0].trim(), pair.includes("=") ? pair.slice(pair.indexOf("=") + 1).trim() : null])),
};

async function start(event) {
  event.preventDefault();
  const body = instruction.value.trim() ? { instruction: instruction.value } : {};
  for (const [name, field] of Object.entries(fields)) if (field.value.trim()) body[name] = (READ[name] ?? String)(field.value.trim());
  const reply = await post("/api/runs", body);
  problem.textContent = reply.ok ? "" : reply.error;
  if (reply.ok) location.href = withToken(`/runs/${encodeURIComponent(reply.run)}`);
}
function line(run) {
  return make("li", {}, make("a", { href: withToken(`/runs/${encodeURIComponent(run.name)}`) }, run.instruction),
    make("div", { class: "facts" }, make("span", { class: `badge ${run.going_on ? "warn" : endingClass(run.ending)}` }, run.going_on ? "running" : run.ending ?? "interrupted"),
      ...[run.model, run.device, when(run.started)].map((text) => make("span", { class: "quiet" }, text))));
}
async function refresh() {
  try {
    const reply = await fetch(withToken("/api/runs"));
    if (reply.ok) list.replaceChildren(...(await reply.json()).runs.map(line));
    if (!list.children.length) list.replaceChildren(make("li", { class: "quiet" }, "There is no run yet."));
  } catch { problem.textContent = "The server does not answer any more."; }
}
document.body.append(make("h1", {}, "Runs"),
  make("form", { submit: start, "aria-label": "start a run" }, make("div", { class: "row" }, instruction, make("button", { class: "main" }, "Start")),
    make("div", { class: "fields" }, ...Object.entries(FIELDS).map(([name, text]) => make("label", {}, text, fields[name]))), problem), list);
refresh();
setInterval(() => { if (!document.hidden) refresh(); }, 3000);
