"""What an action touches on a real page: in any frame or tree, by any gesture, and what a yes is bound to."""

from collections.abc import Callable

import pytest

from actions.action import Action, Permit
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from actions.web import AnswerDialog, Choose, CloseTab, Goto, Reload
from devices.browser.device import Browser
from devices.rules.approval import Answer, Approval, Approver, Question
from devices.rules.judges import confirming
from devices.rules.places import Detail, Place
from devices.rules.policy import Policy
from devices.wrappers.policed import Policed
from devices.wrappers.settled import Settled
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, title

INNER = "<body style='margin:0'>Terms<button style='position:absolute;left:20px;top:20px;width:100px;height:40px'>Send"
PAGE = """<title>shop</title><body style='margin:0;height:3000px'>
<style>i,b,div,form,iframe{position:absolute} iframe{width:300px;height:100px;border:5px solid red}</style>
<button style='position:absolute;left:50px;top:100px;width:100px;height:60px'><span>Pay <u>now</u></span></button>
<i style='left:200px;top:100px'>
<button style='width:90px;height:60px' aria-label='Delete account'><svg width=20></svg></button></i>
<div style='left:350px;top:100px'>Delete all files? <button style='width:60px;height:40px'>OK</button>
  <button style='width:60px;height:40px'>Cancel</button></div>
<iframe src='/inner' style='left:50px;top:200px;transform:scale(.5);transform-origin:0 0'></iframe>
<iframe src='OTHER/inner' style='left:400px;top:200px'></iframe>
<div id=shut style='left:50px;top:320px'></div><div id=ajar style='left:200px;top:320px'></div>
<form style='left:50px;top:400px' action=/checkout><input name=closest placeholder='Your name'><input name=parentNode>
  <button>Buy it</button></form>
<div style='left:50px;top:450px'><label>Accept <input type=checkbox></label> <input type=password title=PIN></div>
<div style='left:50px;top:500px' class=icon>plain</div><style>.icon::before{content:'Install ';}</style>
<div role=dialog aria-label='Erase the disk' style='left:400px;top:400px'><p>This takes a minute.</p><p><button
  style='width:90px;height:40px'>Yes</button></p></div>
<div style='left:50px;top:560px'><button accesskey=y>Donate</button></div>
<script>
for (const [host, mode] of [[shut, 'closed'], [ajar, 'open']])
  host.attachShadow({mode}).innerHTML = '<button style="width:100px;height:40px">Install</button>';
Element.prototype.getAttribute = () => 'harmless'; Array.prototype.filter = () => [];
</script>"""


@pytest.fixture
def shop(opened: Open, site: Site) -> Browser:
    other = site.address.replace("127.0.0.1", "localhost")
    site.add("/inner", INNER)
    browser = opened(site.add("/", PAGE.replace("OTHER", other)))
    Settled(browser).observe()
    return browser


def at(x: float, y: float) -> Click:
    return Click(point=Point(x, y))


def first(browser: Browser, action: Action) -> Place:
    return browser.touches(action, Detail.WORDS)[0]


def test_the_element_under_a_point_is_named_wherever_it_is(shop: Browser, site: Site) -> None:
    other = site.address.replace("127.0.0.1", "localhost")
    for point, role, name, words, near in (
        ((100, 130), "button", "Pay now", "Pay now", ""),
        ((245, 130), "button", "Delete account", "Delete account", ""),
        ((490, 115), "button", "OK", "OK", "Delete all files?"),
        ((560, 115), "button", "Cancel", "Cancel", "Delete all files?"),
        ((90, 223), "button", "Send", "Send", "Terms"),
        ((460, 245), "button", "Send", "Send", "Terms"),
        ((80, 340), "button", "Install", "Install", ""),
        ((230, 340), "button", "Install", "Install", ""),
        ((80, 410), "text field", "Your name", "Your name", ""),
        ((70, 460), "", "Accept", "Accept", ""),
        ((200, 460), "password field", "PIN", "password credentials", ""),
        ((60, 505), "", "plain", "Install plain", ""),
        ((440, 475), "button", "Yes", "Yes", "Erase the disk"),
        ((1000, 650), "", "", "", ""),
    ):
        place = first(shop, at(*point))
        assert role in (place.role, "") and name in place.name, (point, place)
        assert all(word in place.words for word in words.split()), (point, place)
        assert near in place.near, (point, place)
    assert [place.address for place in shop.touches(at(460, 245), Detail.WORDS)] == [
        f"{other}/inner",
        f"{site.address}/",
    ]
    evaluate(shop, "scrollTo(0, 100)")
    assert first(shop, at(100, 30)).name == "Pay now" and first(shop, at(460, 145)).name == "Send"
    assert first(shop, MoveTo(point=Point(100, 30))).words == "", "looking presses nothing"


