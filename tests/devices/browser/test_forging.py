"""Pages that change what the runtime's own scripts are made of, or use its channels: the run goes on."""

import pytest

from actions.control import Wait
from actions.errors import ActionRefused
from actions.keyboard import Type
from actions.mouse import Click, RightClick
from actions.web import Choose
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, text_once

FORGED = {
    "no text is a text": "String.prototype.slice = () => 5",
    "no text at all": "String.prototype.slice = () => null",
    "no options": "Array.prototype.map = () => [1]",
    "every kind of field": "Array.prototype.includes = () => true",
    "nothing enumerable": "Object.keys = () => ['takes_text']",
    "another answer": "eval = () => () => ({picked: 'nothing', value: 7, options: 3})",
    "a number": "eval = () => () => 7",
    "a date that Python does not have": "eval = () => () => new Date(8.64e15)",
}
FIELDS = {"text": f"<input {BUTTON}>", "date": f"<input type=date {BUTTON}>", "list": f"<select {BUTTON}><option>a"}


RARE = {"no text at all", "no options", "every kind of field", "a number", "nothing enumerable", "no text is a text"}


@pytest.mark.parametrize(
    "forged", [pytest.param(name, marks=[pytest.mark.slow] if name in RARE else []) for name in FORGED]
)
def test_what_a_page_answers_of_its_fields_may_be_anything(opened: Open, site: Site, forged: str) -> None:
    for kind, field in FIELDS.items():
        browser = opened(site.add(f"/{kind}", f"{field}</select><script>{FORGED[forged]}</script>"))
        browser.perform(Click(point=AT))
        browser.perform(Type(text="b"))
        browser.perform(RightClick(point=AT))
        try:
            browser.perform(Choose(value="c"))
        except ActionRefused:
            pass
        assert browser.observe().size


@pytest.mark.parametrize(
    "forged", [pytest.param(name, marks=[pytest.mark.slow] if name in RARE else []) for name in FORGED]
)
def test_no_page_forges_what_is_told_of_its_fields(opened: Open, site: Site, forged: str) -> None:
    page = f"<select {BUTTON}><option>Red<option>Blue</select><script>{FORGED[forged]}</script>"
    browser = opened(site.add("/", page), patience_s=20.0)
    assert browser.perform(Click(point=AT)).text == (
        "The list with the focus holds 'Red', 'Blue'; 'Red' is chosen. Use Choose with one of them."
    )
    assert browser.perform(Choose(value="blue")).text == "'Blue' is chosen."


NAMES = ("activeElement", "hasFocus", "body", "documentElement", "designMode")


def test_elements_named_like_a_documents_properties_hide_nothing(opened: Open, site: Site) -> None:
    hiding = "".join(f"<img name={name}><form name={name}></form>" for name in NAMES)
    browser = opened(site.add("/", f"{hiding}<input type=date {BUTTON}>"))
    assert "takes a date" in browser.perform(Click(point=AT)).text
    form = f"<form tabindex=0 {BUTTON}><input name=tagName><input name=type><input name=isContentEditable></form>"
    browser = opened(site.add("/form", form))
    browser.perform(Click(point=AT))
    assert "No field had the focus" not in browser.perform(Type(text="a")).text


CHANNELS = """
for (const name of Object.getOwnPropertyNames(globalThis)) {
  if (!/playwright|screenhand|^__pw/i.test(name)) continue;
  for (const given of ["", "null", "{}", '{"name": "screenhandAsked", "seq": 1}'])
    try { globalThis[name](given) } catch {}
  try { globalThis[name].callBinding("screenhandAsked", "print") } catch {}
}
"""


def test_what_pages_are_heard_by_takes_nothing_else_from_them(opened: Open, site: Site) -> None:
    """Playwright's process once ended with a page that sent it no JSON."""
    page = f"<button {BUTTON} onclick='print(); document.title = 1'>Print</button><iframe></iframe>"
    script = f"{CHANNELS}; JSON.stringify = () => ''; {CHANNELS}; frames[0].eval({CHANNELS!r})"
    browser = opened(site.add("/", f"{page}<script>{script}</script>"))
    browser.perform(Wait(seconds=0.2))
    browser.perform(Click(point=AT))
    assert "nothing was printed" in text_once(browser, "print") and evaluate(browser, "document.title") == "1"
