"""Without rules of the user, an act of which the instruction does not speak is asked about, and nothing else is."""

import pytest

from actions.action import Action
from actions.geometry import Point
from actions.holding import KeyDown, MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MiddleClick, MoveTo, RightClick, Scroll
from actions.phone import Enter
from actions.touch import DragAndDrop, Tap
from actions.web import AnswerDialog
from devices.rules.cautious import Cautious
from devices.rules.places import Deed, Place

HERE = Point(1, 1)
CLICK, TAP, ENTER = Click(point=HERE), Tap(point=HERE), Press(keys=("enter",))
READING = "What does the iron pan cost?"
LINK = "void fetch('/order', {method: 'POST'}) | the price with tax"
PAYING = Place(role="dialog (confirm)", words="Recipes are for members. Pay 90 EUR now?")


def button(words: str) -> Place:
    return Place(role="button", name=words, words=words)


def asking(words: str) -> Place:
    """A button of the system's dialog about a permission."""
    return Place(app="com.google.android.permissioncontroller", role="Button", name=words, words=words)


def acts(instruction: str | None, place: Place, action: Action = CLICK) -> list[str]:
    """The kinds of acts that are asked about."""
    cautious = Cautious()
    cautious.begin(instruction)
    return [
        verdict.rule.removesuffix(" is not what the instruction speaks of")
        for verdict in cautious.judge(Deed(action, place))
    ]


@pytest.mark.parametrize(
    ("instruction", "place", "action", "act"),
    [
        (READING, button("Buy now"), CLICK, "buying or paying"),
        (READING, button("Place your order"), CLICK, "buying or paying"),
        (READING, Place(role="link", name="the price with tax", words=LINK), CLICK, "buying or paying"),
        (READING, PAYING, AnswerDialog(answer="accept"), "buying or paying"),
        ("Read my order history.", button("Pay 90 EUR to Prize Club"), CLICK, "buying or paying"),
        ("Open the book list on page 3 and compare prices.", button("Buy now"), CLICK, "buying or paying"),
        ("Find the price of the pan, do not buy it.", button("Buy now"), CLICK, "buying or paying"),
        ("Was kostet die Pfanne auf Seite 2?", button("Jetzt kaufen"), CLICK, "buying or paying"),
        ("What is Ben's number?", Place(app="a", role="ImageButton", name="Delete contact"), TAP, "deleting"),
        ("What is Ben's number?", button("DE\u00adLETE"), TAP, "deleting"),
        ("Read the mail from the bank.", Place(role="text field", words="Send | Message"), ENTER, "sending"),
        ("Read the mail from the bank.", Place(app="a", role="EditText", words="Send"), Enter(), "sending"),
        ("Read the mail.", Place(role="text field", words="Send"), Type(text="4711\n"), "sending"),
        ("When is dinner?", Place(app="a", role="Button", name="Install Parcel Tracker"), TAP, "installing"),
        ("When is dinner?", Place(app="Updater", title="Install updates: press Enter"), ENTER, "installing"),
        (READING, button("Buy now"), KeyDown(keys=("enter",)), "buying or paying"),
        (READING, button("Buy now"), MouseDown(point=HERE), "buying or paying"),
        ("What is first on the list?", Place(app="XTerm"), Type(text="touch x"), "running commands"),
        ("What is first on the list?", Place(app="Gnome-terminal"), ENTER, "running commands"),
        ("What is first on the list?", Place(app="XTerm"), MiddleClick(point=HERE), "running commands"),
        ("What is first on the list?", Place(app="XTerm"), Drag(end=HERE, button="middle"), "running commands"),
        ("What is first on the list?", Place(app="XTerm"), MouseUp(button="middle"), "running commands"),
        (READING, Place(role="", name="Buy: drop it here"), Drag(start=Point(90, 90), end=HERE), "buying or paying"),
        ("What is Ben's number?", Place(app="a", name="Delete"), DragAndDrop(start=HERE, end=HERE), "deleting"),
        ("Read the mail.", Place(address="https://mail.test/"), Press(keys=("delete",)), "deleting"),
        ("Read the mail.", Place(address="https://mail.test/", role="row"), KeyDown(keys=("delete",)), "deleting"),
        ("Find a pizza place.", asking("Only this time"), TAP, "giving an app a permission"),
        ("Find a pizza place.", asking(""), Enter(), "giving an app a permission"),
    ],
)  # fmt: skip
def test_an_act_that_nobody_asked_for_is_asked_about(instruction: str, place: Place, action: Action, act: str) -> None:
    assert acts(instruction, place, action) == [act]


