// For a page that no driver reaches: asks for an expression, evaluates it, says its value, and asks again.
(async () => {
  const channel = new URLSearchParams(location.search).get("channel");
  for (;;) {
    const expression = await (await fetch(`/question?${channel}`)).text();
    if (!expression) continue;
    const value = await (async () => (0, eval)(expression))().catch((error) => ({ failure: String(error) }));
    await fetch(`/answer?${channel}`, { method: "POST", body: JSON.stringify(value ?? null) });
  }
})();
