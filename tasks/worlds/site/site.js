// State, seeds and the frame that all pages of the site share.
(function () {
  const KEY = "screenhand.state";
  const given = new URLSearchParams(location.search).get("seed");
  if (given !== null) sessionStorage.setItem("seed", given);
  const seed = Number(sessionStorage.getItem("seed") || 0);

  // mulberry32: small, and the same in every browser
  function numbers(start) {
    let a = start >>> 0;
    return () => {
      a = (a + 0x6d2b79f5) >>> 0;
      let t = Math.imul(a ^ (a >>> 15), a | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  function shuffled(list, salt) {
    const next = numbers(seed * 1000 + salt), out = list.slice();
    for (let i = out.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [out[i], out[j]] = [out[j], out[i]];
    }
    return out;
  }
  const state = () => JSON.parse(localStorage.getItem(KEY) || "{}");
  const set = (changes) => localStorage.setItem(KEY, JSON.stringify(Object.assign(state(), changes)));
  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };

  window.site = { seed, state, set, reset: () => localStorage.removeItem(KEY), shuffled, numbers, make };

  document.documentElement.dataset.theme = String(seed % 3);
  document.addEventListener("DOMContentLoaded", () => {
    if (new URLSearchParams(location.search).has("channel")) document.body.append(make("script", { src: "/asking.js" }));
    const pages = [["index.html", "Home"], ["form.html", "Reserve"], ["tabs.html", "Guide"], ["list.html", "Catalogue"],
      ["dialog.html", "Account"], ["login.html", "Log in"]];
    document.body.prepend(make("header", {}, make("strong", {}, "Townbook"),
      ...pages.map(([page, name]) => make("a", { href: page }, name))));
  });
})();