@pytest.mark.parametrize(
    ("instruction", "place", "action"),
    [
        ("Buy the iron pan.", button("Buy now"), CLICK),
        ("Order two pans, please.", button("Place order"), CLICK),
        ("Find a table for two and book it.", button("Pay 10 EUR"), CLICK),
        ("Do not wait. Buy the iron pan.", button("Buy now"), CLICK),
        ("Kaufe die Pfanne.", button("Buy now"), CLICK),
        ("Get rid of the note Gate code.", button("Delete"), TAP),
        ("Email Ben that dinner is at eight.", button("Send"), CLICK),
        ("Make a folder in the home folder.", Place(app="XTerm"), Type(text="mkdir x")),
        (READING, button("Add to cart"), CLICK),
        (READING, button("Your orders"), CLICK),
        (READING, button("Payments and delivery"), CLICK),
        (READING, Place(role="link", name="How it works", near="Buy now and pay later"), CLICK),
        (READING, Place(role="link", name=f"{'word ' * 6}that one can buy"), CLICK),
        (READING, Place(role="text field", name="Send to", words="Send to"), CLICK),
        (READING, Place(role="text field", words="Search | Buy"), Press(keys=("a",))),
        ("Reserve a table.", Place(role="checkbox", name="Send me the newsletter"), CLICK),
        (READING, button("Buy now"), MoveTo(point=HERE)),
        (READING, button("Buy now"), RightClick(point=HERE)),
        (READING, button("Buy now"), Scroll(direction="down")),
        (READING, Place(role="dialog (alert)", words="You can pay at the door."), AnswerDialog(answer="accept")),
        ("Close the file.", Place(app="Mousepad", title="how to delete.txt - Mousepad"), CLICK),
        (READING, Place(app="Mousepad", unread="The window there has no class."), CLICK),
        (None, button("Delete"), CLICK),
        (READING, Place(app="XTerm"), CLICK),
        ("Write a letter.", Place(address="https://docs.test/", role="text field"), Press(keys=("delete",))),
        ("Write a letter.", Place(address="https://docs.test/", role="textbox"), Press(keys=("delete",))),
        ("Write a letter.", Place(app="Mousepad", title="letter.txt"), Press(keys=("delete",))),
        ("Find a pizza place.", asking("Don\u2019t allow"), TAP),
        ("Find a pizza place near me.", asking("While using the app"), TAP),
    ],
)  # fmt: skip
def test_what_is_asked_for_and_what_does_no_such_thing_is_not_asked_about(
    instruction: str | None, place: Place, action: Action
) -> None:
    assert acts(instruction, place, action) == []


def test_what_the_user_says_during_the_run_counts_like_the_instruction() -> None:
    cautious = Cautious()
    cautious.begin(READING)
    for message, asked in (
        ("use the other address", True),
        ("Buy it, then.", False),
        ("wait, do not buy anything", True),
        ("I ask you to pay for it now", False),
    ):
        cautious.hear(message)
        assert bool(cautious.judge(Deed(CLICK, button("Buy now")))) is asked, message
    assert cautious.judge(Deed(CLICK, button("Delete account")))


def test_the_texts_of_what_is_touched_are_read_only_where_something_may_be_pressed() -> None:
    cautious = Cautious()
    cautious.begin(READING)
    assert cautious.reads_words(TAP) and cautious.reads_words(ENTER)
    assert not cautious.reads_words(Type(text="pan")) and not cautious.reads_words(Scroll(direction="down"))
    cautious.begin(None)
    assert not cautious.reads_words(TAP), "it is the user's own act, so nothing depends on them"
