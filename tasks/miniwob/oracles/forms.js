// Marks and texts, then Submit.
{
  const { oracles } = miniwob;
  const { said, quoted, all, one, text, fill, fillAll, choose, tick, submit } = miniwob.tools;

  oracles["click-option"] = () => {
    const wanted = said().match(/Select (.*) and click/)[1];
    return tick(all("#boxes input").filter((mark) => text(mark.parentElement) === wanted), () => true) || submit();
  };
  oracles["click-checkboxes"] = oracles["click-checkboxes-large"] = oracles["click-checkboxes-transfer"] = () => {
    const wanted = said().match(/Select (.*) and click/)[1].split(", ");
    return tick(all("#area input"), (mark) => wanted.includes(text(mark.parentElement))) || submit();
  };
  oracles["enter-text"] = oracles["enter-text-dynamic"] = () => fill(one("#tt"), quoted()[0]) || submit();
  oracles["enter-password"] = () => fillAll(["#password", "#verify"].map((id) => [one(id), quoted()[0]])) || submit();
  oracles["login-user"] = () =>
    fillAll(["#username", "#password"].map((id, at) => [one(id), quoted()[at]])) || submit();
  oracles["choose-list"] = () => choose(one("#options"), said().match(/Select (.*) from the list/)[1]) || submit();
}
