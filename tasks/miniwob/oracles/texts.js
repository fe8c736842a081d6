// Texts that are read somewhere on the page, or written otherwise than they are said.
{
  const { oracles } = miniwob;
  const { said, quoted, all, one, text, shown, labelled } = miniwob.tools;
  const { click, press, fill, fillAll, scrollTo, submit } = miniwob.tools;

  oracles["enter-text-2"] = () =>
    fill(one("#tt"), /upper/.test(said()) ? quoted()[0].toUpperCase() : quoted()[0].toLowerCase()) || submit();
  oracles["text-transform"] = () => fill(one("#tt"), all("#captcha span").map(text).join("")) || submit();
  oracles["find-word"] = () => {
    const nth = Number(said().match(/(\d+)(st|nd|rd|th) word/)[1]);
    return fill(one("#answer-input"), text(one("#area p")).split(" ")[nth - 1].replace(/[^a-zA-Z]/g, "")) || submit();
  };
  oracles["copy-paste"] = () => fill(one("#answer-input"), one("#to-copy").value) || submit();
  oracles["copy-paste-2"] = () =>
    fill(one("#answer-input"), one(`#text-${said().match(/(\d)(st|nd|rd)/)[1]}`).value) || submit();
  oracles["scroll-text"] = () => {
    const read = one("#text-area");
    const last = read.value.split(/\s/).pop().replace(".", "");
    return (one("#answer-input").value ? null : scrollTo(read, true)) || fill(one("#answer-input"), last) || submit();
  };
  oracles["scroll-text-2"] = () => scrollTo(one("#text-area"), /bottom/.test(said())) || submit();
  oracles["sign-agreement"] = () => {
    const [name, button] = quoted();
    if (!name) return click(one("#cancel"));
    const locked = one("#name").disabled ? scrollTo(one("#text-area"), true) : null;
    return locked || fill(one("#name"), name) || click(labelled("#area button", button));
  };

  // Date and time fields show no text to compare with; what is typed goes into their parts from the left.
  const parts = (field, value, typed) => {
    if (field.value === value) return submit();
    const start = click(field);
    return document.activeElement === field
      ? { action: "type", text: typed, box: start.box }
      : { ...start, point: [start.box[0] + 8, start.point[1]] };
  };
  oracles["enter-date"] = () => {
    const [, month, day, year] = said().match(/(\d+)\/(\d+)\/(\d+)/);
    return parts(one("#tt"), `${year}-${month}-${day}`, `${month}${day}${year}`);
  };
  oracles["enter-time"] = () => {
    const [, hour, minute, half] = said().match(/(\d+):(\d+)\s*([AP]M)/);
    const day = String((hour % 12) + (half === "PM" ? 12 : 0)).padStart(2, "0");
    return parts(one("#tt"), `${day}:${minute}`, `${hour.padStart(2, "0")}${minute}${half}`);
  };

  const cells = () => Object.fromEntries(all("#tab tr").map((row) => [...row.children].map(text)));
  oracles["read-table"] = () => fill(one("#tt"), cells()[said().match(/value of (.*) into/)[1]]) || submit();
  oracles["read-table-2"] = () =>
    fillAll([1, 2].map((at) => [one(`#tt${at}`), cells()[text(one(`#ll${at}`)).replace(":", "")]])) || submit();
  oracles["login-user-popup"] = () => (one("#popup-cancel") ? click(one("#popup-cancel")) : oracles["login-user"]());

  // Five looks of one form; a field's row is the nearest box around it that says something.
  const film = () => {
    const [, genre, director, year] = said().match(/for (.*) movies directed by (.*) from year (\d+)/);
    const row = (box) => (text(box) ? text(box) : row(box.parentElement));
    const about = (field) => (/genre/i.test(row(field)) ? genre : /director/i.test(row(field)) ? director : year);
    const go = all("#area button, #area .final, #area .ui-submit")[0];
    return fillAll(all("#area input").map((field) => [field, about(field)])) || click(go);
  };
  oracles["multi-layouts"] = oracles["multi-orderings"] = film;

  oracles["use-autocomplete"] = oracles["use-autocomplete-nodelay"] = () => {
    const [start, end] = [...quoted(), ""];
    const item = ui_utils.COUNTRIES.find((one) => one.startsWith(start) && one.endsWith(end));
    const open = all(".ui-autocomplete").some(shown);
    return fill(one("#tags"), item) || (open ? press("escape", one("#tags")) : submit());
  };
  oracles["search-engine"] = () => {
    const nth = Number(said().match(/(\d+)(st|nd|rd|th) search/)[1]);
    const found = one(`#page-content a[data-result="${nth - 1}"]`);
    const page = labelled("#pagination a", String(Math.ceil(nth / 3)));
    return fill(one("#search-text"), quoted()[0]) || click(found || (one("#page-content a") ? page : one("#search")));
  };
  oracles["phone-book"] = () => {
    const kind = ["phone", "email", "address"].find((kind) => said().toLowerCase().includes(kind));
    const there = said().includes(text(one("#contact .name")));
    return click(there ? one(`#contact .${kind}`) : labelled("#pagination a", ">"));
  };
}
