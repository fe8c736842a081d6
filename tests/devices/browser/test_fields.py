"""Fields: state that no picture shows is reported and can be chosen; and whether a field has the focus."""

import pytest

from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, RightClick
from actions.web import Choose
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, title

LOG = "<script>const log = []; for (const kind of ['input', 'change']) addEventListener(kind, () => log.push(kind))"
SELECT = (
    f"<select {BUTTON}><option>Red<option value=g>Deep  green<option disabled>Grey<option>Blue</select>{LOG}</script>"
)


def test_a_list_is_told_and_an_option_chosen_by_its_name(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", SELECT))
    said = browser.perform(Click(point=AT)).text
    assert said == (
        "The list with the focus holds 'Red', 'Deep green', 'Blue'; 'Red' is chosen. Use Choose with one of them."
    )
    for given, value in (("Deep green", "g"), ("blue", "Blue"), ("g", "g"), ("RE", "Red")):
        assert "is chosen" in browser.perform(Choose(value=given)).text
        assert evaluate(browser, "document.querySelector('select').value") == value
    assert evaluate(browser, "log.splice(0).join()") == ",".join(["input,change"] * 4)
    for given in ("Pink", "Grey"):
        with pytest.raises(ActionRefused, match="'Red', 'Deep green', 'Blue'"):
            browser.perform(Choose(value=given))
    browser.perform(Press(keys=("down",)))
    browser.perform(Press(keys=("enter",)))
    assert evaluate(browser, "document.querySelector('select').value") == "g", "the keyboard works too"


def test_a_long_list_is_told_in_part_and_chosen_from_as_a_whole(opened: Open, site: Site) -> None:
    options = "".join(f"<option>Country number {number} {'x' * 100}" for number in range(2000))
    browser = opened(site.add("/", f"<select {BUTTON}>{options}</select>"))
    said = browser.perform(Click(point=AT)).text
    assert "and 1970 more" in said and len(said) < 3000
    browser.perform(Choose(value="Country number 1999"))
    assert evaluate(browser, "document.querySelector('select').selectedIndex") == 1999


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("date", "2026-12-31", "31.12.2026"),
        ("color", "#ff8800", "orange"),
        ("range", "7", "far right"),
        *(
            pytest.param(*picker, marks=pytest.mark.slow)  # set by the same code as a date
            for picker in (
                ("time", "14:30", "half past two"),
                ("month", "2026-12", "December"),
                ("week", "2026-W52", "52"),
                ("datetime-local", "2026-12-31T14:30", "tomorrow"),
            )
        ),
    ],
)
def test_pickers_are_told_and_set(opened: Open, site: Site, kind: str, good: str, bad: str) -> None:
    browser = opened(site.add("/", f"<input type={kind} {BUTTON}>{LOG}</script>"))
    assert f"takes a {kind}" in browser.perform(Click(point=AT)).text
    evaluate(browser, "log.splice(0)")
    assert browser.perform(Choose(value=good)).text == f"'{good}' is chosen."
    assert evaluate(browser, "[document.querySelector('input').value, log.join()]") == [good, "input,change"]
    with pytest.raises(ActionRefused, match="cannot be chosen"):
        browser.perform(Choose(value=bad))
    assert evaluate(browser, "document.querySelector('input').value") == good


def test_suggestions_are_told_and_any_text_is_taken(opened: Open, site: Site) -> None:
    suggestions = "<datalist id=l><option value=Rome><option value=Oslo></datalist>"
    browser = opened(site.add("/", f"<input list=l {BUTTON}>{suggestions}"))
    assert "suggests 'Rome', 'Oslo'" in browser.perform(Click(point=AT)).text
    browser.perform(Choose(value="Oslo"))
    assert evaluate(browser, "document.querySelector('input').value") == "Oslo"


def test_what_has_no_choices_is_not_chosen_from(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<input {BUTTON}>"))
    assert browser.perform(Click(point=AT)).text == ""
    with pytest.raises(ActionRefused, match="Click it first"):
        browser.perform(Choose(value="x"))


def test_a_list_in_a_frame_of_another_site_is_told_too(opened: Open, site: Site) -> None:
    site.add("/inner", f"<body style='margin:0'>{SELECT}")
    other = site.address.replace("127.0.0.1", "localhost")
    frame = "<iframe src='{}/inner' style='position:absolute;left:0;top:0;width:400px;height:300px;border:0'></iframe>"
    browser = opened(site.add("/", frame.format(other)))
    browser.ask(lambda page: page.wait_for_load_state("load"))
    browser.ask(lambda page: page.frames[1].wait_for_selector("select"))
    assert "'Deep green'" in browser.perform(Click(point=AT)).text
    assert "'Blue' is chosen" in browser.perform(Choose(value="Blue")).text


SHADOW = "this.attachShadow({mode: 'open'}).innerHTML = `<input %s>`" % BUTTON  # noqa: UP031 - braces
FOCUS = [
    (f"<input {BUTTON}>", True), (f"<textarea {BUTTON}></textarea>", True),
    (f"<p contenteditable {BUTTON}>x</p>", True), ("<body contenteditable>text", True),
    ("<script>document.designMode = 'on'</script>text", True),
    (f"<div tabindex=0 {BUTTON}>a widget with keys of its own</div>", True),
    (f"<canvas tabindex=0 {BUTTON}></canvas>", True),
    ("<x-field></x-field><script>customElements.define('x-field', class extends HTMLElement {"
     " constructor() { super(); " + SHADOW + " } })</script>", True),
    ("<p>nothing", False), (f"<button {BUTTON}>a button</button>", False), (f"<a href='#' {BUTTON}>a link</a>", False),
    (f"<input type=checkbox {BUTTON}>", False),
]  # fmt: skip


@pytest.mark.parametrize("framed", [False, True], ids=["page", "frame"])
@pytest.mark.parametrize(("body", "takes"), FOCUS)
def test_whether_a_field_has_the_focus_is_told(opened: Open, site: Site, body: str, takes: bool, framed: bool) -> None:
    address = site.add("/", body)
    if framed:
        style = "position:absolute;left:0;top:0;width:400px;height:300px;border:0"
        address = site.add("/around", f"<body style='margin:0'><iframe src='/' style='{style}'></iframe>")
    browser = opened(address)
    browser.ask(lambda page: page.wait_for_load_state("load"))
    browser.perform(Click(point=AT))
    assert ("No field had the focus" not in browser.perform(Type(text="ab")).text) == takes


def test_a_tab_in_a_text_moves_the_focus_as_the_tab_key_does(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", "<form onsubmit='document.title = u.value + p.value; return false'>"
                              f"<input id=u {BUTTON}><input id=p><button></button></form>"))  # fmt: skip
    browser.perform(Click(point=AT))
    browser.perform(Type(text="ada\tlovelace\n"))
    assert title(browser) == "adalovelace"


