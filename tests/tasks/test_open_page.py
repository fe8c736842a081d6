"""A session on a page that the test itself has open with Playwright's synchronous interface."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from actions.errors import UsageError
from agent.episode import Ending
from agent.record import read_episode
from devices.browser import launch
from tasks.session import Session
from tasks.worlds.site_server import site
from tests.tasks.test_session import call

PROMPT = """<body style="margin: 0"><button style="width: 200px; height: 100px"
    onclick="document.title = prompt('Your name?')">Name</button></body>"""
SLOW = """<body style="margin: 0"><button style="width: 200px; height: 100px" onclick="
    const end = Date.now() + 1500; const step = () => {
        document.body.style.background = `hsl(0 0% ${Date.now() / 10 % 60}%)`;
        if (Date.now() < end) setTimeout(step, 50); else document.body.style.background = 'lime';
    }; step()">Go</button></body>"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        program = launch.program(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=program, args=launch.flags(), headless=True)
        yield browser.new_context(viewport={"width": 500, "height": 400}, device_scale_factor=2).new_page()
        browser.close()


def session_on(page: Page, tmp_path: Path, *replies: str) -> Session:
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    return Session(
        page=page, model="qwen2.5-vl-7b", notation="function_args", replies=tmp_path / "replies.txt", runs=tmp_path
    )


def test_the_page_is_used_and_left_open_as_it_was(page: Page, tmp_path: Path) -> None:
    replies = (
        call("Click", '{"point": [60, 40]}'),
        call("AnswerDialog", '{"answer": "accept", "text": "Ada"}'),
        call("Finish", '{"status": "success"}'),
    )
    page.set_content(PROMPT)
    with session_on(page, tmp_path, *replies) as opened:
        seen = opened.look()
        assert (seen.screen, seen.image.size) == ((500, 400), (1000, 800))
        assert opened.run("give your name as Ada").ending is Ending.FINISHED
        assert opened.record and "Your name?" in str(read_episode(opened.record).steps[1].observation.text)
    assert page.title() == "Ada" and not page.is_closed()
    page.reload()
    assert page.evaluate("typeof screenhandAsked") == "undefined" and page.evaluate("1 + 1") == 2
    assert len(page.context.pages) == 1 and page.context.browser and len(page.context.browser.contexts) == 1


def test_a_look_waits_until_the_page_is_at_rest(page: Page, tmp_path: Path) -> None:
    page.set_content(SLOW)
    with session_on(page, tmp_path, "x") as opened:
        opened.look()
        page.mouse.click(60, 40)
        assert opened.look().image.getpixel((900, 700)) == (0, 255, 0)


def test_the_same_page_can_be_used_again_and_what_it_opens_is_followed(page: Page, tmp_path: Path) -> None:
    reply = call("Finish", '{"status": "success"}')
    with site() as url:
        page.goto(f"{url}/login.html")
        with session_on(page, tmp_path, reply) as opened:
            opened.run("do nothing")
            page.evaluate("() => void window.open('index.html')")
            assert "This is tab 2 of 2" in str(opened.look().text)
    for other in page.context.pages[1:]:
        other.close()


def test_what_an_open_page_has_settled_is_no_option(page: Page) -> None:
    with pytest.raises(UsageError, match="open already, so leave out headless, viewport"):
        Session(page=page, headless=True, viewport=(3, 4))


def test_a_page_that_is_closed_is_refused(page: Page, tmp_path: Path) -> None:
    closed = page.context.new_page()
    closed.close()
    with pytest.raises(UsageError, match="must be open"), session_on(closed, tmp_path, "x"):
        pass