def test_every_gesture_is_judged_by_what_it_touches(shop: Browser) -> None:
    pay = Point(100, 130)
    for action in (Click(point=pay), DoubleClick(point=pay), RightClick(point=pay), MiddleClick(point=pay)):
        assert first(shop, action).name == "Pay now"
    assert [place.name for place in shop.touches(Drag(start=pay, end=Point(245, 130)), Detail.WORDS)] == [
        "Pay now",
        "Delete account",
    ]
    shop.perform(MoveTo(point=pay))
    assert {place.name for place in shop.touches(Drag(end=Point(245, 130)), Detail.WORDS)} == {
        "Pay now",
        "Delete account",
    }


def test_keys_touch_what_has_the_focus_and_what_they_press_from_there(shop: Browser) -> None:
    assert first(shop, Press(keys="enter")).name == ""
    for where, keys, words in (
        ("document.forms[0][0]", "enter", ("Buy it", "/checkout", "Your name")),
        ("document.forms[0][0]", "a", ("Your name",)),
        ("document.querySelector('button')", "enter", ("Pay now",)),
        ("document.querySelector('button')", "space", ("Pay now",)),
        ("document.querySelector('button')", "alt+y", ("Donate",)),
        ("document.querySelector('#ajar').shadowRoot.querySelector('button')", "enter", ("Install",)),
        ("document.querySelector('[type=password]')", "1", ("credentials",)),
        ("document.querySelector('button')", "escape", ()),
        ("document.querySelector('button')", "tab", ()),
    ):
        evaluate(shop, f"{where}.focus()")
        said = first(shop, Press(keys=keys)).words
        assert all(word in said for word in words) and (words or not said), (where, keys, said)
    evaluate(shop, "document.forms[0][0].focus()")
    assert "Buy it" in first(shop, Type(text="Ada\n")).words and "Buy it" not in first(shop, Type(text="Ada")).words
    shop.perform(at(460, 245))
    assert first(shop, Press(keys="enter")).name == "Send", "in a frame of another site"


CHAPTERS = """<h1>Books</h1><section aria-label=Shelf><h2>Poems</h2><div><p><b>Odes</b></p></div>
<button style='position:absolute;left:50px;top:200px;width:100px;height:40px' aria-expanded=true>More</button></section>
<input type=checkbox checked style='position:absolute;left:200px;top:200px;width:40px;height:40px'>
<button disabled style='position:absolute;left:300px;top:200px;width:100px;height:40px'>Buy</button>
<input id=field value='green tea' style='position:absolute;left:450px;top:200px;width:200px;height:40px'>"""


def test_headings_and_states_are_described_where_they_are_asked_for(opened: Open, site: Site) -> None:
    """Rules are not about them, and each press is judged."""
    browser = opened(site.add("/", CHAPTERS))
    browser.observe()
    for x, headings, state in (
        (100, "Odes | Poems | Books | Shelf", "open"),
        (220, "Books", "on"),
        (350, "Books", "disabled"),
    ):
        (place,) = browser.touches(at(x, 220), Detail.COMPARED)
        assert (place.headings, place.state) == (headings, state)
        (place,) = browser.touches(at(x, 220), Detail.WORDS)
        assert (place.headings, place.state) == ("", "")
    evaluate(browser, "field.focus(), field.setSelectionRange(0, 6)")
    (place,) = browser.touches(Type(text="black "), Detail.COMPARED)
    assert (place.headings, place.state) == ("Books", "tea"), "what the field keeps"


MONTH = """<p>Offers</p><div>May 2026</div><table><tr><td><button>11</button></table>
<table><tr><td><button style='position:absolute;left:50px;top:200px;width:100px;height:40px'>12</button></table>
<div style='position:absolute;left:50px;top:300px'>Spade <button style='width:100px;height:40px'>12</button></div>"""


def test_what_nothing_else_tells_about_is_under_the_nearest_text_before_it(opened: Open, site: Site) -> None:
    """So that the same day of another month is another target."""
    browser = opened(site.add("/", MONTH))
    browser.observe()
    for point, near, headings in (((100, 220), "", "May 2026"), ((150, 320), "Spade", "")):
        (place,) = browser.touches(at(*point), Detail.COMPARED)
        assert (place.name, place.near, place.headings) == ("12", near, headings)


def test_long_texts_around_an_element_are_told_apart(opened: Open, site: Site) -> None:
    row = "<div style='height:200px'>" + "It has many words. " * 20 + "Model {}. <button {}>Choose</button></div>"
    found = []
    for model in "ABA":
        browser = opened(site.add("/", row.format(model, BUTTON)))
        browser.observe()
        (place,) = browser.touches(at(100, 130), Detail.COMPARED)
        found.append(place.near)
        assert browser.touches(at(100, 130), Detail.WORDS)[0].near == ""
    assert found[0] == found[2] != found[1] and found[0].startswith("#")


