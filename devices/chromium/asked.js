// Runs before a page's own scripts: tells devices/chromium/asked.py what the page asks of the browser or its user.
(() => {
  const tell = globalThis.screenhandAsked;
  delete globalThis.screenhandAsked;
  const watch = (owner, name, kind, instead) => {
    if (!owner || typeof owner[name] !== "function") return;
    const original = owner[name];
    owner[name] = { [name](...given) { tell?.(kind); return instead ? instead() : original.apply(this, given); } }[name];
  };
  watch(globalThis.Geolocation?.prototype, "getCurrentPosition", "location");
  watch(globalThis.Geolocation?.prototype, "watchPosition", "location");
  watch(globalThis.Notification, "requestPermission", "notifications");
  watch(globalThis.MediaDevices?.prototype, "getUserMedia", "camera");
  watch(globalThis.MediaDevices?.prototype, "getDisplayMedia", "screen");
  watch(globalThis.Clipboard?.prototype, "read", "clipboard");
  watch(globalThis.Clipboard?.prototype, "readText", "clipboard");
  watch(globalThis, "print", "print", () => undefined);
})();
