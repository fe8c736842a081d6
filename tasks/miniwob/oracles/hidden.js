// Looking behind tabs, sections and folders.
{
  const { oracles } = miniwob;
  const { quoted, all, one, shown, labelled, click, box, middle } = miniwob.tools;

  const after = (heads, open) => heads[(heads.findIndex((head) => head.classList.contains(open)) + 1) % heads.length];
  const tabs = () => click(labelled(".alink", quoted()[0]) || after(all(".ui-tab"), "ui-tabs-active"));
  for (const kind of ["", "-easy", "-hard", "-medium"]) oracles[`click-tab-2${kind}`] = tabs;
  const sections = (wanted) => click(wanted || after(all(".ui-accordion-header"), "ui-state-active"));
  const section = () => sections(one(".ui-accordion-header.ui-state-active") && one("#subbtn"));
  const link = () => sections(labelled(".alink", quoted()[0]));
  oracles["click-collapsible"] = oracles["click-collapsible-nodelay"] = section;
  oracles["click-collapsible-2"] = oracles["click-collapsible-2-nodelay"] = link;
  // On the name itself: its element is as wide as the page, and its middle is blank.
  const clickName = (element) => {
    const name = document.createRange();
    name.selectNodeContents(element);
    return { action: "click", point: middle(box(name)), box: box(name) };
  };
  oracles["navigate-tree"] = () =>
    clickName(labelled("#tree span", quoted()[0]) || all("#tree .expandable > span").filter(shown)[0]);
}
