// For a page without a driver: fetches an expression, evaluates it, sends its value, and repeats.
(async () => {
  const channel = new URLSearchParams(location.search).get("channel");
  for (;;) {
    const expression = await (await fetch(`/question?${channel}`)).text();
    if (!expression) continue;
    const value = await (async () => (0, eval)(expression))().catch((error) => ({ failure: String(error) }));
    await fetch(`/answer?${channel}`, { method: "POST", body: JSON.stringify(value ?? null) });
  }
})();
