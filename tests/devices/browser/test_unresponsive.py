"""Pages that do not answer, never finish or never rest: each call ends, and there is a way out."""

import os
import signal
import threading
import time

import pytest

from actions.action import Action
from actions.errors import ActionRefused, DeviceFailure
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo, Scroll
from actions.web import CloseTab, GoBack, Goto, NewTab, Reload, SwitchTab
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, evaluate, title

FREEZE = f"<title>frozen</title><button {BUTTON} onclick='while(true){{}}'>Freeze</button>"
HANDLER_S = 8
"""What a call may take at most here, on a busy machine: the patience is 1 s."""


@pytest.fixture
def frozen(site: Site) -> str:
    site.add("/other", "<title>other</title>")
    return site.add("/", FREEZE)


WAYS_OUT: dict[str, tuple[Action, str]] = {
    "reload": (Reload(), "frozen"), "f5": (Press(keys=("f5",)), "frozen"), "back": (GoBack(), "other"),
    "alt+left": (Press(keys=("alt", "left")), "other"), "goto": (Goto(url="/other"), "other"),
    "new tab": (NewTab(url="/other"), "other"),
}  # fmt: skip


# A key of the browser's leads to the same code as its action.
@pytest.mark.parametrize(
    "way",
    [
        pytest.param(name, marks=[pytest.mark.slow] if name in ("f5", "alt+left", "new tab") else [])
        for name in WAYS_OUT
    ],
)
def test_from_a_handler_that_never_returns_there_is_a_way_out(opened: Open, frozen: str, way: str) -> None:
    browser = opened(f"{frozen}other")
    browser.perform(Goto(url=frozen))
    before = browser.observe().image
    begun = time.monotonic()
    browser.perform(Click(point=AT))
    seen = browser.observe()
    assert time.monotonic() - begun < HANDLER_S and "does not respond" in seen.text
    assert seen.image.size == before.size and seen.image.getpixel((1, 1)) == before.getpixel((1, 1))
    action, where = WAYS_OUT[way]
    browser.perform(action)
    assert "does not respond" not in browser.observe().text and title(browser) == where


@pytest.mark.parametrize(
    "action",
    [
        Click(point=AT),
        Type(text="a"),
        *(
            pytest.param(action, marks=pytest.mark.slow)  # through the same code as a click
            for action in (MoveTo(point=AT), Press(keys=("a",)), Drag(end=AT), Scroll(direction="up"))
        ),
    ],
)
def test_input_to_a_frozen_page_is_refused_and_not_kept_for_later(opened: Open, frozen: str, action: Action) -> None:
    browser = opened(frozen)
    browser.perform(Click(point=AT))
    with pytest.raises(ActionRefused, match="Nothing was done"):
        browser.perform(action)


def test_a_frozen_tab_in_the_background_holds_nobody(opened: Open, site: Site) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", "<title>busy</title><script>onmousemove = () => { while (true); }</script>"))
    browser.perform(MoveTo(point=AT))
    browser.perform(NewTab(url="/other"))
    begun = time.monotonic()
    assert "1 'busy', 2 'other'" in browser.observe().text
    browser.perform(SwitchTab(index=1))
    assert "does not respond" in browser.observe().text
    browser.perform(CloseTab())
    assert title(browser) == "other" and time.monotonic() - begun < 2 * HANDLER_S


def test_a_page_that_freezes_while_it_loads_is_open_and_can_be_left(opened: Open, site: Site) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", "<h1>hi</h1><script>while (true);</script>"))
    assert "does not respond" in browser.observe().text
    browser.perform(Goto(url="/other"))
    assert title(browser) == "other"


def test_a_page_that_freezes_for_a_while_goes_on_where_it_was(opened: Open, site: Site) -> None:
    work = "const begun = Date.now(); while (Date.now() - begun < 5000); document.title++"
    browser = opened(site.add("/", f"<title>0</title><button {BUTTON} onclick='{work}'>"))
    browser.perform(Click(point=AT))
    assert "does not respond" in browser.observe().text
    deadline = time.monotonic() + 3 * HANDLER_S
    while "does not respond" in browser.observe().text:
        assert time.monotonic() < deadline
    assert title(browser) == "1"


def test_setting_up_on_a_frozen_page_is_a_failure_in_time(opened: Open, frozen: str) -> None:
    browser = opened(frozen)
    browser.perform(Click(point=AT))
    with pytest.raises(DeviceFailure, match="does not answer"):
        browser.ask(lambda page: page.title(), within_s=1.0)