def test_addresses_tabs_and_dialogs_are_places_too(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<button {BUTTON} onclick=\"document.title=confirm('Delete all?')\">Go</button>"))
    browser.observe()
    assert first(browser, Goto(url="/other")).address == f"{site.address}/other"
    assert first(browser, Reload()).address == f"{site.address}/" and first(browser, CloseTab()).address == ""
    with pytest.raises(ActionRefused):
        browser.touches(Goto(url="javascript:alert(1)"), Detail.WORDS)
    browser.perform(Click(point=AT))
    browser.observe()
    said = [first(browser, action).words for action in (
        AnswerDialog(answer="accept"), Press(keys="enter"), Press(keys="space"), AnswerDialog(answer="dismiss"),
        Press(keys="escape"),
    )]  # fmt: skip
    assert [words.strip(" |") for words in said] == ["Delete all?"] * 3 + [""] * 2
    rule = Policy.model_validate({"rule": [{"decision": "deny", "words": ["delete"]}]}).judge
    environment = Policed(browser, browser, [rule], None)
    assert not environment.perform(AnswerDialog(answer="accept")).performed
    assert environment.perform(AnswerDialog(answer="dismiss")).performed
    assert title(browser) == "false"


class Person:
    """Says yes to everything, after doing something to the page."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self._meanwhile = meanwhile
        self.asked: list[Question] = []

    def decide(self, question: Question) -> Approval:
        self.asked.append(question)
        self._meanwhile()
        return Approval(Answer.YES)


CHANGES = {
    "the button is another one": "b.textContent = 'Transfer 9000 EUR'; b.onclick = () => document.title = 'gone'",
    "the page moved down": "document.body.insertAdjacentHTML('afterbegin', '<p style=height:90px></p>')",
    "a clear sheet lies over it": "b.insertAdjacentHTML('afterend', '<a style=position:fixed;inset:0></a>')",
    "it leads elsewhere": "b.formAction = '/transfer'",
    "the page is another one": "location.href = '/other'",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_yes_is_void_once_the_page_has_changed_there(opened: Open, site: Site, change: str) -> None:
    site.add("/other", f"<button {BUTTON} onclick=\"document.title='gone'\">Cancel</button>")
    style = BUTTON.replace("absolute", "relative")
    page = f"<title>bank</title><button id=b {style} onclick=\"document.title='done'\">Cancel</button>"
    browser = opened(site.add("/", page))
    person = Person(lambda: evaluate(browser, f"void (() => {{ {change} }})()"))
    environment = approved(browser, person)
    outcome = environment.perform(Click(point=AT))
    assert outcome.permit is Permit.OUTDATED and title(browser) in ("bank", "")
    assert person.asked[0].places[0].name == "Cancel"


def test_what_changes_elsewhere_on_the_page_vetoes_nothing(opened: Open, site: Site) -> None:
    advert = "<img id=advert width=200 height=100 style='position:absolute;left:800px;top:400px;background:red'>"
    page = f"<button {BUTTON} onclick=\"document.title='done'\">Cancel</button>{advert}"
    browser = opened(site.add("/", page))
    person = Person(lambda: evaluate(browser, "void (advert.style.background = 'blue')"))
    assert approved(browser, person).perform(Click(point=AT)).permit is Permit.APPROVED
    assert title(browser) == "done"


def approved(browser: Browser, person: Approver) -> Policed:
    environment = Policed(Settled(browser), browser, [confirming], person)
    environment.observe()
    return environment


def test_a_key_is_bound_to_the_element_with_the_focus(opened: Open, site: Site) -> None:
    page = f'<title>bank</title><button id=b {BUTTON} onclick="document.title=b.textContent">Cancel</button>'
    browser = opened(site.add("/", page))
    evaluate(browser, "b.focus()")
    person = Person(lambda: evaluate(browser, "void (b.textContent = 'Transfer')"))
    assert approved(browser, person).perform(Press(keys="enter")).permit is Permit.OUTDATED
    person = Person(lambda: None)
    assert approved(browser, person).perform(Press(keys="enter")).permit is Permit.APPROVED
    assert title(browser) == "Transfer"


def test_a_list_and_scrolling_are_judged_by_what_is_chosen_and_the_site(opened: Open, site: Site) -> None:
    page = f'<select id=s {BUTTON} onchange="document.title=s.value"><option>Keep<option>Delete</select>'
    browser = opened(site.add("/", page))
    browser.observe()
    rules = [
        {"decision": "deny", "words": ["delete"]},
        {"decision": "deny", "hosts": ["127.0.0.1"], "actions": ["Scroll"]},
    ]
    environment = Policed(browser, browser, [Policy.model_validate({"rule": rules}).judge], None)
    browser.perform(Click(point=AT))
    assert not environment.perform(Choose(value="Delete")).performed and title(browser) == ""
    assert not environment.perform(Scroll(direction="down")).performed
