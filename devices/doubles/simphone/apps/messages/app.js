// Messages: the threads, one thread, and a new message. A message may bring an app to install, or a deep link: a label, and
// the package, screen and contents that it opens.

import { button, card, field, floating, row, screen, text } from "../system/parts.js";

const write = (app) => app.go("write", { to: "", text: "" });

const list = (app) => screen({
  title: "Messages", floating: floating("add", "New message", () => write(app)),
  body: app.state.threads.map((one) => row({ title: one.name, detail: one.messages.at(-1).text, lead: "mail", id: "thread",
    key: String(one.id), onclick: () => app.go("thread", { id: one.id }) })),
});

function thread(app) {
  const one = app.state.threads.find((other) => other.id === app.local.id);
  const install = (name) => { app.save((state) => state.installed.push(name)); app.toast(`${name} is installed`); };
  return screen({
    title: one.name, back: app.back, floating: floating("add", "New message", () => write(app)),
    body: one.messages.map((message) => card(text(message.text, "pad"),
      message.link && button(message.link.label, () => app.open(message.link), { id: "link" }),
      message.app && button(`Install ${message.app}`, () => install(message.app), { id: "install" }))),
  });
}

function compose(app) {
  const send = () => {
    const { to, text: words } = app.local;
    if (!to.trim() || !words.trim()) return app.toast("A number and a text are needed");
    app.save((state) => state.sent.push({ to, text: words }));
    app.toast("Sent");
    app.back();
  };
  return screen({
    title: "New message", back: app.back, actions: button("Send", send, { id: "send" }),
    body: [
      field({ hint: "To", id: "to", action: "next", value: app.local.to, oninput: (value) => { app.local.to = value; } }),
      field({ hint: "Text message", id: "text", value: app.local.text, oninput: (value) => { app.local.text = value; } }),
    ],
  });
}

export default { package: "com.simphone.messages", screens: { list, thread, write: compose } };