@pytest.mark.parametrize(
    "head",
    [
        "<script src='/never.js'></script>",
        pytest.param("<link rel=stylesheet href='/never.css'>", marks=pytest.mark.slow),
        "<style>@font-face { font-family: F; src: url(/never.woff2) } body { font-family: F }</style>",
        "<img src='/never.png'>",
    ],
    ids=["script", "stylesheet", "font", "picture"],
)
def test_what_never_arrives_keeps_no_page_from_being_seen_and_used(opened: Open, site: Site, head: str) -> None:
    blocks = "script" in head
    body = f"<button {BUTTON} onclick='document.title = 1'>Buy</button>"
    browser = opened(
        site.add("/", f"<title>0</title>{body}{head}<p>rest" if blocks else f"<title>0</title>{head}{body}")
    )
    text = browser.observe().text
    assert ("still loading" in text) == blocks
    browser.perform(Click(point=AT))
    browser.observe()
    assert evaluate(browser, "document.title") == "1"


def test_a_page_that_reloads_itself_without_end_is_told_of_and_left(opened: Open, site: Site) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", "<h1>again</h1><script>setTimeout(() => location.reload(), 40)</script>"))
    begun = time.monotonic()
    said = []
    for _ in range(3):
        said += [browser.observe().text, browser.observe().text]
        browser.perform(MoveTo(point=AT))
    assert time.monotonic() - begun < 7 * HANDLER_S
    assert "new tab" not in " ".join(said).lower()
    browser.perform(Goto(url="/other"))
    deadline = time.monotonic() + HANDLER_S
    while title(browser) != "other":  # Playwright says "Loading ..." while a reload of the page that was left ends
        assert time.monotonic() < deadline, browser.observe().text


def test_a_server_that_takes_long_to_answer_is_waited_for(opened: Open, site: Site) -> None:
    slow = site.add("/slow", Reply(b"<title>slow</title>", late_s=8))
    browser = opened(site.add("/", "<title>first</title>"))
    assert browser.perform(Goto(url=slow)).text == ""
    assert title(browser) == "slow"


def test_an_endless_answer_counts_once_it_has_begun(opened: Open, site: Site) -> None:
    news = Reply(b"<h1>News</h1>" + b" . " * 3000, drip_s=0.05, length=False)
    assert "still loading" in opened(site.add("/", news)).observe().text


def test_typing_that_is_broken_off_stops(opened: Open, site: Site) -> None:
    slow = (
        "const end = performance.now() + 30; while (performance.now() < end);"
        "window.count = (window.count || 0) + 1; if (count === 20) fetch(`/typed`)"
    )
    page = f"<input {BUTTON} autofocus onkeydown='{slow}'>"
    browser, main = opened(site.add("/", page), patience_s=30.0), threading.get_ident()
    browser.perform(Click(point=AT))
    site.asked = lambda path: signal.pthread_kill(main, signal.SIGINT) if path == "/typed" else None
    try:
        report = browser.perform(Type(text="x" * 190)).text
    except KeyboardInterrupt:
        typed = int(evaluate(browser, "window.count"))
    else:
        state = evaluate(browser, "[window.count, document.activeElement.tagName, document.hasFocus()]")
        pytest.fail(f"It was typed to its end: {report!r}, {state}, {signal.getsignal(signal.SIGINT)}")
    assert 20 <= typed < 190
    time.sleep(1)
    assert int(evaluate(browser, "window.count")) - typed <= 8


def test_a_page_that_answered_late_once_has_its_patience_back(opened: Open, site: Site) -> None:
    work = "const begun = Date.now(); while (Date.now() - begun < 3500);"
    slow = "const end = performance.now() + 30; while (performance.now() < end); window.count = (window.count || 0) + 1"
    loading = f"<script>addEventListener(`DOMContentLoaded`, () => setTimeout(() => {{ {work} }}))</script>"
    browser = opened(site.add("/", f"{loading}<input {BUTTON} autofocus onkeydown='{slow}'>"), patience_s=30.0)
    evaluate(browser, "1")
    browser.perform(Click(point=AT))
    assert browser.perform(Type(text="x" * 60)).text == "60 characters were typed."
    assert evaluate(browser, "window.count") == 60


def test_typing_that_a_page_does_not_keep_up_with_is_reported(opened: Open, site: Site) -> None:
    slow = "const begun = Date.now(); while (Date.now() - begun < 700);"
    browser = opened(site.add("/", f"<input {BUTTON} autofocus onkeydown='{slow}'>"))
    assert "has not handled all" in browser.perform(Type(text="four")).text
    with pytest.raises(ActionRefused, match="has not dealt with the last input"):
        browser.perform(Type(text="more"))


def test_a_browser_that_is_slow_to_answer_holds_no_look_up(opened: Open, frozen: str) -> None:
    """Nothing is heard of a stopped browser; a look at it ends, and the next one sees the page again."""
    browser = opened(frozen)
    browser.observe()
    process = browser._running.process_id
    assert process
    os.kill(process, signal.SIGSTOP)
    try:
        begun = time.monotonic()
        browser.observe()
        assert time.monotonic() - begun < 2 * HANDLER_S
    finally:
        os.kill(process, signal.SIGCONT)
    browser.perform(Goto(url="/other"))
    assert title(browser) == "other"
