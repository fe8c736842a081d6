// Lessons on the small site's own pages, about users, places, tabs and things that the scored tasks do not ask for.
//
// A page that a task reaches only by way of others gets the steps until there in `before`.
window.practice = (() => {
  "use strict";
  const { tools } = miniwob;
  const KEPT_BACK = ("ada grace alan lovelace hopper turing luigi napoli stone turned bookshop cinema gym pharmacy " +
    "food history walks zoë ben mira guest 18:00 19:30 20:15").split(" "); // for the tasks that are scored
  const KEPT_THINGS = /^(red|blue|green|white) (lamp|clock|kettle|mirror)$/;
  const NAMES = ("bob mia leon emma noah zoe ivan olga hugo nina paul vera karl rosa juan lena otto ines max ruth " +
    "tom eva sam jill ken amy dan sue ron liz gus pia udo yan kim lou alice edsger barbara dennis marie").split(" ");
  const WORDS = ("river window garden paper cloud winter summer morning music table lamp bread letter copper silver " +
    "planet engine hamming lisp liskov ritchie curie knuth dijkstra torvalds church bakery museum library market " +
    "hotel school theatre florist tailor harbour station castle bridge tower").split(" ");
  const LETTERS = "abcdefghijklmnopqrstuvwxyz\u00e9\u00eb\u00f6\u00fc";
  const PLACES = ["'s Oven", "'s Kitchen", " Slice", " & Basil", " Corner", " Page", " House", " Tower", "", " Place"];
  const STREETS = ["Canal Street", "Market Square", "Hill Road", "Garden Lane", "High Street", "Mill Lane"];
  const PIZZA_PLACE = "Find a pizza place and open its page.";
  const SEARCH = { action: "click", point: [84, 71], box: [8, 59, 160, 83] }; // the field on index.html
  const PIZZA = { action: "click", point: [52, 180], box: [19, 174, 86, 187] }; // its first link
  const RESULT = { action: "click", point: [58, 77], box: [18, 67, 120, 87] }; // the first one on results.html
  const FURTHER = { action: "scroll", point: tools.middle([0, 0, ...tools.size]), direction: "down", notches: 2 };
  const ENTER = { action: "press", keys: "enter" };
  let said, before, next; // of the lesson that was started last
  let gone; // whether another page would have been opened

  const letters = (chance, least, most) =>
    Array.from({ length: least + chance.below(most - least + 1) }, () => chance.one(LETTERS)).join("");
  const known = (text) => KEPT_BACK.includes(text.toLowerCase()) || KEPT_THINGS.test(text);
  const unknown = (draw) => {
    for (;;) {
      const drawn = draw();
      if (!known(drawn)) return drawn;
    }
  };
  const word = (chance, list = WORDS) => unknown(() => (chance.next() < 0.5 ? chance.one(list) : letters(chance, 3, 9)));
  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  // The elements in an order that does not depend on how the lesson before has shuffled them.
  const inOrder = (selector) => tools.all(selector).sort((a, b) => (tools.text(a) < tools.text(b) ? -1 : 1));
  const enter = () => {
    gone = true;
    return ENTER;
  };
  const finish = (element) => lesson.finish(element, true);
  const ask = (...step) => ([said, next, before = []] = step);

  const places = (chance, count) => {
    const firsts = new Set();
    while (firsts.size < count) firsts.add(capital(word(chance, [...WORDS, ...NAMES])));
    const rest = () => (chance.next() < 0.5 ? chance.one(PLACES) : ` ${capital(word(chance))}`);
    return [...firsts].map((first) => `${first}${rest()}`).map((name) => ({
      id: name, name, first: name.split(" ")[0], street: `${1 + chance.below(99)} ${chance.one(STREETS)}`,
      kind: chance.one(["pizza", "café", "bakery", "museum"]), stars: (3 + chance.below(21) / 10).toFixed(1),
      hours: "09:00 to 18:00",
    }));
  };
  const stars = (name) => `How many stars does ${name} have? Answer with the number.`;
  const searched = (text) => [SEARCH, { action: "type", text }, ENTER];
  const answer = (place) => ({ action: "answer", text: place.stars, point: tools.middle(tools.box(place.card)) });

  const home = (chance) => {
    const field = tools.one("[name=q]"), form = tools.one("form"), which = chance.below(4);
    form.reset();
    const [place] = places(chance, 1), kind = word(chance);
    const search = (text) => () => tools.fill(field, text) || enter();
    if (which === 0) ask(PIZZA_PLACE, () => tools.click(tools.one("a[href*=pizza]")));
    else if (which === 1) ask(`Search for a ${kind}.`, search(kind));
    else if (which === 2) ask(`Find ${place.name} and save it.`, search(place.first));
    else ask(stars(place.name), search(place.first));
  };

  const card = (place, kind) => {
    place.link = site.make("a", { href: "#" }, place.name);
    const facts = `${kind}, ${place.stars} stars, ${place.street}`;
    return (place.card = site.make("div", { class: "card" }, site.make("h2", {}, place.link), facts));
  };
  let cards = [];
  const results = (chance) => {
    cards = places(chance, 1 + chance.below(4));
    const wanted = chance.one(cards), kind = word(chance), which = chance.below(4);
    const query = which === 0 ? "pizza" : which === 1 ? kind : wanted.first;
    if (which === 1 && chance.next() < 0.5) cards = [];
    if (which > 1 && chance.next() < 0.6) cards = [wanted];
    const found = cards.length ? `${cards.length} results` : "Nothing found";
    tools.one("#title").textContent = `${found} for “${query}”`;
    tools.one("#results").replaceChildren(...cards.map((place) => card(place, which === 0 ? "pizza" : place.kind)));
    if (which === 0) ask(PIZZA_PLACE, () => tools.click(cards[0].link), [PIZZA]);
    else if (which === 1) ask(`Search for a ${kind}.`, () => finish(tools.one("#title")), searched(kind));
    else if (which === 2) ask(`Find ${wanted.name} and save it.`, () => tools.click(wanted.link), searched(query));
    else ask(stars(wanted.name), () => answer(wanted), searched(query));
  };
  const about = () => cards.filter(({ card }) => tools.reachable(card)).flatMap((place) =>
    [[`Find ${place.name} and save it.`, tools.click(place.link)], [stars(place.name), answer(place)]]);

  const place = (chance) => {
    const [one] = places(chance, 1), message = tools.one("#message");
    message.textContent = "";
    show(one);
    const save = () => (tools.text(message) ? finish(message) : tools.click(tools.one("#save")));
    if (chance.next() < 0.3) ask(PIZZA_PLACE, () => finish(tools.one("#name")), [PIZZA, RESULT]);
    else ask(`Find ${one.name} and save it.`, save, [...searched(one.first), RESULT]);
  };

  const guide = (chance) => {
    const names = new Set(), panel = tools.one("#panel"), list = tools.one("[role=tablist]");
    while (names.size < 4) names.add(capital(word(chance)).slice(0, 8));
    const open = (tab) =>
      tools.all("[role=tab]").forEach((each) => each.setAttribute("aria-selected", String(each === tab)));
    let opened = false;
    const tabs = [...names].map((name) => site.make("button", { role: "tab", onclick: (event) => {
      open(event.target);
      opened = true;
    } }, name));
    list.replaceChildren(...tabs);
    open(tabs[0]);
    panel.textContent = chance.shuffled([...WORDS, ...NAMES]).slice(0, 4 + chance.below(5)).join(" ");
    const wanted = chance.one(tabs.filter(tools.reachable));
    ask(`Open the tab ${wanted.textContent}.`, () => (opened ? finish(wanted) : tools.click(wanted)));
  };

  const account = (chance) => {
    const box = tools.one("dialog"), message = tools.one("#message"), keep = chance.next() < 0.7;
    box.close();
    message.textContent = "";
    tools.one("#choices").append(...chance.shuffled(inOrder("#choices button")));
    ask(keep ? "Start to close the account, then keep it after all." : "Close the account.", () => (tools.text(message)
      ? finish(message) : tools.click(tools.one(box.open ? (keep ? "#cancel" : "#confirm") : "#close"))));
  };

  const pick = ({ firstChild: name }) => `Pick the ${name.textContent}, and nothing else.`;
  const below = (element) => tools.box(element)[3] > tools.size[1];
  const reach = ({ lastChild: button }) => (below(button) ? FURTHER : tools.click(button));
  // In half of the catalogues half of the things have names of other words, in the others few, so that a colour is there
  // with other things and a thing in other colours. The kept ones all do: what is shown and never asked for would be
  // learned as what is never picked.
  const renamed = (chance, own, part) => unknown(() => (chance.next() < part ? own : `${word(chance)} ${word(chance)}`));
  const catalogue = (chance) => {
    const list = tools.one("#list"), own = (entry) => entry.lastChild.id.replace("pick-", "").replace("-", " ");
    const entries = chance.shuffled(tools.all(".entry").sort((a, b) => (own(a) < own(b) ? -1 : 1)));
    const part = chance.one([0.5, 0.95]);
    entries.forEach((entry) => {
      entry.classList.remove("picked");
      entry.firstChild.textContent = renamed(chance, own(entry), part);
    });
    list.replaceChildren(...entries);
    document.documentElement.scrollTop = 0;
    const near = entries.slice(0, 8 + chance.below(entries.length - 7)); // or nearly all would be of scrolling
    const wanted = chance.one(near);
    ask(pick(wanted), () => (wanted.matches(".picked") ? finish(wanted) : reach(wanted)));
  };
  const things = () => {
    const entries = tools.all(".entry"), inView = entries.filter(({ lastChild }) => tools.reachable(lastChild));
    const last = entries.filter(({ lastChild }) => below(lastChild)).slice(-1);
    return [...inView, ...last].map((entry) => [pick(entry), reach(entry)]);
  };

  const MINUTES = ["00", "05", "10", "15", "20", "30", "40", "45", "50"];
  const time = (chance) => unknown(() => `${10 + chance.below(13)}:${chance.one(MINUTES)}`);
  const reservation = (chance) => {
    const form = tools.one("form"), message = tools.one("#message");
    const seat = chance.next() < 0.6 ? "outside" : "inside", news = chance.next() < 0.6;
    const wanted = {
      guests: String(1 + chance.below(12)), time: time(chance), name: capital(word(chance, NAMES)),
      email: `${word(chance, NAMES)}@${word(chance)}.${chance.one(["org", "com", "net"])}`,
    };
    form.reset();
    message.textContent = "";
    tools.one("#fields").append(...chance.shuffled(inOrder("#fields label")));
    document.documentElement.scrollTop = 0;
    const marks = [[tools.one("[name=newsletter]"), news], [tools.one(`[value=${seat}]`), true]];
    const steps = () => [ // from top to bottom; what is not wholly in view is scrolled to first
      ...tools.all("#fields input").map((field) => [field, tools.fill(field, wanted[field.name])]),
      ...marks.map(([mark, on]) => [mark, mark.checked === on ? null : tools.click(mark)]),
      [tools.one("form button"), tools.click(tools.one("form button"))],
    ];
    const { guests, name, email } = wanted;
    ask(`Reserve a table ${seat} for ${guests} guests at ${wanted.time} in the name of ${name}, e-mail ${email}, with${
      news ? "" : "out"} the newsletter.`, () => {
      if (tools.text(message)) return finish(message);
      const [element, action] = steps().find(([, needed]) => needed);
      return below(element) ? FURTHER : action;
    });
  };
  const blanks = () => lesson.clicks(tools.all("form label").filter((label) => tools.reachable(label.querySelector("input")))
    .map((label) => [`Click on "${tools.text(label)}".`, label.querySelector("input")]));

  const login = (chance) => {
    const message = tools.one("#message"), name = word(chance, NAMES), secret = word(chance);
    const filled = [[tools.one("[name=user]"), name], [tools.one("[name=password]"), secret]];
    const logIn = () => tools.fillAll(filled) || tools.click(tools.one("form button"));
    tools.one("form").reset();
    message.textContent = "";
    Object.keys(users).forEach((user) => delete users[user]);
    users[name] = chance.next() < 0.5 ? `not ${secret}` : secret; // where the password is wrong it cannot be done
    ask(`${chance.one(["L", "l"])}og in as ${name} with password ${secret}${chance.one([".", ".", ""])}`,
      () => (tools.text(message) ? lesson.finish(message, Boolean(tools.one(".good"))) : logIn()));
  };
  const fields = () => lesson.clicks([
    ['Click on "User name".', tools.one("[name=user]")], ['Click on "Password".', tools.one("[name=password]")],
    ['Click on the "Log in" button.', tools.one("form button")],
  ]);

  const pages = { index: home, results, place, tabs: guide, dialog: account, list: catalogue, form: reservation, login };
  const others = { results: about, list: things, form: blanks, login: fields };
  const page = location.pathname.replace(/.*\/|\.html$/g, "");
  document.addEventListener("click", (event) => { // nothing leads away from the page
    if (event.target.closest("a")) {
      event.preventDefault();
      gone = true;
    }
  });
  return {
    start(chance) {
      document.documentElement.dataset.theme = chance.one(["0", "0", "1", "2"]);
      gone = false;
      pages[page](chance);
    },
    before: () => before,
    said: () => said,
    next: () => next(),
    over: () => gone,
    others: (chance) => chance.shuffled([...(others[page] || (() => []))(), ...lesson.clicks(
      tools.all("main a, main button:not(.entry *), dialog button").filter(tools.shown).filter(tools.reachable)
        .map((element) => [`Click on "${tools.text(element)}".`, element]))]).slice(0, 6),
  };
})();
