"""Rules on a phone: the app in front and the words of an element, before anything is touched."""

from actions.geometry import Point
from actions.keyboard import Type
from actions.phone import Back, Enter, Home, OpenApp
from actions.touch import LongPress, Swipe, Tap
from devices.android.device import Android
from devices.rules.judges import only_apps
from devices.rules.places import Detail, Judge
from devices.rules.policy import Policy
from devices.wrappers.policed import Policed
from tests.devices.simphone.driver import Phone


def policed(android: Android, judge: Judge, words: bool) -> Policed:
    return Policed(android, android, [judge], None, lambda action: words)


def tap(phone: Phone, wanted: str) -> Tap:
    return Tap(point=Point(*phone.find(wanted).middle))


def test_only_the_apps_that_are_named_are_used(android: Android, phone: Phone) -> None:
    environment = policed(android, only_apps(["com.simphone.shop"]), words=False)
    assert not environment.perform(Tap(point=Point(540, 1200))).performed, "the launcher"
    denied = environment.perform(OpenApp(app="Maps"))
    assert not denied.performed and "this is com.simphone.maps" in denied.text
    assert environment.perform(OpenApp(app="Shop")).performed
    assert environment.perform(Tap(point=Point(540, 560))).performed
    android.perform(OpenApp(app="Settings"))
    assert not environment.perform(Tap(point=Point(540, 560))).performed, "it has come to the front by other ways"
    assert environment.perform(Back()).performed and environment.perform(Home()).performed, "they lead out of it"
    phone.shell("setprop sim.permission 1")
    assert not environment.perform(Tap(point=Point(540, 560))).performed, "a system dialog lies over it"


def test_an_element_is_named_by_all_its_texts_not_by_an_initial(android: Android, phone: Phone) -> None:
    android.perform(OpenApp(app="Contacts"))
    (row,) = android.touches(tap(phone, "Greta Lind"), Detail.WORDS)
    assert "Greta Lind" in row.name and android.named(row.role, row.name) == (row,)


def test_a_rule_about_words_reads_the_elements_on_the_screen(android: Android, phone: Phone) -> None:
    words = Policy.model_validate({"rule": [{"decision": "deny", "words": ["kettle", "search"]}]}).judge
    environment = policed(android, words, words=True)
    android.perform(OpenApp(app="Shop"))
    kettle = tap(phone, "Kettle").point
    for action in (Tap(point=kettle), LongPress(point=kettle), Swipe(start=kettle, end=kettle)):
        assert not environment.perform(action).performed
    android.perform(tap(phone, "search"))
    for typing in (Type(text="a"), Enter()):
        assert not environment.perform(typing).performed, "the field with the focus is for searching"
    assert environment.perform(tap(phone, "Kitchen")).performed
    phone.shell("setprop sim.uiautomator_fail 1")
    unread = environment.perform(Tap(point=Point(540, 1200)))
    assert not unread.performed, "what cannot be read is not allowed"
