// Vault: an app whose window is secure, so that a screen capture of it is black.

import { row, screen } from "../system/parts.js";

const list = (app) => screen({
  title: "Vault",
  body: app.state.secrets.map((one, at) => row({
    title: one.name, detail: app.local.shown === at ? one.value : "••••••••", lead: "lock", id: "secret",
    onclick: () => { app.local.shown = at; app.save((state) => { state.opened += 1; }); } })),
});

export default { package: "com.simphone.vault", screens: { list } };
