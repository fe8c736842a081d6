// Runs before a page's own scripts: tells devices/browser/permissions.py what the page asks of the browser or its user.
(() => {
  // Playwright's process ends when a page sends anything else through this, so pages must not have it. What it sends
  // itself it builds with functions that a page can replace; hence the message is written out here.
  const send = globalThis.__playwright__binding__;
  delete globalThis.__playwright__binding__;
  delete globalThis.screenhandAsked;
  let left = 20;  // of each document: more of them tell nothing new, and a page may ask without end
  const tell = kind => left-- > 0 && send?.(`{"name":"screenhandAsked","seq":0,"serializedArgs":["${kind}"]}`);
  const watch = (owner, name, kind, instead) => {
    if (!owner || typeof owner[name] !== "function") return;
    const original = owner[name];
    owner[name] = { [name](...given) { tell(kind); return instead ? instead() : original.apply(this, given); } }[name];
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