def test_only_the_browsers_own_context_menu_is_said_to_be_missing(opened: Open, site: Site) -> None:
    own = f"<div {BUTTON.replace('50px', '300px')} oncontextmenu='return false'></div>"
    browser = opened(site.add("/", f"<p {BUTTON}>text</p>{own}"))
    assert "own menu opened" in browser.perform(RightClick(point=AT)).text
    assert browser.perform(RightClick(point=Point(350, 130))).text == ""


GROUPS = (
    "<optgroup label=Cats><option>Tabby<option>Other</optgroup><optgroup label=Fish disabled><option>Carp</optgroup>"
    "<optgroup label=Dogs><option>Pug<option hidden>Cur<option value=d>Other</optgroup>"
)


def test_options_are_told_by_their_groups_and_chosen_from_the_one_that_is_named(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<select {BUTTON}>{GROUPS}</select>"))
    assert browser.perform(Click(point=AT)).text == (
        "The list with the focus holds in 'Cats': 'Tabby', 'Other'; in 'Dogs': 'Pug', 'Other'; 'Tabby' is chosen. "
        "Use Choose with one of them."
    )
    for given, value in (("Other", "Other"), ("Dogs: Other", "d"), ("cats: other", "Other")):
        assert browser.perform(Choose(value=given)).text == "'Other' is chosen."
        assert evaluate(browser, "document.querySelector('select').value") == value
    for given in ("Carp", "Cur"):
        with pytest.raises(ActionRefused, match="cannot be chosen"):
            browser.perform(Choose(value=given))


@pytest.mark.parametrize("size", ["", "size=4"])
def test_of_several_options_each_is_added_and_taken_out(opened: Open, site: Site, size: str) -> None:
    browser = opened(site.add("/", f"<select multiple {size} id=s {BUTTON} tabindex=0>{GROUPS}</select>"))
    browser.perform(Press(keys=("tab",)))
    chosen = "[...s.selectedOptions].map(option => option.text)"
    for given, expected, said in (
        ("Pug", ["Pug"], "'Pug' is chosen."),
        ("Tabby", ["Tabby", "Pug"], "'Tabby', 'Pug' are chosen."),
        ("Pug", ["Tabby"], "'Tabby' is chosen."),
        ("Tabby", [], "Nothing is chosen."),
    ):
        assert browser.perform(Choose(value=given)).text == said
        assert evaluate(browser, chosen) == expected
    assert "More than one can be chosen" in browser.perform(Press(keys=("shift",))).text


def test_what_is_chosen_far_down_a_list_is_told(opened: Open, site: Site) -> None:
    options = "".join(f"<option {'selected' * (number == 700)}>n{number}" for number in range(900))
    assert (
        "'n700' is chosen."
        in opened(site.add("/", f"<select {BUTTON}>{options}</select>")).perform(Click(point=AT)).text
    )


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        (3000, None),
        pytest.param(3000, ("space",), marks=pytest.mark.slow),
        pytest.param(3000, ("alt", "down"), marks=pytest.mark.slow),
        (1000, None),
    ],
    ids=["mouse", "space", "alt+down", "a list that opens"],
)
def test_an_endless_list_stays_closed_and_is_chosen_from(
    opened: Open, site: Site, options: int, keys: tuple[str, ...] | None
) -> None:
    """Chromium takes seconds to open the popup of 20,000 options, and minutes for more."""
    fill = f"<script>for (let i = 0; i < {options}; i++) s.add(new Option('number ' + i))</script>"
    browser = opened(site.add("/", f"<select id=s {BUTTON}></select>{fill}"), patience_s=60.0)
    browser.perform(Press(keys=("tab",)))
    browser.perform(Press(keys=keys) if keys else Click(point=AT))
    assert evaluate(browser, "s.matches(':open')") == (options < 2000)
    said = browser.perform(Press(keys=("shift",))).text
    assert f"and {options - 30} more" in said and len(said) < 1500
    assert browser.perform(Choose(value=f"number {options - 1}")).text == f"'number {options - 1}' is chosen."
    assert "respond" not in browser.observe().text
