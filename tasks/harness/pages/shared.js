"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const token = new URLSearchParams(location.search).get("token") ?? "";

/** An element; children are elements or texts, and texts stay texts. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null && child !== ""));
  return element;
}

function withToken(address) { return address + (address.includes("?") ? "&" : "?") + "token=" + encodeURIComponent(token); }

/** Posts JSON; returns what is wrong as a sentence, or the reply. */
async function post(address, body) {
  try {
    const reply = await fetch(withToken(address), { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body ?? {}) });
    const read = await reply.json();
    return reply.ok ? { ok: true, ...read } : { ok: false, error: read.error };
  } catch { return { ok: false, error: "The server does not answer; it ends with its run." }; }
}

function endingClass(ending) { return ["finished", "answered"].includes(ending) ? "good" : ending ? "bad" : "quiet"; }
function when(time) { return new Date(time).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" }); }
function counted(number, thing) { return `${number} ${thing}${number === 1 ? "" : "s"}`; }
