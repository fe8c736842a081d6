"""Where the browser is, what the server said, and the keys and buttons that lead elsewhere."""

from pathlib import Path

import pytest

from actions.action import Action
from actions.errors import ActionRefused, DeviceFailure
from actions.keyboard import Press
from actions.mouse import Click, MoveTo
from actions.web import GoBack, Goto, NewTab, Reload
from devices.wrappers.settled import Settled
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, evaluate, text_once, title


@pytest.fixture
def pages(site: Site) -> str:
    site.add("/second", "<title>second</title>")
    site.add("/empty", Reply())
    site.add("/error", Reply(b"<title>oops</title>", 500))
    site.add("/none", Reply(status=204))
    return site.add("/", f"<title>first</title><button {BUTTON} onclick='location = location.hash.slice(1)'></button>")


def test_the_address_is_told_after_each_navigation_and_once(opened: Open, pages: str) -> None:
    browser = opened(pages)
    assert browser.observe().text == ""
    for code, where in (
        ("location.hash = 'part'", "#part"),
        ("history.pushState(0, '', '/a')", "a"),
        ("location = '/second'", "second"),
    ):
        browser.perform(MoveTo(point=AT))
        evaluate(browser, code)
        assert f"The address is now '{pages}{where}'." in text_once(browser, where)
    browser.perform(MoveTo(point=AT))
    assert browser.observe().text == ""


def test_a_long_address_is_cut(opened: Open, pages: str) -> None:
    browser = opened(pages)
    browser.perform(Goto(url=f"/second?{'x' * 1500}"))
    assert len(browser.observe().text) < 300


@pytest.mark.parametrize("by", ["goto", "link"])
@pytest.mark.parametrize(
    ("path", "said"),
    [("/error", "answered 500"), ("/missing", "answered 404"), ("/empty", "empty page"), ("/none", "no page (204)")],
)
def test_what_the_server_answers_instead_of_a_page_is_told(
    opened: Open, pages: str, by: str, path: str, said: str
) -> None:
    browser = opened(f"{pages}#{path}")
    if by == "link":
        browser.perform(Click(point=AT))
    elif path == "/none":
        with pytest.raises(ActionRefused, match="did not open"):
            browser.perform(Goto(url=path))
    else:
        browser.perform(Goto(url=path))
    assert said in text_once(browser, said)
    browser.perform(MoveTo(point=AT))
    assert said not in browser.observe().text


def test_an_empty_page_is_told_after_a_wait_for_the_screen_to_settle(opened: Open, pages: str) -> None:
    browser = opened(pages)
    browser.perform(Goto(url="/empty"))
    for _ in range(3):
        text = Settled(browser).observe().text
    assert "empty page" in text


@pytest.mark.parametrize(("path", "said"), [("indx.html", "404"), ("empty", "empty page")])
def test_an_error_page_at_the_start_is_told_to_the_user_and_to_the_model(
    opened: Open, pages: str, path: str, said: str
) -> None:
    browser = opened(f"{pages}{path}")
    assert any(said in remark for remark in browser.remarks)
    browser.observe()
    browser.perform(MoveTo(point=AT))
    assert said in browser.observe().text
    browser.perform(MoveTo(point=AT))
    assert said not in browser.observe().text


def test_a_link_to_nowhere_is_told(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<a href='http://127.0.0.1:9/' {BUTTON}>x</a>"))
    browser.perform(Click(point=AT))
    assert "did not open" in text_once(browser, "'http://127.0.0.1:9/' did not open")


def test_there_is_no_page_before_the_first_one(opened: Open, pages: str) -> None:
    browser = opened(pages)
    for back in (GoBack(), Press(keys=("alt", "left"))):
        with pytest.raises(ActionRefused, match="no previous page"):
            browser.perform(back)
    with pytest.raises(ActionRefused, match="no next page"):
        browser.perform(Press(keys=("alt", "right")))
    browser.perform(NewTab(url="/second"))
    with pytest.raises(ActionRefused, match="no previous page"):
        browser.perform(GoBack())
    assert title(browser) == "second"


def test_back_forward_and_reload_by_button_and_by_keys(opened: Open, pages: str) -> None:
    browser = opened(pages)
    browser.perform(Goto(url="/second"))
    for action, where in (
        (GoBack(), "first"), (Press(keys=("alt", "right")), "second"), (Press(keys=("alt", "left")), "first"),
    ):  # fmt: skip
        browser.perform(action)
        assert title(browser) == where
    reloads: list[Action] = [Reload(), *(Press(keys=keys) for keys in (("f5",), ("ctrl", "r"), ("ctrl", "shift", "r")))]
    for reload in reloads:
        evaluate(browser, "document.title = 'changed'")
        browser.perform(reload)
        assert title(browser) == "first"


@pytest.mark.parametrize(
    "keys", [("ctrl", "l"), ("alt", "d"), ("ctrl", "n"), ("f12",), ("ctrl", "shift", "t"), ("ctrl", "h")]
)
def test_keys_of_a_window_that_is_not_there_say_what_to_use(opened: Open, pages: str, keys: tuple[str, ...]) -> None:
    with pytest.raises(ActionRefused, match=r"does nothing here\. .{20}"):
        opened(pages).perform(Press(keys=keys))


def test_keys_that_a_page_may_take_too_reach_it(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", "<script>onkeydown = event => document.title += event.key</script>"))
    assert "search bar is not shown" in browser.perform(Press(keys=("ctrl", "f"))).text
    assert browser.perform(Press(keys=("ctrl", "b"))).text == ""
    assert title(browser) == "ControlfControlb"


HOSTILE = [
    " ", "\0", "http://", "https://[", "localhost:99999", "x" * 1900, "javascript:alert(1)", "about:settings",
    "~ada/x", "chrome://crash", "file:///etc/passwd", "FILE:///etc/passwd", "view-source:/", "//", "..//..//", "?", "#",
    "a b c",
    "user:pw@host:1/x", "http://127.0.0.1:9", "%00", "http://%00/", "http://a..b/", "\\\\server\\share", "[::1]:9",
]  # fmt: skip


def test_any_address_opens_or_is_refused_and_the_session_goes_on(opened: Open, pages: str) -> None:
    browser = opened(pages)
    for url in HOSTILE:
        try:
            browser.perform(Goto(url=url))
        except ActionRefused as refusal:
            assert 10 < len(str(refusal)) < 800
        browser.observe()
    browser.perform(Goto(url=pages))
    assert title(browser) == "first"


@pytest.mark.parametrize("address", ["x" * 300, "~ada/x", "localhost:99999", "\0", "/no/such/page.html"])
def test_a_start_address_that_is_none_is_a_failure_with_the_reason(opened: Open, address: str) -> None:
    with pytest.raises(DeviceFailure, match="cannot be opened"):
        opened(address)


def test_a_file_here_is_a_start_address_as_it_is_printed(opened: Open) -> None:
    assert Path("tasks/worlds/site/login.html").exists()
    assert title(opened("tasks/worlds/site/login.html")) == "Log in - Townbook"
