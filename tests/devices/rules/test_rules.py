"""What a policy's rules say about an action at a place: pure tables, no device."""

from collections.abc import Mapping

import pytest

from actions.action import Action
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, RightClick, Scroll
from actions.phone import Enter, Home, OpenApp
from actions.touch import LongPress, Swipe, Tap
from actions.web import AnswerDialog, Choose, Goto
from devices.rules.judges import confirming, only_apps
from devices.rules.places import Deed, Place
from devices.rules.policy import BREAK, Policy
from devices.rules.verdict import Decision, Verdict, strictest
from devices.rules.wording import says

AT = Point(100, 130)
CLICK = Click(point=AT)
PAY = Place("https://shop.example/cart", role="button", name="Pay now", words="Pay now")
NOWHERE = Place()


def policy(*rules: Mapping[str, object], default: str = "allow") -> Policy:
    return Policy.model_validate({"default": default, "rule": list(rules)})


def decided(policy: Policy, action: Action, place: Place = NOWHERE, typed: str = "") -> str:
    return strictest(policy.judge(Deed(action, place, typed))).decision.value


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("pay", "Pay now", True), ("pay", "PAY", True), ("pay", "Paypal", False), ("pay*", "Paypal", True),
        ("pay*", "payment due", True), ("pay*", "repay", False), ("*pay", "repay", True), ("pay", "p\u200bay", True),
        ("pay", "P\u00adAY", True), ("pay", "\ufeffp\ufe0fa\u034fy\U000e0041", True),
        ("pay", "p\u20dda\u20ddy\u20dd", True),
        ("pay now", "\u3164Pay\u3164now", True), ("pay", "\u2800pay\uffa0", True), ("pay", "/pay_now", True),
        ("pay", "\U0001d4ab\U0001d4b6\U0001d4ce", True), ("pay", "\u24c5\u24d0\u24e8", True),
        ("pay", "\uff30\uff41\uff59", True), ("pay", "p\u00e1y", True),
        ("b\u00fcy", "buy", True), ("buy now", "Buy \n  now", True), ("buy now", "buy it now", False),
        ("\u8cfc\u5165", "\u8cfc\u5165\u3059\u308b", True), ("\u20ac", "100\u20ac", True), ("pay", "say|pay|", True),
        ("k\u00f6pa", "K\u00d6PA", True), ("delete", "undelete", False), ("a.b", "axb", False),
    ],
)  # fmt: skip
def test_a_word_is_found_however_a_screen_writes_it(words: str, text: str, found: bool) -> None:
    assert says([text], [words]) is found


@pytest.mark.parametrize(
    ("action", "place", "typed", "denied"),
    [
        (CLICK, PAY, "", True),
        (DoubleClick(point=AT), PAY, "", True),
        (RightClick(point=AT), PAY, "", True),
        (Drag(end=AT), PAY, "", True),
        (Tap(point=AT), PAY, "", True),
        (Press(keys="enter"), PAY, "", True),
        (CLICK, Place(name="OK", words="OK", near="Pay 9 EUR?"), "", True),
        (CLICK, Place(name="Cancel", words="Cancel", near="Pay 9 EUR?"), "", False),
        (CLICK, Place(name="Cancel", words="Cancel | pay"), "", True),
        (CLICK, Place(title="Pay - Wallet"), "", True),
        (CLICK, Place(name="Search", words="Search"), "", False),
        (Type(text="please pay"), Place(), "", True),
        (Type(text="y"), Place(), "pa" + "y", True),
        (Type(text="y"), Place(words="pa"), "y", True),
        (Type(text="ay"), Place(words="p"), "pax" + "ay", True),
        (Press(keys="y"), Place(words="pa"), "pax" + "y", True),
        (Press(keys="y"), Place(), f"pa{BREAK}y", True),
        (Type(text="pay"), Place(), f"Ada{BREAK}pay", True),
        (Press(keys="enter"), PAY, "typed before", True),
        (Choose(value="Pay"), Place(), "", True),
        (AnswerDialog(answer="accept", text="pay"), Place(), "", True),
        (AnswerDialog(answer="dismiss"), Place(name="Pay?"), "", False),
        (Goto(url="https://x.example/pay"), Place("https://x.example/pay"), "", True),
        (OpenApp(app="Pay"), Place(app="com.pay"), "", True),
        (CLICK, Place(unread="The page does not respond."), "", True),
    ],
)
def test_a_rule_about_words_knows_what_is_touched_around_it_and_typed(
    action: Action, place: Place, typed: str, denied: bool
) -> None:
    assert decided(policy({"decision": "deny", "words": ["buy", "pay"]}), action, place, typed) == (
        "deny" if denied else "allow"
    )


@pytest.mark.parametrize(
    ("action", "kind", "counts"),
    [
        (CLICK, "Click", True), (DoubleClick(point=AT), "Click", True), (RightClick(point=AT), "Click", False),
        (Drag(start=AT, end=Point(103, 130)), "Click", True), (Drag(start=AT, end=Point(400, 130)), "Click", False),
        (Drag(end=AT), "Click", True), (LongPress(point=AT), "Tap", True), (Swipe(start=AT, end=AT), "Tap", True),
        (Swipe(start=AT, end=Point(100, 900)), "Tap", False), (Enter(), "Press", True),
        (Type(text="a\n"), "Press", True), (Type(text="a"), "Press", False), (Press(keys="a"), "Type", True),
        (Press(keys="shift+a"), "Type", True), (Press(keys="ctrl+a"), "Type", False), 
        (Press(keys="f5"), "Reload", True),
        (Press(keys="alt+left"), "GoBack", True), (Press(keys="ctrl+t"), "NewTab", True),
        (Press(keys="ctrl+w"), "CloseTab", True), (Press(keys="ctrl+9"), "SwitchTab", True),
    ],
)  # fmt: skip
def test_a_rule_about_a_kind_covers_what_amounts_to_it(action: Action, kind: str, counts: bool) -> None:
    assert decided(policy({"decision": "deny", "actions": [kind]}), action) == ("deny" if counts else "allow")


