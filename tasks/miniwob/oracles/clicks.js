// Tasks of one click.
{
  const { oracles } = miniwob;
  const { said, quoted, one, labelled, click } = miniwob.tools;

  const clicks = (names, find) => names.split(" ").forEach((name) => (oracles[name] = () => click(find())));
  clicks("click-test", () => one("#subbtn"));
  clicks("click-test-2 click-test-transfer", () => labelled("button", said().match(/button (\w+)/)[1]));
  clicks("click-button-sequence", () => one(buttonsPushed.length ? "#subbtn2" : "#subbtn"));
  clicks("click-button unicode-test", () => labelled("#area button", quoted()[0]));
  clicks("click-dialog", () => one(".ui-dialog-titlebar-close"));
  clicks("click-dialog-2", () =>
    quoted()[0] === "x" ? one(".ui-dialog-titlebar-close") : labelled(".ui-dialog button", quoted()[0]),
  );
  clicks("focus-text", () => one("#tt"));
  clicks("focus-text-2", () => one(`#tt${said().match(/(\d)(st|nd|rd)/)[1]}`));
  clicks("click-tab", () => labelled(".ui-tab a", said().match(/Tab #\d/)[0]));
  clicks("click-color", () => one(`#area [data-color="${said().match(/the (.*) colored/)[1]}"]`));
  clicks("click-widget", () => one(`#area [data-type="${quoted()[0]}"]`));
  clicks("click-link", () => labelled(".alink", quoted()[0]));
  clicks("grid-coordinate", () => document.getElementById(said().match(/\(.*\)/)[0]));
}
