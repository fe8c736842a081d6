// Lessons on the small site's own pages: how to log in, with users that the page itself does not have.
window.practice = (() => {
  "use strict";
  const { tools } = miniwob;
  const KEPT_BACK = ["ada", "grace", "alan", "lovelace", "hopper", "turing"]; // for the tasks that are scored
  const NAMES = ("bob mia leon emma noah zoe ivan olga hugo nina paul vera karl rosa juan lena otto ines max ruth tom eva sam " +
    "jill ken amy dan sue ron liz gus pia udo yan kim lou alice linus edsger barbara dennis marie").split(" ");
  const WORDS = ("river stone window garden paper cloud winter summer morning music table lamp bread letter copper silver " +
    "planet engine hamming lisp liskov ritchie curie knuth dijkstra torvalds church").split(" ");
  const letters = (chance, least, most) =>
    Array.from({ length: least + chance.below(most - least + 1) }, () => chance.one("abcdefghijklmnopqrstuvwxyz")).join("");
  const WRONG = 0.5; // how often the password is not the user's, so that the task cannot be done
  let name, secret, said;

  const login = {
    start(chance) {
      do {
        name = chance.next() < 0.5 ? chance.one(NAMES) : letters(chance, 3, 7);
        secret = chance.next() < 0.4 ? chance.one(WORDS) : letters(chance, 4, 9);
      } while (KEPT_BACK.includes(name) || KEPT_BACK.includes(secret));
      document.documentElement.dataset.theme = chance.one(["0", "0", "1", "2"]);
      tools.one("form").reset();
      tools.one("#message").textContent = "";
      const real = chance.next() < WRONG ? `not ${secret}` : secret;
      window.eval(`for (const user in users) delete users[user]; users[${JSON.stringify(name)}] = ${JSON.stringify(real)};`);
      said = chance.one(["L", "l"]) + `og in as ${name} with password ${secret}` + chance.one([".", "."  , ""]);
    },
    said: () => said,
    next: () => (tools.text(tools.one("#message")) ? lesson.finish(tools.one("#message"), Boolean(tools.one(".good")))
      : tools.fillAll([[tools.one("[name=user]"), name], [tools.one("[name=password]"), secret]]) || tools.click(tools.one("form button"))),
    over: () => false,
    others: (chance) => lesson.clicks(chance.shuffled([
      ['Click on "User name".', tools.one("[name=user]")],
      ['Click on "Password".', tools.one("[name=password]")],
      ['Click on the "Log in" button.', tools.one("form button")],
    ])),
  };
  return login;
})();
