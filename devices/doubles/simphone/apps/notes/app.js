// Notes: a list to search, and one note to write, pin and delete. A note is saved when one leaves it or taps Save.

import { button, dialog, empty, field, floating, iconButton, row, screen, text } from "../system/parts.js";

function list(app) {
  const wanted = (app.local.query ?? "").toLowerCase();
  const shown = app.state.notes
    .filter((one) => `${one.title} ${one.body}`.toLowerCase().includes(wanted))
    .sort((one, two) => two.pinned - one.pinned || two.id - one.id);
  return screen({
    title: "Notes", floating: [floating("add", "New note", () => app.go("edit", { title: "", body: "" })),
      app.local.dialog && question(app, app.local.dialog, () => app.set({ dialog: undefined }))],
    body: [
      field({ hint: "Search notes", id: "search", style: "search", action: "search", value: app.local.query ?? "",
        oninput: (query) => app.set({ query }) }),
      shown.length ? shown.map((one) => row({ title: one.title || "Untitled", detail: one.body.split("\n")[0], lead: one.pinned ? "pin" : "note",
        id: "note", key: String(one.id), onhold: () => app.set({ dialog: one.id }), onclick: () => app.go("edit", { id: one.id, title: one.title, body: one.body }) })) : empty("No notes"),
    ],
  });
}

function store(app) {
  const { id, title, body } = app.local;
  const one = app.state.notes.find((other) => other.id === id);
  if (!one && !title.trim() && !body.trim()) return;
  if (one && one.title === title && one.body === body) return;
  app.save((state) => {
    if (one) Object.assign(one, { title, body });
    else {
      app.local.id = Math.max(0, ...state.notes.map((other) => other.id)) + 1;
      state.notes.push({ id: app.local.id, title, body, pinned: false });
    }
  });
}

function question(app, id, then) {
  const remove = () => {
    app.save((state) => { state.notes = state.notes.filter((other) => other.id !== id); });
    then();
  };
  return dialog("Delete this note?", text("It cannot be brought back."), [["Cancel", () => app.set({ dialog: undefined })], ["Delete", remove]]);
}

function edit(app) {
  const one = app.state.notes.find((other) => other.id === app.local.id);
  const leave = () => { store(app); app.back(); };
  return screen({
    title: "", back: leave, plain: true,
    actions: [
      one && iconButton("pin", one.pinned ? "Unpin" : "Pin", () => app.save(() => { one.pinned = !one.pinned; }), { id: "pin", filled: one.pinned }),
      one && iconButton("delete", "Delete note", () => app.set({ dialog: "delete" }), { id: "delete" }),
      button("Save", leave, { id: "save" }),
    ],
    floating: app.local.dialog && question(app, app.local.id, app.toRoot),
    body: [
      field({ hint: "Title", id: "title", style: "bare title", action: "next", value: app.local.title, oninput: (value) => { app.local.title = value; } }),
      field({ hint: "Note", id: "body", style: "bare fill", multiline: true, value: app.local.body, oninput: (value) => { app.local.body = value; } }),
    ],
  });
}

/** Back saves, as the arrow does. */
function back(app) {
  if (app.local.title === undefined) return false;
  store(app);
  app.back();
  return true;
}

export default { package: "com.simphone.notes", screens: { list, edit }, back };
