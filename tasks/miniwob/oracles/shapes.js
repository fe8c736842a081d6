// Shapes and colours.
{
  const { oracles } = miniwob;
  const { said, all, one, text, labelled, click, submit } = miniwob.tools;

  // The words that describe a shape of the grid: size, colour, kind and what it is.
  const words = (shape) => {
    const drawn = { rect: "rectangle", circle: "circle", polygon: "triangle" }[shape.tagName];
    const given = (name) => shape.getAttribute(name);
    const size = given("font-size") || given("width") || 2 * given("r") || width(shape);
    const kind = drawn ? "shape" : /\d/.test(text(shape)) ? "digit" : "letter";
    return [parseInt(size, 10) > 15 ? "large" : "small", given("fill"), kind, drawn || text(shape), "item"];
  };
  const width = (polygon) => {
    const [[left], , [right]] = polygon.getAttribute("points").split(" ").map((point) => point.split(",").map(Number));
    return right - left;
  };
  const described = (description) =>
    all("#area_svg > *").filter((shape) => description.split(" ").every((word) => words(shape).includes(word)));
  oracles["click-shape"] = () => click(described(said().match(/on a (.*)$/)[1])[0]);
  oracles["count-shape"] = () =>
    click(labelled("#count-buttons button", String(described(said().match(/many (.*)s are/)[1]).length)));
  oracles["identify-shape"] = () => {
    const [, , kind, name] = words(one("#area_svg > *"));
    return click(one(`#area-buttons [data-type="${kind === "shape" ? name : kind}"]`));
  };
  oracles["click-shades"] = () => {
    const colour = said().match(/shades of (\w+)/)[1];
    const wanted = (shade) => shade.dataset.color === colour;
    return click(all("#area span").find((shade) => wanted(shade) !== (shade.className === "selected"))) || submit();
  };
}
