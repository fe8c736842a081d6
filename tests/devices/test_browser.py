"""The browser device on a real Chromium: where clicks land, what is typed, and everything a page can do on its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from actions.action import Action, Permit
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from actions.web import GoBack, Goto, NewTab, SwitchTab
from devices import DeviceOptions, connect
from devices.browser.device import Browser
from tasks.worlds.site_server import SiteHandler, serving

ROOT = Path(__file__).parent.parent.parent
PAGES = Path(__file__).parent / "pages"
PAD = str(PAGES / "pad.html")
Open = Callable[..., Browser]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens browsers, and closes them when the test is over."""
    browsers: list[Browser] = []

    def open_(address: str = PAD, **options: object) -> Browser:
        given = DeviceOptions.model_validate({"address": address, "headless": True, **options})
        browser = connect("browser", given)
        assert isinstance(browser, Browser)
        browsers.append(browser)
        return browser

    yield open_
    for browser in browsers:
        browser.close()


def evaluate(browser: Browser, expression: str) -> Any:
    return browser.ask(lambda page: page.evaluate(expression))


def title(browser: Browser) -> str:
    return browser.ask(lambda page: page.title())


async def tab_count(page: Page) -> int:
    return len(page.context.pages)


def log(browser: Browser) -> list[list[Any]]:
    """What the page saw, and nothing of it afterwards."""
    seen: list[list[Any]] = evaluate(browser, "log.splice(0)")
    return seen


def middle_of(browser: Browser, selector: str) -> Point:
    box = browser.ask(lambda page: page.locator(selector).bounding_box())
    assert box
    return Point(round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2))


def text_once(browser: Browser, what: str) -> str:
    """The observation's text once it contains this, which may take a moment."""
    deadline = time.monotonic() + 5
    while what not in (text := browser.observe().text):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text


@pytest.mark.parametrize("scale", [1, 1.25, 1.5, 2])
def test_a_click_lands_on_its_css_pixel_at_every_device_scale(opened: Open, scale: float) -> None:
    browser = opened(scale=scale)
    seen = browser.observe()
    assert seen.screen == Size(1280, 800)
    assert seen.image.size == (round(1280 * scale), round(800 * scale))
    for x, y in ((0, 0), (1279, 299), (640, 150), (3, 298)):
        browser.perform(Click(point=Point(x, y)))
        assert ["click", x, y, 0] in log(browser)


@pytest.mark.parametrize(
    ("action", "event"),
    [
        (DoubleClick(point=Point(20, 30)), ["dblclick", 20, 30, 0]),
        (RightClick(point=Point(20, 30)), ["contextmenu", 20, 30, 2]),
        (MiddleClick(point=Point(20, 30)), ["auxclick", 20, 30, 1]),
        (MoveTo(point=Point(20, 30)), ["mousemove", 20, 30, 0]),
    ],
)
def test_every_button_and_the_bare_pointer_arrive(opened: Open, action: Action, event: list[Any]) -> None:
    browser = opened()
    browser.perform(action)
    assert event in log(browser)


def test_a_drag_presses_moves_in_steps_and_releases(opened: Open) -> None:
    browser = opened()
    browser.perform(Drag(start=Point(100, 100), end=Point(300, 200)))
    seen = [event for event in log(browser) if event[0] in ("mousedown", "mousemove", "mouseup")]
    pressed, released = seen.index(["mousedown", 100, 100, 0]), seen.index(["mouseup", 300, 200, 0])
    assert released - pressed > 5
    browser.perform(Drag(end=Point(50, 60)))
    assert ["mousedown", 300, 200, 0] in log(browser), "without a start it begins where the pointer is"


def test_the_wheel_scrolls_both_ways(opened: Open) -> None:
    browser = opened()
    browser.perform(Scroll(direction="down", notches=4, point=Point(600, 600)))
    browser.ask(lambda page: page.wait_for_function("scrollY === 400"))
    browser.perform(Scroll(direction="up", notches=1))
    browser.ask(lambda page: page.wait_for_function("scrollY === 300"))


def test_a_tap_on_an_emulated_phone_is_a_touch(opened: Open) -> None:
    browser = opened(mobile=True, scale=2)
    assert browser.observe().screen == Size(412, 915) and browser.observe().image.size == (824, 1830)
    browser.perform(Click(point=Point(100, 50)))
    assert ["touchstart", 100, 50, -1] in log(browser)


