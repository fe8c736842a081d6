// Settings: network, Bluetooth, display, sound, about. What it changes are Android's own setting names.

import { h } from "../system/dom.js";
import { dialog, field, radio, row, screen, section, text, toggle } from "../system/parts.js";

const isOn = (app, table, name) => app.state[table][name] === "1";
const flip = (app, table, name) => app.save((state) => { state[table][name] = state[table][name] === "1" ? "0" : "1"; });

const switchRow = (app, title, table, name, act, detail) =>
  row({ title, detail, id: `${name}_row`, onclick: act ?? (() => flip(app, table, name)),
    end: toggle(isOn(app, table, name), undefined, { desc: title, id: name }) });

const link = (app, title, detail, lead, target) => row({ title, detail, lead, id: `open_${target}`, onclick: () => app.go(target) });

function connectedName(app) {
  if (!isOn(app, "global", "wifi_on")) return "Off";
  return app.state.networks.find((one) => one.connected)?.name ?? "Not connected";
}

const main = (app) => screen({
  title: "Settings",
  body: [
    link(app, "Network & internet", "Wi-Fi, mobile, airplane mode", "wifi", "network"),
    link(app, "Connected devices", `Bluetooth ${isOn(app, "global", "bluetooth_on") ? "on" : "off"}`, "bluetooth", "bluetooth"),
    link(app, "Display", "Brightness, dark theme, rotation", "sun", "display"),
    link(app, "Sound & vibration", `Media volume ${app.state.system.volume_music} of 15`, "sound", "sound"),
    link(app, "About phone", app.state.global.device_name, "info", "about"),
  ],
});

function airplane(app) {
  app.save((state) => {
    const on = state.global.airplane_mode_on !== "1";
    state.global.airplane_mode_on = on ? "1" : "0";
    if (on) state.global.wifi_on = state.global.bluetooth_on = "0";
  });
}

const network = (app) => screen({
  title: "Network & internet", back: app.back,
  body: [
    link(app, "Wi-Fi", connectedName(app), "wifi", "wifi"),
    switchRow(app, "Mobile data", "global", "mobile_data"),
    switchRow(app, "Airplane mode", "global", "airplane_mode_on", () => airplane(app)),
  ],
});

function join(app, chosen) {
  app.set({ dialog: undefined, password: "" });
  app.save((state) => { for (const one of state.networks) one.connected = one.name === chosen.name; });
}

function pick(app, one) {
  if (one.connected) return app.save((state) => { state.networks.find((other) => other.name === one.name).connected = false; });
  if (one.password) return app.set({ dialog: one.name, password: "" });
  join(app, one);
}

function passwordDialog(app) {
  const one = app.state.networks.find((other) => other.name === app.local.dialog);
  const check = () => (app.local.password === one.password ? join(app, one) : app.toast("Wrong password"));
  return dialog(one.name, field({ hint: "Password", id: "password", type: "password", value: app.local.password,
    oninput: (value) => { app.local.password = value; }, onenter: check }),
  [["Cancel", () => app.set({ dialog: undefined })], ["Connect", check]]);
}

const wifi = (app) => screen({
  title: "Wi-Fi", back: app.back, floating: app.local.dialog && passwordDialog(app),
  body: [
    switchRow(app, "Use Wi-Fi", "global", "wifi_on"),
    isOn(app, "global", "wifi_on") ? [section("Networks"), app.state.networks.map((one) => row({
      title: one.name, lead: one.password ? "lock" : "wifi", id: "network", key: one.name, onclick: () => pick(app, one),
      detail: one.connected ? "Connected" : one.password ? "Secured" : "Open" }))]
      : text("To see available networks, turn Wi-Fi on", "pad small"),
  ],
});

