"""Pages that report or ask for something without end: the browser stays usable, and there is a way out."""

import pytest

from actions.control import Wait
from actions.mouse import Click
from actions.web import Goto, Reload
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, text_once, title

ENDLESS = "setInterval(() => {{ for (let i = 0; i < 1000; i++) {} }}, 5)"
FLOODS = {
    "logs in a timer": ENDLESS.format("console.log('line', i, {a: [1, 2]})"),
    "logs in a loop": "setTimeout(() => { for (;;) console.error(document.body) }, 300)",
    "logs in a frame": "const f = document.createElement('iframe'); document.documentElement.append(f);"
    "f.contentWindow.setInterval(() => { for (let i = 0; i < 1000; i++) f.contentWindow.console.log(i) }, 5)",
    "logs in a worker": "new Worker(URL.createObjectURL(new Blob([`" + ENDLESS.format("console.log(i)") + "`])))",
    "errors": ENDLESS.format("setTimeout(() => { throw Error('x') })"),
    "rejections": ENDLESS.format("Promise.reject(Error('x'))"),
    "requests": ENDLESS.format("fetch('/x' + i).catch(() => 0)"),
    "failing requests": ENDLESS.format("fetch('http://127.0.0.1:9/x').catch(() => 0)"),
    "sockets": ENDLESS.format("new WebSocket('ws://127.0.0.1:9/')"),
    "permissions": ENDLESS.format("Notification.requestPermission()"),
    "frames": ENDLESS.format("document.documentElement.append(f); f.remove()").replace(
        "setInterval", "const f = document.createElement('iframe'); setInterval"
    ),
    "workers": ENDLESS.replace("1000", "3").format("new Worker('data:text/javascript,1')"),
}


RARE = {*FLOODS} - {"logs in a loop", "frames"}


@pytest.mark.parametrize(
    "flood", [pytest.param(name, marks=[pytest.mark.slow] if name in RARE else []) for name in FLOODS]
)
def test_a_flood_of_reports_can_be_left(opened: Open, site: Site, flood: str) -> None:
    site.add("/other", "<title>other</title>")
    browser = opened(site.add("/", f"<title>flood</title><script>{FLOODS[flood]}</script>"))
    browser.perform(Wait(seconds=1))
    assert len(browser.observe().text) < 1500
    browser.perform(Reload())
    browser.observe()
    browser.perform(Goto(url=f"{site.address}/other"))
    assert "does not respond" not in browser.observe().text and title(browser) == "other"


def test_a_page_that_only_logs_much_is_used_as_any_other(opened: Open, site: Site) -> None:
    log = "<script>setInterval(() => { for (let i = 0; i < 300; i++) console.log(i, document) }, 20)</script>"
    browser = opened(site.add("/", f"<title>0</title><button {BUTTON} onclick='document.title++'>x</button>{log}"))
    browser.perform(Wait(seconds=1))
    browser.perform(Click(point=AT))
    assert "respond" not in browser.observe().text and title(browser) == "1"


@pytest.mark.parametrize(
    "change", ["history.pushState({}, '', '#' + i++)", pytest.param("location.hash = i++", marks=pytest.mark.slow)]
)
def test_a_page_that_changes_its_address_all_the_time_is_used_as_any_other(
    opened: Open, site: Site, change: str
) -> None:
    script = f"<script>let i = 0; setInterval(() => {{ {change} }}, 5)</script>"
    browser = opened(site.add("/", f"<title>0</title><button {BUTTON} onclick='document.title++'>x</button>{script}"))
    browser.perform(Wait(seconds=2))  # Chromium lets through a burst
    browser.observe()
    browser.perform(Click(point=AT))
    assert "respond" not in browser.observe().text and title(browser) == "1"
    before = evaluate(browser, "[i, history.length, location.hash]")
    browser.perform(Wait(seconds=1))
    assert evaluate(browser, "i") > before[0], "the page goes on"
    assert evaluate(browser, "location.hash") != f"#{evaluate(browser, 'i') - 1}", "Chromium holds it to a rate"


def test_errors_reach_the_pages_own_handlers(opened: Open, site: Site) -> None:
    handlers = (
        "const seen = []; onerror = message => seen.push(message); addEventListener('unhandledrejection', "
        "event => seen.push(event.reason)); setTimeout(() => { throw 1 }); Promise.reject(2)"
    )
    browser = opened(site.add("/", f"<script>{handlers}</script>"))
    browser.ask(lambda page: page.wait_for_function("seen.length == 2"))
    assert sorted(evaluate(browser, "seen.map(String)")) == ["2", "Uncaught 1"]


def test_after_a_flood_of_requests_a_servers_errors_are_told_again(opened: Open, site: Site) -> None:
    ask = "<script>for (let i = 0; i < 2000; i++) fetch('data:text/plain,' + i)</script>"
    browser = opened(site.add("/", f"<title>flood</title>{ask}"))
    browser.perform(Wait(seconds=0.5))
    browser.perform(Goto(url="/other"))
    browser.perform(Goto(url="/missing"))
    assert "answered 404" in text_once(browser, "404")