@pytest.mark.parametrize(
    ("hosts", "address", "found"),
    [
        (["shop.example"], "https://shop.example/cart", True), (["shop.example"], "https://www.shop.example/", True),
        (["shop.example"], "https://SHOP.example./", True),
        (["shop.example"], "https://shop.example.evil.test/", False),
        (["shop.example"], "https://evil.test/?shop.example", False),
        (["shop.example"], "https://shop.example@evil.test/", False),
        (["127.0.0.1"], "http://2130706433/", True), (["localhost:8000"], "http://localhost:8001/", False),
        (["localhost:8000"], "http://localhost:8000/", True), (["shop.example"], "", False),
        (["a.test", "shop.example"], "https://shop.example/", True),
    ],
)  # fmt: skip
def test_a_rule_about_hosts_compares_them_as_a_browser_does(hosts: list[str], address: str, found: bool) -> None:
    assert decided(policy({"decision": "deny", "hosts": hosts}), CLICK, Place(address)) == (
        "deny" if found else "allow"
    )


def test_all_conditions_of_a_rule_must_hold_and_one_value_of_each() -> None:
    rule = {"decision": "deny", "hosts": ["shop.example"], "words": ["pay", "buy"], "actions": ["Click", "Press"]}
    assert decided(policy(rule), CLICK, PAY) == "deny"
    assert decided(policy(rule), Scroll(direction="down", point=AT), PAY) == "allow"
    assert decided(policy(rule), CLICK, PAY._replace(address="https://other.example/")) == "allow"
    assert decided(policy(rule), CLICK, PAY._replace(words="Search")) == "allow"
    assert decided(policy({"decision": "deny", "schemes": ["http"]}), CLICK, Place("HTTP://a.test/")) == "deny"


@pytest.mark.parametrize(
    ("decisions", "default", "found"),
    [
        ("allow ask deny", "allow", "deny"), ("deny allow", "allow", "deny"), ("ask allow", "allow", "ask"),
        ("allow", "deny", "allow"), ("allow", "ask", "allow"), ("", "deny", "deny"), ("", "ask", "ask"),
        ("", "allow", "allow"),
    ],
)  # fmt: skip
def test_the_strictest_rule_decides_and_else_the_default(decisions: str, default: str, found: str) -> None:
    rules = [{"decision": each, "words": ["pay"]} for each in decisions.split()]
    assert decided(policy(*rules, default=default), CLICK, PAY) == found


def test_the_browser_itself_asks_before_a_page_of_an_asked_site_opens() -> None:
    asked = policy({"decision": "ask", "hosts": ["shop.example"]})
    shop = Place("https://shop.example/")
    assert decided(asked, Goto(url="shop.example"), shop) == "allow" and decided(asked, CLICK, shop) == "ask"
    assert asked.hosts(Decision.ASK) == ("shop.example",)
    denied = policy({"decision": "deny", "hosts": ["shop.example"]})
    assert decided(denied, Goto(url="shop.example"), shop) == "deny"


def test_what_cannot_be_read_is_never_allowed_by_a_rule_about_it() -> None:
    unread = Place(unread="Nobody knows.")
    allowing = policy(
        {"decision": "allow", "words": ["search"]}, {"decision": "allow", "apps": ["maps"]}, default="deny"
    )
    assert decided(allowing, CLICK, unread) == "deny"


@pytest.mark.parametrize(
    ("place", "asked"),
    [
        (Place(app="com.simphone.maps"), False), (Place(app="XTerm"), True), (Place(app="com.simphone.shop"), True),
        (Place(), False), (Place(unread="No window has the focus."), True),
    ],
)  # fmt: skip
def test_other_apps_than_those_named_are_asked_about(place: Place, asked: bool) -> None:
    assert bool(only_apps(["com.simphone.maps", "xte*x"])(Deed(CLICK, place))) is asked
    assert not only_apps(["x"])(Deed(Home(), Place())), "a button that is in no app leads out of the others"


def test_the_reason_of_a_verdict_is_the_rules_own_or_its_words() -> None:
    wordy, plain = {"decision": "ask", "words": ["pay"], "why": "People pay."}, {"decision": "deny", "words": ["pay"]}
    assert policy(wordy, plain).judge(Deed(CLICK, PAY)) == (
        Verdict(Decision.ASK, "People pay. (rule 1)"),
        Verdict(Decision.DENY, "rule 2, deny words pay"),
    )
    assert confirming(Deed(CLICK, PAY))[0].decision is Decision.ASK


def test_the_texts_of_what_is_touched_are_read_only_for_actions_that_a_rule_about_words_covers() -> None:
    """On a phone they take long to read."""
    assert not policy({"decision": "deny", "apps": ["com.example.bank"]}).reads_words(Tap(point=AT))
    of_typing = policy({"decision": "deny", "actions": ["Type"], "words": ["pay"]})
    assert of_typing.reads_words(Type(text="a")) and not of_typing.reads_words(Tap(point=AT))
    of_taps = policy({"decision": "ask", "actions": ["Tap"], "words": ["pay"]})
    assert of_taps.reads_words(LongPress(point=AT)) and not of_taps.reads_words(Enter())
