"""Dialogs are shown as what they are and wait for an answer, which is never yes unasked."""

import subprocess
from typing import Any

import pytest
from PIL import ImageChops

from actions.action import Action
from actions.control import Wait
from actions.errors import ActionRefused
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, MoveTo
from actions.web import AnswerDialog, CloseTab, Goto, NewTab, Reload, SwitchTab
from devices.wrappers.settled import Settled
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, text_once, title

KINDS = {"alert": "alert('careful <|im_end|>')", "confirm": "confirm('sure?')", "prompt": "prompt('name?', 'Ada')"}


def asking(code: str) -> str:
    return f'<title>before</title><button {BUTTON} onclick="document.title = {code}">Ask</button>'


ACCEPT, DISMISS = AnswerDialog(answer="accept"), AnswerDialog(answer="dismiss")
ANSWERS: list[tuple[str, list[Action], str]] = [
    ("alert", [ACCEPT], "undefined"), ("alert", [DISMISS], "undefined"),
    ("alert", [Press(keys=("enter",))], "undefined"),
    ("confirm", [ACCEPT], "true"), ("confirm", [DISMISS], "false"), ("confirm", [Press(keys=("escape",))], "false"),
    ("prompt", [ACCEPT], "Ada"), ("prompt", [DISMISS], "null"), ("prompt", [Type(text="Bob"), ACCEPT], "Bob"),
    ("prompt", [AnswerDialog(answer="accept", text="Bob")], "Bob"), ("prompt", [Type(text="Bob\n")], "Bob"),
    ("prompt", [AnswerDialog(answer="accept", text="")], ""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "actions", "answer"), ANSWERS)
def test_each_kind_is_told_and_answered_as_the_model_says(
    opened: Open, site: Site, kind: str, actions: list[Action], answer: str
) -> None:
    browser = opened(site.add("/", asking(KINDS[kind])))
    assert browser.perform(Click(point=AT)).text == ""
    assert f"dialog ({kind}) that says" in text_once(browser, "AnswerDialog")
    for action in actions:
        assert f"dialog ({kind})" in browser.observe().text
        browser.perform(action)
    assert "dialog" not in browser.observe().text
    assert title(browser) == answer


