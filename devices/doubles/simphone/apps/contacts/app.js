// Contacts: a list to search, one person's page, and the form that adds or changes one.

import { avatar, button, dialog, empty, field, floating, iconButton, row, screen, text } from "../system/parts.js";
import { h } from "../system/dom.js";

const find = (app) => app.state.contacts.find((one) => one.id === app.local.id);
const nextId = (items) => Math.max(0, ...items.map((one) => one.id)) + 1;

function list(app) {
  const wanted = (app.local.query ?? "").toLowerCase();
  const shown = app.state.contacts
    .filter((one) => `${one.name} ${one.phone} ${one.email}`.toLowerCase().includes(wanted))
    .sort((one, two) => one.name.localeCompare(two.name));
  return screen({
    title: "Contacts", floating: floating("add", "Create contact", () => app.go("edit", { name: "", phone: "", email: "" })),
    body: [
      field({ hint: "Search contacts", id: "search", style: "search", action: "search", value: app.local.query ?? "",
        oninput: (query) => app.set({ query }) }),
      shown.length ? shown.map((one) => row({ title: one.name, detail: one.starred ? "Favourite" : "", lead: avatar(one.name),
        id: "contact", key: String(one.id), onclick: () => app.go("detail", { id: one.id }) })) : empty("No contacts found"),
    ],
  });
}

function detail(app) {
  const one = find(app);
  if (!one) return screen({ title: "Contact", back: app.back, body: empty("This contact was deleted") });
  const remove = () => {
    app.save((state) => { state.contacts = state.contacts.filter((other) => other.id !== one.id); });
    app.toRoot();
  };
  return screen({
    title: "", back: app.back,
    actions: [
      iconButton("star", one.starred ? "Remove from favourites" : "Add to favourites",
        () => app.save(() => { one.starred = !one.starred; }), { filled: one.starred, id: "star" }),
      iconButton("edit", "Edit contact", () => app.go("edit", { ...one }), { id: "edit" }),
      iconButton("delete", "Delete contact", () => app.set({ dialog: "delete" }), { id: "delete" }),
    ],
    floating: app.local.dialog && dialog("Delete contact?", text(`${one.name} will be removed.`),
      [["Cancel", () => app.set({ dialog: undefined })], ["Delete", remove]]),
    body: [
      h("div", { class: "middle" }, avatar(one.name), text(one.name, "title", { id: "name" })),
      row({ title: one.phone || "No phone number", detail: "Mobile", lead: "phone", id: "phone" }),
      row({ title: one.email || "No email", detail: "Email", lead: "mail", id: "email" }),
    ],
  });
}

function edit(app) {
  const { id, name, phone, email } = app.local;
  const save = () => {
    const values = { name: app.local.name.trim(), phone: app.local.phone.trim(), email: app.local.email.trim() };
    if (!values.name) return app.toast("A contact needs a name");
    app.save((state) => {
      const one = state.contacts.find((other) => other.id === id);
      if (one) Object.assign(one, values);
      else state.contacts.push({ id: nextId(state.contacts), ...values, starred: false });
    });
    app.toast("Contact saved");
    app.back();
  };
  const line = (key, hint, value, type) => field({ hint, id: key, value, type, oninput: (typed) => { app.local[key] = typed; } });
  return screen({
    title: id ? "Edit contact" : "Create contact", back: app.back, actions: button("Save", save, { id: "save" }),
    body: [line("name", "Name", name), line("phone", "Phone", phone, "tel"), line("email", "Email", email, "email")],
  });
}

export default { package: "com.simphone.contacts", screens: { list, detail, edit } };
