// Mail, posts, tickets and calendars.
{
  const { oracles } = miniwob;
  const { said, quoted, all, one, text, shown, labelled, click, fill, submit } = miniwob.tools;

  const mail = () => {
    const by = said().match(/email by (.*?) and /);
    const to = said().match(/email to (.*?)\.$/);
    const task = /trash/.test(said()) ? "delete" : "star";
    return { task, by: by && by[1], to: to && to[1], message: quoted()[0], ...core.getUtterance().fields };
  };
  const inbox = () => {
    const { task, by, to, message } = mail();
    if (one("#reply")) return fill(one("#reply-text"), message) || click(one("#send-reply"));
    if (one("#forward")) return fill(one(".forward-sender"), to) || click(one("#send-forward"));
    if (one("#email")) return click(one(message ? ".email-reply" : ".email-forward"));
    const thread = all("#main .email-thread").find((thread) => text(thread.querySelector(".email-sender")) === by);
    if (to || message) return click(thread.querySelector(".email-sender"));
    return click(thread.querySelector(task === "delete" ? ".trash" : ".star"));
  };
  const kinds = "noscroll delete forward important reply star-reply forward-nl forward-nl-turk nl-turk".split(" ");
  for (const kind of kinds) oracles[`email-inbox-${kind}`] = inbox;
  oracles["email-inbox"] = inbox;

  const posts = (user) => all(".media").filter((post) => text(post.querySelector(".username")) === user);
  oracles["social-media"] = () => {
    const [, user, button] = said().match(/user (\S+), click on the "(.*)" button/);
    const [post] = posts(user);
    const shortcut = post.querySelector(`.controls > .${button.toLowerCase().replace(/ .*/, "")}`);
    const item = all("li", post).find((item) => shown(item) && text(item).startsWith(button));
    return click(shortcut || item || post.querySelector(".more"));
  };
  oracles["social-media-all"] = oracles["social-media-some"] = () => {
    const [, button, count, user] = said().match(/"(.*)" button on (\S+) posts? by (\S+) and/);
    const marks = posts(user).map((post) => post.querySelector(`.${button.toLowerCase()}`));
    const left = marks.filter((mark) => !mark.classList.contains("active"));
    const enough = count !== "all" && marks.length - left.length >= Number(count);
    return click(enough ? null : left[0]) || click(labelled("#submitRow button", "Submit"));
  };
  oracles["buy-ticket"] = () => {
    const price = (flight) => Number(flight.querySelector("[data-price]").dataset.price);
    const duration = (flight) => Number(flight.querySelector("[data-duration]").dataset.duration);
    const key = /cost/.test(said()) ? price : duration;
    const flights = all(".flight").sort((a, b) => key(a) - key(b));
    return click(flights.at(/cheapest|shortest/.test(said()) ? 0 : -1).querySelector(".buy-ticket"));
  };
  const date = () => {
    const [, month, day] = said().match(/(\d+)\/(\d+)\/\d+/).map(Number);
    const picker = one("#datepicker");
    if (picker.value === said().match(/\d+\/\d+\/\d+/)[0]) return submit();
    if (!all(".ui-datepicker-calendar").some(shown)) return click(picker);
    const there = new Date(`${text(one(".ui-datepicker-month"))} 1, 2016`).getMonth() + 1;
    const turn = there > month ? ".ui-datepicker-prev" : ".ui-datepicker-next";
    return click(there === month ? labelled(".ui-datepicker-calendar a", String(day)) : one(turn));
  };
  for (const kind of ["", "-easy", "-medium", "-nodelay"]) oracles[`choose-date${kind}`] = date;
}