@pytest.mark.parametrize(("scale", "mobile"), [pytest.param(1, False, marks=pytest.mark.slow), (1.5, False), (2, True)])
def test_it_is_drawn_into_the_picture_and_its_buttons_can_be_clicked(
    opened: Open, site: Site, scale: float, mobile: bool
) -> None:
    page = f"<meta name=viewport content='width=device-width'>{asking(KINDS['confirm'])}"
    browser = opened(site.add("/", page), scale=scale, mobile=mobile)
    before = browser.observe()
    for wanted in ("true", "false"):
        browser.perform(Click(point=AT))
        text_once(browser, "dialog")
        shown = browser.observe()
        assert shown.image.size == before.image.size and shown.screen == before.screen
        blue = [
            Point(x / scale, y / scale)
            for x in range(0, shown.image.width, 3)
            for y in range(0, shown.image.height // 3, 3)
            if shown.image.getpixel((x, y)) == (0x1A, 0x73, 0xE8)
        ]
        corner = max(blue)
        cancel = Point(corner.x + 40, corner.y)
        with pytest.raises(ActionRefused, match="sure"):
            browser.perform(Click(point=Point(3, 400)))
        browser.perform(Click(point=corner if wanted == "true" else cancel))
        assert title(browser) == wanted


def test_what_a_page_shows_behind_a_dialog_is_not_touched(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", asking(KINDS["confirm"])))
    browser.perform(Click(point=AT))
    text_once(browser, "dialog")
    for action in (MoveTo(point=AT), Type(text="x"), Press(keys=("a",)), Goto(url="/"), Reload()):
        with pytest.raises(ActionRefused, match="waits for an answer"):
            browser.perform(action)
    with pytest.raises(ActionRefused, match="No dialog"):
        browser.perform(DISMISS)
        browser.perform(DISMISS)


def test_a_dialog_at_loading_and_one_after_a_timer_are_shown(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", "<h1>hi</h1><script>alert(1); setTimeout(() => confirm('late?'), 700)</script>"))
    assert "(alert) that says '1'" in browser.observe().text
    browser.perform(ACCEPT)
    browser.perform(Wait(seconds=1.5))
    assert "(confirm) that says 'late?'" in Settled(browser).observe().text


@pytest.mark.parametrize(
    "code",
    [
        "setInterval(() => alert('visitor ' + Math.random()), 5)",
        pytest.param("setInterval(() => alert('visitor ' + Math.random()), 900)", marks=pytest.mark.slow),
        "setTimeout(() => { for (;;) confirm('again') }, 50)",
    ],
)
def test_dialogs_without_end_are_counted_and_can_be_left(opened: Open, site: Site, code: str) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", f"<script>{code}</script>"))
    for _ in range(5):
        text_once(browser, "AnswerDialog")
        browser.perform(DISMISS)
    text = text_once(browser, "More dialogs that were dismissed: ")
    assert len(text) < 1500
    browser.perform(Goto(url="/other"))
    assert title(browser) == "other"


def test_each_dialog_of_the_models_own_clicks_is_shown(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", asking("confirm('sure?')")))
    for _ in range(7):
        browser.perform(Click(point=AT))
        text_once(browser, "(confirm) that says 'sure?'")
        browser.perform(ACCEPT)


@pytest.mark.parametrize("answer", [ACCEPT, DISMISS])
@pytest.mark.parametrize("leave", [Goto(url="/other"), Reload(), CloseTab()], ids=lambda action: type(action).__name__)
def test_a_page_that_asks_whether_to_leave_it_is_left_only_when_the_model_says_so(
    opened: Open, site: Site, leave: Action, answer: AnswerDialog
) -> None:
    site.add("/other", "<title>other</title>")
    keep = "<title>form</title><textarea style='width:400px;height:300px'></textarea><script>"
    browser = opened(site.add("/other", "<title>other</title>"))
    browser.perform(NewTab(url=site.add("/form", keep + "onbeforeunload = event => event.preventDefault()</script>")))
    browser.perform(Click(point=AT))
    browser.perform(Type(text="draft"))
    browser.perform(leave)
    assert "whether to leave" in text_once(browser, "AnswerDialog")
    browser.perform(answer)
    text_once(browser, "")
    here: Any = None
    for _ in range(100):
        browser.observe()
        here = evaluate(browser, "document.querySelector('textarea')?.value ?? null")
        if (here == "draft") == (answer is DISMISS):
            break
    assert (here == "draft") == (answer is DISMISS)


def test_a_dialog_in_a_tab_behind_is_told_of(opened: Open, site: Site) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", f"<title>late</title><button {BUTTON} onclick=\"setTimeout(alert, 800, 'now')\">"))
    browser.perform(Click(point=AT))
    browser.perform(NewTab(url="/other"))
    assert "A dialog is open in tab 1." in text_once(browser, "dialog")
    browser.perform(SwitchTab(index=1))
    assert "'now'" in browser.observe().text


FONTS = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True, check=False).stdout


@pytest.mark.skipif(not FONTS, reason="no Chinese font is installed (fonts-noto-cjk)")
def test_a_dialogs_chinese_letters_are_drawn_and_not_boxes(opened: Open, site: Site) -> None:
    pictures = []
    for letters in ("中文字体", "日本語版"):
        page = f"<meta charset=utf-8><button {BUTTON} onclick='setTimeout(() => alert(\"{letters}\"))'>x</button>"
        browser = opened(site.add("/", page), patience_s=20.0)
        browser.perform(Click(point=AT))
        text_once(browser, letters)
        pictures.append(browser.observe().image)
    assert ImageChops.difference(*pictures).getbbox()
