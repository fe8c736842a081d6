// Runs before a page's own scripts: reports the page's requests for permissions and for other programs to devices/browser/permissions.py.
(() => {
  // Playwright's process ends when a page sends anything else through this, so pages must not have it. What it sends
  // itself it builds with functions that a page can replace; hence the message is written out here.
  const send = globalThis.__playwright__binding__;
  delete globalThis.__playwright__binding__;
  delete globalThis.screenhandAsked;
  let left = 20;  // per document: more of them add nothing, and a page may ask without end
  const report = kind => left-- > 0 && send?.(`{"name":"screenhandAsked","seq":0,"serializedArgs":["${kind}"]}`);
  const watch = (owner, name, kind, instead) => {
    if (!owner || typeof owner[name] !== "function") return;
    const original = owner[name];
    owner[name] = { [name](...given) { report(kind); return instead ? instead(...given) : original.apply(this, given); } }[name];
  };
  watch(globalThis.Geolocation?.prototype, "getCurrentPosition", "location");
  watch(globalThis.Geolocation?.prototype, "watchPosition", "location");
  watch(globalThis.Notification, "requestPermission", "notifications");
  watch(globalThis.MediaDevices?.prototype, "getUserMedia", "camera");
  watch(globalThis.Clipboard?.prototype, "read", "clipboard");
  watch(globalThis.Clipboard?.prototype, "readText", "clipboard");
  watch(globalThis, "print", "print", () => undefined);

  // Chromium asks for the rest in dialogs of its own, which no picture shows and nobody answers: each is refused as if
  // the user had closed the dialog.
  const refused = (name, said) => () => Promise.reject(new DOMException(said, name));
  const closed = refused("NotFoundError", "No device selected.");
  const denied = refused("NotAllowedError", "Permission denied.");
  const aborted = refused("AbortError", "The user aborted a request.");
  watch(globalThis.MediaDevices?.prototype, "getDisplayMedia", "screen", denied);
  watch(globalThis.USB?.prototype, "requestDevice", "USB device", closed);
  watch(globalThis.Bluetooth?.prototype, "requestDevice", "Bluetooth device", closed);
  watch(globalThis.Serial?.prototype, "requestPort", "serial port", closed);
  watch(globalThis.HID?.prototype, "requestDevice", "HID device", async () => []);
  watch(globalThis.Navigator?.prototype, "requestMIDIAccess", "MIDI", denied);
  watch(globalThis.PaymentRequest?.prototype, "show", "payment", aborted);
  watch(globalThis.EyeDropper?.prototype, "open", "colours of the screen", aborted);
  watch(globalThis.IdleDetector, "requestPermission", "whether the user is active", async () => "denied");
  watch(globalThis, "getScreenDetails", "list of screens", denied);
  watch(globalThis, "queryLocalFonts", "list of fonts", denied);
  for (const name of ["showOpenFilePicker", "showSaveFilePicker", "showDirectoryPicker"])
    watch(globalThis, name, "files of this machine", aborted);
  const credentials = globalThis.CredentialsContainer?.prototype;
  for (const name of ["get", "create"]) {
    const original = credentials?.[name];
    if (original) credentials[name] = { [name](...given) {
      const asked = given[0] ?? {};
      const seen = (asked.publicKey || asked.identity) && !["conditional", "silent"].includes(asked.mediation);
      if (!seen) return original.apply(this, given);
      report("passkey");
      return denied();
    } }[name];
  }
  // Chromium asks whether to open the program of such an address in a dialog of its own. No picture shows it, and while
  // it is open the tab gets no input, even on the next page.
  const opened = /^(?:https?|about|blob|data|file|javascript|chrome-error):/;
  globalThis.navigation?.addEventListener("navigate", event => {
    if (opened.test(event.destination.url) || !event.cancelable) return;
    event.preventDefault();
    report("program");
  });
})();