TEXTS = [
    "plain ASCII ~!@#$%^&*()_+{}|:\"<>?`-=[]\\;',./", "àéîõü ÀÉÎÕÜ ßøå", "中文字 日本語 한국어",
    "😀👍🏽 👨‍👩‍👧", "$(rm -rf) `x` %s %d",
    "two\nlines\n\nfour", "  many   blanks ", "x" * 1000, "Ω≈ç√∫ «»", "a",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_text_arrives_as_it_was_written(opened: Open, text: str) -> None:
    browser = opened()
    browser.perform(Click(point=middle_of(browser, "#text")))
    said = browser.perform(Type(text=text)).text
    assert evaluate(browser, "document.getElementById('text').value") == text
    assert said == f"{len(text)} characters were typed."


def test_typing_without_focus_says_so(opened: Open) -> None:
    assert "No field had the focus" in opened().perform(Type(text="lost")).text


def test_chords_hold_their_modifiers_and_release_everything(opened: Open) -> None:
    browser = opened()
    browser.perform(Press(keys=("ctrl", "shift", "k")))
    seen = log(browser)
    assert ["keydown", "K", True, True] in seen
    assert sum(event[0] == "keydown" for event in seen) == sum(event[0] == "keyup" for event in seen) == 3
    for name in ("enter", "pageup", "f5", "escape", "up", "menu"):
        browser.perform(Press(keys=(name,)))
    with pytest.raises(ActionRefused, match="Use Type"):
        browser.perform(Press(keys=("ctrl", "é")))
    assert browser.perform(Press(keys=("a",))).text == ""
    assert ["keydown", "a", False, False] in log(browser), "ctrl was released although é could not be pressed"


def test_a_popup_is_followed_and_told_and_its_end_too(opened: Open) -> None:
    browser = opened()
    browser.perform(Click(point=middle_of(browser, "#popup")))
    text = text_once(browser, "2 'second page'")
    assert "A new tab opened and is shown." in text
    assert "tab 2 of 2: 1 'pad', 2 'second page'" in text
    browser.ask(lambda page: page.close())
    assert browser.observe().text and title(browser) == "pad"


def test_tabs_are_opened_and_switched(opened: Open) -> None:
    browser = opened()
    browser.perform(NewTab(url=str(PAGES / "second.html")))
    assert title(browser) == "second page"
    browser.perform(SwitchTab(index=1))
    assert title(browser) == "pad"
    with pytest.raises(ActionRefused, match="There is no tab 3; 2 are open"):
        browser.perform(SwitchTab(index=3))


def test_a_download_is_kept_under_a_harmless_name(opened: Open, tmp_path: Path) -> None:
    browser = opened(downloads=tmp_path / "kept")
    for expected in (1, 2):
        browser.perform(Click(point=middle_of(browser, "#download")))
        text_once(browser, "downloaded")
        assert len(list((tmp_path / "kept").iterdir())) == expected
    assert all(path.read_text() == "hello" for path in (tmp_path / "kept").iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_request_for_a_file_is_told(opened: Open) -> None:
    browser = opened()
    browser.perform(Click(point=middle_of(browser, "#file")))
    text_once(browser, "asks for a file to upload. No file can be given here.")


def test_addresses_are_opened_or_refused_with_the_reason(opened: Open) -> None:
    browser = opened(sites=("127.0.0.1", "nowhere.invalid"))
    browser.perform(Goto(url=str(PAGES / "second.html")))
    assert title(browser) == "second page"
    browser.perform(GoBack())
    assert title(browser) == "pad"
    for url, phrase in (
        ("javascript:alert(1)", "scheme 'javascript'"), ("data:text/html,x", "scheme 'data'"),
        ("chrome://settings", "scheme 'chrome'"), ("http://127.0.0.1:9/", "did not open"),
        ("http://nowhere.invalid/", "did not open"),
    ):  # fmt: skip
        with pytest.raises(ActionRefused, match=phrase):
            browser.perform(Goto(url=url))
    assert browser.perform(MoveTo(point=Point(5, 5))).text == "", "the session goes on"


def test_files_are_closed_to_a_session_that_did_not_begin_at_one(opened: Open) -> None:
    browser = opened("about:blank")
    outcome = browser.perform(Goto(url="file:///etc/passwd"))
    assert outcome.permit is Permit.DENIED and "no files of this machine are opened here" in outcome.text
    with pytest.raises(ActionRefused, match="no previous page"):
        browser.perform(GoBack())


def test_a_start_address_that_does_not_open_is_a_failure(opened: Open) -> None:
    for address in ("http://127.0.0.1:9/", "https://nowhere.invalid", "javascript:1"):
        with pytest.raises(DeviceFailure, match="cannot be opened"):
            opened(address)


def test_reset_forgets_what_the_session_left(opened: Open) -> None:
    browser = opened()
    evaluate(browser, "document.title = 'changed'")
    browser.perform(NewTab())
    browser.reset()
    assert title(browser) == "pad" and browser.ask(tab_count) == 1


def test_a_reset_right_after_opening_does_not_load_the_page_again(opened: Open) -> None:
    loaded: list[str] = []

    class Counting(SiteHandler):
        def do_GET(self) -> None:
            loaded.append(self.path)
            super().do_GET()

    with serving(Counting) as address:
        browser = opened(f"{address}/press.html?seed=1")
        browser.reset()
        shown = browser.observe().image
        assert len([path for path in loaded if "press.html" in path]) == 1
        browser.reset()
        assert browser.observe().image == shown
        assert len([path for path in loaded if "press.html" in path]) == 2


def test_a_persistent_profile_keeps_what_it_knows(opened: Open, tmp_path: Path) -> None:
    first = opened(user_data=tmp_path / "profile")
    evaluate(first, "localStorage.setItem('k', 'kept')")
    first.close()
    assert evaluate(opened(user_data=tmp_path / "profile"), "localStorage.getItem('k')") == "kept"


def test_a_closed_browser_fails_and_leaves_no_process(opened: Open) -> None:
    browser = opened()
    browser.close()
    with pytest.raises(DeviceFailure, match="closed"):
        browser.observe()


def test_ctrl_c_in_the_middle_of_a_drag_releases_the_button() -> None:
    code = f"""
import http.server, os, signal, threading
from actions.geometry import Point
from actions.mouse import Drag
from devices import DeviceOptions, connect
import devices.browser.gestures
devices.browser.gestures.DRAG_STEPS = 4000
class Interrupting(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        os.kill(os.getpid(), signal.SIGINT)
server = http.server.HTTPServer(("127.0.0.1", 0), Interrupting)
threading.Thread(target=server.handle_request, daemon=True).start()
REPORTING = "addEventListener('mousedown', () => {{ new Image().src = 'http://127.0.0.1:%d/' }})" % server.server_port
with connect("browser", DeviceOptions(address={PAD!r}, headless=True, sites=("127.0.0.1",))) as browser:
    browser.ask(lambda page: page.evaluate(REPORTING))
    try:
        browser.perform(Drag(start=Point(10, 10), end=Point(900, 200)))
        print("finished")
    except KeyboardInterrupt:
        kinds = [event[0] for event in browser.ask(lambda page: page.evaluate("log"))]
        print("interrupted", kinds.count("mousedown"), kinds.count("mouseup"))
"""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout.split() == ["interrupted", "1", "1"], run.stderr[-2000:]


def test_without_a_chromium_the_command_that_installs_one_is_named() -> None:
    code = (
        "from devices import DeviceOptions, connect\n"
        "from actions.errors import UsageError\n"
        "try: connect('browser', DeviceOptions(headless=True))\n"
        "except UsageError as error: print(error)"
    )
    env = {"PATH": "/nonexistent", "HOME": "/nonexistent"}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert "apt-get install chromium" in run.stdout, run.stderr
    assert issubclass(UsageError, Exception)


def processes(flag: str) -> list[int]:
    """The processes whose command line has this flag."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if flag in (folder / "cmdline").read_text():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def ours(flag: str) -> set[int]:
    """The processes with this flag below this test; a SimPhone's browser may be among them."""
    return {pid for pid in processes(flag) if parent_is_ours(pid)}


def parent_is_ours(pid: int) -> bool:
    """Whether a process descends from this one."""
    while pid > 1:
        if pid == os.getpid():
            return True
        try:
            pid = int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            return False
    return False
