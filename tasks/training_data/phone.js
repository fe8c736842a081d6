// Lessons on SimPhone's apps, with places, people and things of their own: nothing that the scored tasks ask for.
//
// `window.simphone` lists the apps as their `app.json` files have them. What is shown is the phone's own page; there is
// no adb, so an action does what adb's would do there.
window.practice = (() => {
  "use strict";
  window.simphoneSay = () => {};
  // Of many frames only one has the focus; here each has one of its own.
  let focused = null;
  const tell = (element, kind) => element.dispatchEvent(new FocusEvent(kind, { bubbles: true }));
  Object.defineProperty(document, "activeElement", { get: () => (focused?.isConnected ? focused : document.body), configurable: true });
  HTMLElement.prototype.focus = function () {
    if (focused === this) return;
    focused?.blur();
    focused = this;
    tell(this, "focusin");
  };
  HTMLElement.prototype.blur = function () {
    if (focused !== this) return;
    focused = null;
    tell(this, "focusout");
  };
  const { tools } = miniwob;
  const PACKAGE = "com.simphone.";
  const HOME = "home", ENTER = { action: "press", keys: "enter" };
  const [WIDTH, HEIGHT] = tools.size;
  const FIRSTS = ("Amber Arrow Aspen Basil Birch Bluebell Bramble Bridge Cedar Clover Copper Coral Crown Dahlia Dragon Eagle Elder " +
    "Ember Falcon Fern Flint Forest Fox Garden Ginger Glass Golden Granite Hazel Heron Hill Honey Iris Ivory Jade Jasper " +
    "Juniper Kite Lake Lantern Laurel Lemon Lily Lion Maple Marble Meadow Mint Moon Moss Nettle Oak Olive Opal Orchid Otter " +
    "Pearl Pebble Pine Plum Poppy Quartz Raven Reed River Robin Rose Ruby Sage Saffron Silver Spruce Star Stone Swan Thistle " +
    "Tiger Timber Topaz Tulip Velvet Violet Walnut Willow Winter Wolf Yarrow").split(" ");
  const PEOPLE = ("Alma Bruno Celia Derek Elsa Felix Gina Harry Irma Jorge Karin Lucio Mona Nils Oscar Petra Quinn Rita Sven " +
    "Tilda Ursula Viktor Wanda Xenia Yusuf Zelda Bob Mia Leon Emma Noah Ivan Olga Nina Paul Vera Karl Rosa Juan Lena Otto Max Ruth").split(" ");
  const SURNAMES = ("Abel Baker Cole Dunn Ellis Frost Grant Hayes Irwin Jensen Kelly Lopez Moran Nolan Owens Price Quist Reyes " +
    "Silva Turner Unger Vogel Walsh Young Zimmer Novak Keller Rossi Duarte Lindqvist").split(" ");
  const ROADS = ["Street", "Road", "Lane", "Avenue", "Square", "Row", "Hill", "Way"];
  const KINDS = ("Pizza Coffee Library Park Pharmacy Gas Hotel Bakery Café Museum Cinema Bank School Gym Bar Market Florist " +
    "Hospital Sushi Burger Zoo Theatre Station Barber Tailor Butcher Bookstore Brewery Gallery Clinic Dentist Garage Pool Hostel").split(" ");
  const ENDS = { Pizza: ["Pizza", "Pizzeria", "Oven", "Slice"], Café: ["Café", "Coffee", "Cups"], Coffee: ["Coffee", "Café", "Beans"] };
  const THINGS = ("bowl box brush bucket candle carpet coat cup desk dish drum fan flask fork frame glove hammer hat jar jug knife " +
    "ladder mirror napkin needle pot racket rope sofa spoon stool tent towel tray vase wallet watch whistle").split(" ");
  const WORDS = ("buy call pack paint plan read send sort wash water milk rice eggs apples tickets keys train garden letter rent " +
    "doctor birthday music lesson paper blue green summer winter morning window bread cheese tea lamp river").split(" ");
  const LETTERS = "abcdefghijklmnopqrstuvwxyz";
  let said, next, performed;

  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  // Coined words, with the groups of letters that English words have: who has read them can read any name.
  const ONSETS = [..."bcdfghjklmnprstvwyz", ...("bl br ch cl cr dr fl fr gh gl gr kn ph pl pr qu sc sch scr sh sk sl sm sn sp spl spr squ st str sw th thr tr tw wh wr").split(" ")];
  const VOWELS = [..."aaeeiioouuy", ...("ai au ay ea ee ei eu ew ey ia ie io oa oe oi oo ou ow oy ue ui").split(" ")];
  const CODAS = ["", "", "", ..."bdgklmnprstwxz", ...("ck ct dge ff ft ght lb ld lf lk ll lm lp lt mb mm mp nce nch nd ng nk nn nt pp pt rch rd rf rg rk rl rm rn rp rr rt rth sh sk sp ss st tch th tt zz").split(" ")];
  const coined = (chance, most) => {
    for (;;) {
      let text = "";
      const syllables = chance.one([1, 1, 2, 2, 3]);
      for (let at = 0; at < syllables; at++) text += (at || chance.next() < 0.8 ? chance.one(ONSETS) : "") + chance.one(VOWELS) + chance.one(CODAS);
      text += chance.next() < 0.25 ? chance.one(["er", "le", "el", "y", "ing", "ow", "en", "ia", "ard", "on"]) : "";
      if (text.length > 2 && text.length <= most) return text;
    }
  };
  const spoken = (chance, least, most) => {
    let text = "";
    const length = least + chance.below(most - least + 1);
    while (text.length < length) text += chance.one("bcdfghjklmnprstvwz") + chance.one("aeiou");
    return text.slice(0, length);
  };
  const first = (chance, list) => {
    const drawn = chance.next();
    return drawn < 0.3 ? chance.one(list) : capital(drawn < 0.85 ? coined(chance, 11) : spoken(chance, 3, 8));
  };
  const distinct = (count, draw) => {
    const found = new Set();
    for (let tries = 0; found.size < count && tries < 200; tries++) found.add(draw());
    return [...found];
  };
  const two = (number) => String(number).padStart(2, "0");

  const placeName = (chance, kind) => {
    const start = first(chance, chance.next() < 0.3 ? PEOPLE : FIRSTS), end = chance.one(ENDS[kind] || [kind]);
    return chance.one([`${start}'s ${end}`, `${start} ${end}`, `${start} ${end}`, `${start} ${first(chance, FIRSTS)}`, start,
      `${end} ${start}`, `The ${start}`, `${start} & ${first(chance, FIRSTS)}`, `${end} of ${start}`]);
  };
  const hours = (chance) => {
    if (chance.next() < 0.12) return "Open 24 hours";
    const open = 5 + chance.below(9), close = open + 4 + chance.below(10);
    return `${two(open)}:${chance.one(["00", "30"])}-${two(Math.min(close, 24))}:00`;
  };
  const isOpen = (one, now) => /24 hours/.test(one.hours) || (one.hours.slice(0, 5) <= now && now < one.hours.slice(6));
  // Places of one kind, two to four, and a few others, some of which may share it.
  const places = (chance, kind) => {
    const kinds = [...Array(2 + chance.below(3)).fill(kind), ...chance.shuffled(KINDS.filter((other) => other !== kind)).slice(0, 4 + chance.below(5))];
    const names = distinct(40, () => placeName(chance, "Pizza")), used = new Set();
    return kinds.map((each, at) => {
      let name = placeName(chance, each);
      for (let tries = 0; used.has(name) && tries < 20; tries++) name = placeName(chance, each);
      used.add(name);
      return {
        id: `p${at}`, name: name || names[at], kind: each, address: `${1 + chance.below(120)} ${first(chance, FIRSTS)} ${chance.one(ROADS)}`,
        hours: hours(chance), rating: (30 + chance.below(20)) / 10, km: (1 + chance.below(60)) / 10 + at / 1000, x: 5 + chance.below(90), y: 5 + chance.below(90),
      };
    }).map((one) => ({ ...one, km: Math.round(one.km * 10) / 10 }));
  };

  const at = () => phone.describe();
  const on = (app, screen) => at().package === PACKAGE + app && (!screen || at().activity === screen);
  const named = (name, inside = document) => [...inside.querySelectorAll(`[data-id="${name}"]`)].find(tools.shown);
  const icon = (label) => tools.all(".launch").find((element) => element.getAttribute("aria-label") === label);
  const homeKey = () => tools.all("#nav button")[1];
  const described = (wanted) => tools.all("#app [aria-label], #app .key").filter(tools.shown).find((element) => element.getAttribute("aria-label") === wanted);
  const withText = (wanted) => tools.all("#app .text, #app button, #app .chip").filter(tools.shown).filter((element) => tools.text(element) === wanted).pop();
  const toApp = (label, app) => (on("launcher") ? tools.click(icon(label)) : on(app) ? null : tools.click(homeKey()));
  const finish = (element, success = true) => lesson.finish(element, success);
  const answer = (text, element) => ({ action: "answer", text, point: tools.middle(tools.box(element)) });
  const rowOf = (one) => tools.all("[data-id=place]").find((row) => row.dataset.key === one.id);
  const titleOf = (row) => row.querySelector(".main");
  const type = (field, wanted) => (field.value === wanted ? null : document.activeElement !== field ? tools.click(field)
    : { action: "type", text: wanted, box: tools.box(field) });

  // Maps: `query` is typed and sent; then `found` says what to do with the results, and `opened` on a place's page.
  const maps = (query, found, opened, further = () => null) => () => toApp("Maps", "maps") || (() => {
    if (on("maps", "PlaceActivity")) return opened(tools.one(".bar .title"));
    if (on("maps", "DirectionsActivity")) return further();
    const field = named("search"), sheet = named("results");
    if (sheet && field.value === query) return found(sheet);
    return type(field, query) || ENTER;
  })();
  const sorted = (all, query) => all.filter((one) => query.toLowerCase().split(/\s+/).every((word) =>
    `${one.name} ${one.kind} ${one.address}`.toLowerCase().includes(word.replace(/s$/, "")))).sort((a, b) => a.km - b.km);
  const open = (one) => tools.click(titleOf(rowOf(one)));
  const none = (sheet) => finish(sheet.querySelector(".empty .text") || sheet, false);

  function aboutMaps(chance, all, kind, now) {
    const low = kind.toLowerCase(), query = low, one = chance.one(all), name = one.name;
    const of = sorted(all, query), best = of.filter((other) => other.rating === Math.max(...of.map((each) => each.rating)));
    const text = (selector) => tools.text(tools.one(selector));
    const seen = new Set();
    const an = /^[aeiou]/.test(low) ? "an" : "a";
    const find = (asked, words, wanted) => [asked, maps(words, (sheet) => (wanted.length ? open(wanted[0]) : none(sheet)),
      (title) => answer(tools.text(title), title))];
    const tasks = {
      find: () => find(chance.one([`find ${an} ${low} place`, `find ${an} ${low}`, `Find ${an} ${low} place.`, `Find ${an} ${low}.`]), query, of),
      open: () => [`find ${an} ${low} open now`, maps(query, (sheet) => {
        const other = of.find((each) => !seen.has(each.id));
        return other ? open(other) : of.length ? finish(titleOf(rowOf(of[0])), false) : none(sheet);
      }, (title) => {
        const here = all.find((each) => each.name === tools.text(title));
        seen.add(here.id);
        return isOpen(here, now) ? answer(here.name, title) : tools.click(described("Navigate up"));
      })],
      best: () => [`which ${low} has the best rating?`, maps(query, (sheet) => (best.length ? answer(best[0].name, titleOf(rowOf(best[0]))) : none(sheet)),
        (title) => answer(tools.text(title), title))],
      save: () => {
        const rank = chance.below(3), wanted = of[rank];
        return [`save the ${["first", "second", "third"][rank]} ${low}`, maps(query, (sheet) => (wanted ? open(wanted) : none(sheet)),
          () => (text("[data-id=save]") === "Saved" ? finish(named("save")) : tools.click(named("save"))))];
      },
      saveNamed: () => [chance.one([`Find ${name} on the map and save it.`, `save ${name}`]), maps(name, () => open(one),
        () => (text("[data-id=save]") === "Saved" ? finish(named("save")) : tools.click(named("save"))))],
      stars: () => [chance.one([`How many stars does ${name} have?`, `how many stars does ${name} have?`]), maps(name, () => answer(String(one.rating), rowOf(one).querySelector(".small")),
        (title) => answer(String(one.rating), title))],
      far: () => [`how far is ${name}?`, maps(name, () => answer(`${one.km} km`, rowOf(one).querySelector(".small")), (title) => answer(`${one.km} km`, title))],
      address: () => [`what is the address of ${name}?`, maps(name, () => open(one), () => answer(one.address, named("address").querySelector(".main")))],
      hours: () => [`when is ${name} open?`, maps(name, () => open(one), () => answer(one.hours, named("hours").querySelector(".main")))],
      walk: () => {
        const mode = chance.one(["Walk", "Cycle", "Drive"]), told = { Walk: "walking", Cycle: "cycling", Drive: "driving" }[mode];
        return [chance.one([`Start ${told} directions to ${name}.`, `start ${told} directions to ${name}`]), maps(name, () => open(one), () => tools.click(named("directions")), () => {
          const radio = named(`mode_${mode.toLowerCase()}`), message = named("navigating");
          if (message) return finish(message);
          return tools.click(radio.dataset.checked === "true" ? named("start") : radio.querySelector(".main"));
        })];
      },
      none: () => {
        const missing = chance.next() < 0.5 ? spoken(chance, 4, 8) : chance.one(KINDS).toLowerCase(), there = sorted(all, missing);
        return find(`find ${/^[aeiou]/.test(missing) ? "an" : "a"} ${missing}${chance.one(["", " place"])}`, missing, there);
      },
    };
    const drawn = chance.next();
    const which = drawn < 0.3 ? "find" : drawn < 0.4 ? "none" : chance.one(["open", "open", "best", "best", "save", "save", "saveNamed", "stars", "stars", "far", "far", "address", "hours", "walk", "walk"]);
    return tasks[which === "best" && of.length > 3 ? "find" : which]();
  }

  // The other apps: a way of named elements to tap, each found when its turn comes, and texts to type.
  const element = (move) => (move === HOME ? homeKey() : named(move) || described(move) || withText(move));
  const way = (app, label, moves, end) => () => {
    const opened = performed.count ? null : toApp(label, app);
    if (opened) return opened;
    const move = moves[performed.moves];
    if (move === undefined) return end();
    return typeof move === "string" ? tools.click(element(move)) : move;
  };
  const typed = (text) => ({ action: "type", text });
  const success = () => ({ action: "finish", status: "success" });
  function aboutSettings(chance, { settings }) {
    const flips = [
      ["Wi-Fi", "global", "wifi_on", ["open_network", "open_wifi"]], ["Bluetooth", "global", "bluetooth_on", ["open_bluetooth"]],
      ["airplane mode", "global", "airplane_mode_on", ["open_network"]], ["mobile data", "global", "mobile_data", ["open_network"]],
      ["the dark theme", "secure", "ui_night_mode", ["open_display"]], ["automatic rotation", "system", "accelerometer_rotation", ["open_display"]],
      ["adaptive brightness", "system", "screen_brightness_mode", ["open_display"]], ["vibration for calls", "system", "vibrate_when_ringing", ["open_sound"]],
    ];
    const [what, table, key, moves] = chance.one(flips), isOn = settings[table][key] === (key === "ui_night_mode" ? "2" : "1");
    const plain = { accelerometer_rotation: "Let the screen rotate by itself.", vibrate_when_ringing: "Let the phone vibrate for calls.", ui_night_mode: "Switch to the dark theme." }[key];
    const asked = chance.next() < 0.75 ? !isOn : isOn; // a switch that is right already is left alone
    const sentence = asked && plain && chance.next() < 0.6 ? plain : chance.one([`Turn ${what} ${asked ? "on" : "off"}.`, `Turn ${asked ? "on" : "off"} ${what}.`]);
    return [sentence, way("settings", "Settings", asked === isOn ? moves : [...moves, key], () => finish(named(key) || tools.one(".bar .title")))];
  }
  function aboutContacts(chance, { contacts }) {
    const one = chance.one(contacts.contacts), name = one.name;
    const fresh = `${first(chance, PEOPLE)} ${first(chance, SURNAMES)}`, number = `555-${two(chance.below(100))}${two(chance.below(100))}`;
    return chance.one([
      () => [`Add ${fresh} with the phone number ${number} to the contacts.`, way("contacts", "Contacts", ["fab", "name", typed(fresh), "phone", typed(number), "save"], success)],
      () => [`Delete ${name} from the contacts.`, way("contacts", "Contacts", [name, "Delete contact", "Delete"], success)],
      () => [`Make ${name} a favourite contact.`, way("contacts", "Contacts", one.starred ? [name] : [name, "star"], success)],
      () => [`What is the phone number of ${name}?`, way("contacts", "Contacts", [name], () => answer(one.phone, named("phone").querySelector(".main")))],
    ])();
  }
  function aboutNotes(chance, { notes }) {
    const one = chance.one(notes.notes), title = capital(chance.one(WORDS)), body = chance.shuffled(WORDS).slice(0, 2 + chance.below(4)).join(" ");
    return chance.one([
      () => [`Write a note with the title ${title} that says: ${body}`, way("notes", "Notes", ["New note", "title", typed(title), "body", typed(body), "save"], success)],
      () => [`Delete the note ${one.title}.`, way("notes", "Notes", [one.title, "Delete note", "Delete"], success)],
      () => [`What does the note ${one.title} say?`, way("notes", "Notes", [one.title], () => answer(one.body, named("body")))],
      () => [`What is the ${one.title.toLowerCase()}, according to my notes?`, way("notes", "Notes", [one.title], () => answer(one.body, named("body")))],
    ])();
  }
  function aboutClock(chance, { clock }) {
    const alarm = chance.one(clock.alarms), minutes = 1 + chance.below(5), hour = 8 + chance.below(6), start = clock.timer.duration_s / 60;
    const tab = (name) => `tab_${name}`;
    return chance.one([
      () => {
        const asked = chance.next() < 0.7 ? !alarm.enabled : alarm.enabled;
        return [`Turn the alarm at ${alarm.time} ${asked ? "on" : "off"}.`, way("clock", "Clock", asked === alarm.enabled ? [] : [`Alarm ${alarm.time}`], () => finish(described(`Alarm ${alarm.time}`)))];
      },
      () => [`Set an alarm for ${two(hour)}:00.`, way("clock", "Clock", ["Add alarm", ...Array(hour - 8).fill("More hour"), "save"], success)],
      () => ["Start the stopwatch.", way("clock", "Clock", [tab("stopwatch"), "start"], success)],
      () => [`Set the timer to ${start + minutes} minutes and start it.`, way("clock", "Clock", [tab("timer"), ...Array(minutes).fill("+1 min"), "start"], success)],
    ])();
  }
  function aboutShop(chance, { shop }) {
    const one = chance.one(shop.products), count = 1 + chance.below(4), price = (one.cents / 100).toFixed(2);
    return chance.one([
      () => [`Put ${count} of the ${one.name} into the shopping cart.`, way("shop", "Shop", [one.name, ...Array(count - 1).fill("More quantity"), "add"], success)],
      () => [`What does the ${one.name} cost in the shop?`, way("shop", "Shop", [one.name], () => answer(`$${price}`, named("price").querySelector(".main")))],
    ])();
  }

  function documents(chance, kind) {
    const state = Object.fromEntries(simphone.map((app) => [app.package.split(".").pop(), JSON.parse(JSON.stringify(app.state))]));
    const bit = (part) => (chance.next() < part ? "1" : "0");
    Object.assign(state.settings.global, { airplane_mode_on: bit(0.1), bluetooth_on: bit(0.5), wifi_on: bit(0.7), mobile_data: bit(0.7) });
    Object.assign(state.settings.system, { accelerometer_rotation: bit(0.5), screen_brightness_mode: bit(0.5), vibrate_when_ringing: bit(0.5) });
    state.settings.secure.ui_night_mode = chance.next() < 0.12 ? "2" : "1";
    state.maps.places = places(chance, kind);
    state.contacts.contacts = distinct(6 + chance.below(10), () => `${first(chance, PEOPLE)} ${first(chance, SURNAMES)}`).map((name, at) =>
      ({ id: at + 1, name, phone: `555-${two(chance.below(100))}${two(chance.below(100))}`, email: "", starred: chance.next() < 0.2 }));
    state.notes.notes = distinct(2 + chance.below(4), () => capital(chance.shuffled(WORDS).slice(0, 1 + chance.below(2)).join(" "))).map((title, at) =>
      ({ id: at + 1, title, body: chance.next() < 0.4 ? `${1000 + chance.below(9000)} ${chance.one(WORDS)}` : chance.shuffled(WORDS).slice(0, 2 + chance.below(3)).join(" "), pinned: chance.next() < 0.2 }));
    state.clock.alarms = distinct(1 + chance.below(4), () => `${two(5 + chance.below(18))}:${chance.one(["00", "15", "30", "45"])}`).map((time, at) =>
      ({ id: at + 1, time, label: chance.next() < 0.5 ? "" : capital(chance.one(WORDS)), days: chance.next() < 0.5 ? [] : ["Mon", "Tue"], enabled: chance.next() < 0.5 }));
    state.shop.products = distinct(6 + chance.below(7), () => `${chance.one(FIRSTS)} ${chance.one(THINGS)}`).map((name, at) => ({ id: `g${at}`, name,
      category: chance.one(["Kitchen", "Home", "Sports", "Office"]), cents: 50 * (1 + chance.below(150)), stock: 4 + chance.below(30), color: `hsl(${chance.below(360)} 40% 45%)` }));
    return state;
  }

  const instead = (chance) => [ // what is in view, to click on by its name
    ...tools.all("#app .main, #app .button, #app .chip, #app .launch, #app .section").filter(tools.shown).filter((element) => tools.text(element) && tools.reachable(element))
      .map((element) => [`Click on "${tools.text(element)}".`, element]),
    ...tools.all("#app [aria-label]").filter(tools.shown).filter((element) => tools.reachable(element) && element.matches("button") && !tools.text(element))
      .map((element) => [`Click on "${element.getAttribute("aria-label")}".`, element])];

  const written = () => tools.all("#app .main, #app .title, #app .small").filter(tools.shown) // what is in view, to be read
    .filter((element) => /[a-z]/i.test(tools.text(element)) && tools.text(element).length < 40 && tools.reachable(element))
    .map((element) => {
      const there = tools.middle(tools.box(element));
      return [`What is written at [${there.join(", ")}]?`, { action: "answer", text: tools.text(element), point: there }];
    });

  return {
    start(chance) {
      const kind = chance.next() < 0.35 ? "Pizza" : chance.one(KINDS);
      const state = documents(chance, kind), time = `${two(chance.below(24))}:${two(chance.below(60))}`;
      const now = `2026-${two(1 + chance.below(12))}-${two(1 + chance.below(28))}T${time}:00`;
      phone.forget();
      phone.configure({ now, scale: 1, apps: simphone.map(({ state: _, actions, ...app }) => app), clipboard: "", width: WIDTH, height: HEIGHT,
        locked: 0, asks: 0, barIme: false });
      phone.load(Object.fromEntries(Object.entries(state).map(([name, each]) => [PACKAGE + name, each])));
      performed = { count: 0, moves: 0 };
      const about = { settings: aboutSettings, contacts: aboutContacts, notes: aboutNotes, clock: aboutClock, shop: aboutShop };
      const other = new URLSearchParams(location.search).get("apps") === "others" ? chance.one(Object.keys(about)) : null;
      [said, next] = other ? about[other](chance, state) : aboutMaps(chance, state.maps.places, kind, time);
      const wrong = !other && chance.next() < 0.08 ? chance.one(["settings", "contacts", "notes", "clock", "shop"]) : null;
      if (wrong) phone.start(PACKAGE + wrong);
    },
    before: () => [],
    said: () => said,
    next: () => next(),
    over: () => false,
    perform: {
      click({ point }) {
        const there = document.elementFromPoint(...point);
        const leaving = on("launcher") || there.closest("#nav");
        const field = there.closest("input, textarea");
        if (field) field.focus({ preventScroll: true });
        there.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
        if (!leaving) performed.moves += 1;
        performed.count += leaving ? 0 : 1;
      },
      press({ keys }) {
        if (keys === "enter") document.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
      },
      type({ text }) {
        const field = document.activeElement;
        field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
        field.dispatchEvent(new Event("input", { bubbles: true }));
        performed.moves += 1;
        performed.count += 1;
      },
    },
    others: (chance) => [...chance.shuffled(written()).slice(0, 4), ...chance.shuffled(lesson.clicks(instead(chance))).slice(0, 2)],
  };
})();
