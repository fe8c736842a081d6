// Runs before a page's own scripts: what a page logs, and errors that it does not handle, are reported to nobody here.
// Playwright takes time for each report, and a page that makes them without end would leave none for anything else.
(() => {
  for (const name of Object.keys(console)) {
    const made = name === "context" || name === "createTask";  // these give the page something to use
    if (typeof console[name] === "function" && !made)
      console[name] = new Proxy(console[name], { apply: () => undefined });
  }
  for (const kind of ["error", "unhandledrejection"]) addEventListener(kind, event => event.preventDefault());
})();