const bluetooth = (app) => screen({
  title: "Bluetooth", back: app.back,
  body: [
    switchRow(app, "Use Bluetooth", "global", "bluetooth_on"),
    isOn(app, "global", "bluetooth_on") ? [section("Devices"), app.state.devices.map((one, at) => row({
      title: one.name, lead: "devices", id: "device", detail: one.paired ? "Paired" : "Tap to pair",
      onclick: () => app.save((state) => { state.devices[at].paired = !one.paired; }) }))]
      : text("When Bluetooth is on, your device can connect to others nearby", "pad small"),
  ],
});

const slider = (app, table, name, most, desc) =>
  h("div", { class: "pad" }, h("input", { type: "range", class: "slider", min: 0, max: most, id: name, desc, value: app.state[table][name],
    oninput: (event) => { const value = event.target.value; app.save((state) => { state[table][name] = value; }); } }));

const TIMEOUTS = [["15 seconds", "15000"], ["30 seconds", "30000"], ["1 minute", "60000"], ["5 minutes", "300000"]];

const display = (app) => screen({
  title: "Display", back: app.back,
  floating: app.local.dialog && dialog("Screen timeout", TIMEOUTS.map(([label, value]) =>
    radio(label, app.state.system.screen_off_timeout === value, () => {
      app.local.dialog = undefined;
      app.save((state) => { state.system.screen_off_timeout = value; });
    }, "timeout")), [["Cancel", () => app.set({ dialog: undefined })]]),
  body: [
    section("Brightness"),
    row({ title: "Brightness level", detail: `${Math.round((app.state.system.screen_brightness / 255) * 100)}%`, lead: "sun" }),
    slider(app, "system", "screen_brightness", 255, "Brightness level"),
    switchRow(app, "Adaptive brightness", "system", "screen_brightness_mode"),
    section("Appearance"),
    row({ title: "Dark theme", lead: "moon", id: "dark_row", onclick: () => dark(app),
      end: toggle(app.state.secure.ui_night_mode === "2", undefined, { desc: "Dark theme", id: "ui_night_mode" }) }),
    switchRow(app, "Auto-rotate screen", "system", "accelerometer_rotation"),
    row({ title: "Rotate screen now", lead: "rotate", id: "rotate", detail: `${app.state.system.user_rotation * 90} degrees`,
      onclick: () => app.save((state) => { state.system.user_rotation = state.system.user_rotation === "0" ? "1" : "0"; }) }),
    row({ title: "Screen timeout", lead: "timer", id: "timeout_row", onclick: () => app.set({ dialog: "timeout" }),
      detail: TIMEOUTS.find(([, value]) => value === app.state.system.screen_off_timeout)?.[0] ?? "Custom" }),
  ],
});

const dark = (app) => app.save((state) => { state.secure.ui_night_mode = state.secure.ui_night_mode === "2" ? "1" : "2"; });

const sound = (app) => screen({
  title: "Sound & vibration", back: app.back,
  body: [
    section("Media volume"), slider(app, "system", "volume_music", 15, "Media volume"),
    section("Ring volume"), slider(app, "system", "volume_ring", 7, "Ring volume"),
    switchRow(app, "Vibrate for calls", "system", "vibrate_when_ringing"),
  ],
});

function about(app) {
  const rename = () => {
    const name = (app.local.name ?? "").trim();
    app.local.dialog = undefined;
    if (name) app.save((state) => { state.global.device_name = name; });
    else app.redraw();
  };
  return screen({
    title: "About phone", back: app.back,
    floating: app.local.dialog && dialog("Device name", field({ id: "device_name", value: app.local.name, hint: "Device name",
      oninput: (value) => { app.local.name = value; }, onenter: rename }), [["Cancel", () => app.set({ dialog: undefined })], ["OK", rename]]),
    body: [
      row({ title: "Device name", detail: app.state.global.device_name, id: "device_name_row",
        onclick: () => app.set({ dialog: "name", name: app.state.global.device_name }) }),
      row({ title: "Model", detail: "SimPhone" }), row({ title: "What this is", detail: "A simulated phone, not Android" }),
    ],
  });
}

export default { package: "com.simphone.settings", screens: { main, network, wifi, bluetooth, display, sound, about } };
