// Reading and reckoning, then a text or a button.
{
  const { oracles } = miniwob;
  const { said, all, one, text, click, fill, submit } = miniwob.tools;

  const sums = { "+": (a, b) => a + b, "-": (a, b) => a - b, x: (a, b) => a * b };
  const answer = (wanted) => fill(one("#math-answer"), String(wanted)) || submit();
  oracles["simple-arithmetic"] = () => {
    const [, a, sign, b] = text(one("#math-problem")).match(/(\d+) (.) (\d+)/);
    return answer(sums[sign](Number(a), Number(b)));
  };
  oracles["simple-algebra"] = () => {
    const [, a, sign, b, sum] = text(one("#math-problem")).match(/(\S+) (.) (\S+) = (\d+)/);
    if (a !== "x") return answer(sign === "+" ? sum - a : a - sum);
    return answer(sign === "+" ? sum - b : Number(sum) + Number(b));
  };
  oracles["visual-addition"] = () => answer(all(".addition-block").length);

  // Hears only whether the last guess was too low or too high, so it goes from the middle by ones.
  oracles["guess-number"] = () => {
    const field = one("#tt");
    const [low, high] = ["#higher", "#lower"].map((id) => parseInt(text(one(`${id} span`)), 10));
    const hint = (id) => !one(id).classList.contains("hide");
    const guess = hint("#higher") ? low + 1 : hint("#lower") ? high - 1 : 5;
    return fill(field, String(guess)) || submit();
  };
  oracles["generate-number"] = () => {
    const shown = parseInt(text(one("#display-number")), 10);
    const limit = Number((said().match(/than (\d+)/) || [])[1]);
    const odd = (shown % 2 === 1) === /odd/.test(said());
    const right = /less/.test(said()) ? shown < limit : /greater/.test(said()) ? shown > limit : odd;
    return click(one(!Number.isNaN(shown) && right ? "#submit" : "#generate"));
  };
  oracles["odd-or-even"] = () => {
    const right = (row) => row.querySelector(text(row.querySelector(".display-number")) % 2 ? ".odd" : ".even");
    const buttons = all(".row").map(right);
    return click(buttons.find((button) => !button.classList.contains("selected")) || one("#submit"));
  };
  oracles["number-checkboxes"] = () => {
    const example = PATTERNS[said().match(/"(\d)"/)[1]].flat();
    const wrong = all("#checkboxes input").find((mark, at) => mark.checked !== Boolean(example[at]));
    return click(wrong) || submit();
  };
  oracles["ascending-numbers"] = () => click(one("svg rect") || all("svg text").find((number) => text(number) === "1"));
}
