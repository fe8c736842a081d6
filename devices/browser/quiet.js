// Runs before a page's own scripts, and prevents a page from using up all time of its observers.
(() => {
  // A page's logs and unhandled errors are not reported here. Playwright takes time for each
  // report, and a page that makes them without end would leave none for anything else.
  for (const name of Object.keys(console)) {
    const made = name === "context" || name === "createTask";  // these give the page something to use
    if (typeof console[name] === "function" && !made)
      console[name] = new Proxy(console[name], { apply: () => undefined });
  }
  for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, event => event.preventDefault());

  // Chromium's popup of a list of tens of thousands takes minutes to open, and no picture shows it. The list gets
  // the focus instead, and can be chosen from by name.
  const long = element => element instanceof HTMLSelectElement && element.length > 2000;
  addEventListener("mousedown", event => {
    const list = event.target instanceof HTMLOptionElement ? event.target.closest("select") : event.target;
    if (!long(list) || list.multiple || list.size > 1) return;
    event.preventDefault();
    list.focus();
  }, true);
  addEventListener("keydown", event => {
    if (long(event.target) && ([" ", "Enter", "F4"].includes(event.key) || event.altKey)) event.preventDefault();
  }, true);
})();
