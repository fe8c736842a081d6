"""What pages reach of other hosts: real Chromium, real servers, and a second host that nothing may arrive at."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page

from actions.action import Permit
from actions.errors import DeviceFailure
from actions.mouse import Click
from actions.web import Goto, NewTab
from devices import Environment
from devices.browser.device import Browser
from devices.rules.approval import Answer, Approval, Question
from devices.rules.hosts import canonical
from devices.wrappers.policed import Policed
from devices.wrappers.settled import Settled
from devices.wrappers.supervised import Supervised
from tests.devices.browser.at import AT, BUTTON, Open, Reply, evaluate, text_once, title
from tests.devices.browser.hosts import Datagrams, Host, hosted
from tests.devices.rules.spellings import NO_HOSTS, SPELLINGS

HERE, THERE = "a.localhost", "b.localhost"
WITHIN_S = 30.0


@pytest.fixture(scope="module")
def here() -> Iterator[Host]:
    with hosted() as host:
        yield host


@pytest.fixture(scope="module")
def there() -> Iterator[Host]:
    with hosted() as host:
        yield host


@pytest.fixture(autouse=True)
def fresh(here: Host, there: Host) -> None:
    for host in (here, there):
        host.requests.clear()
        host.bodies.clear()
        host.connections = 0


def until(holds: Callable[[], bool], what: object = "") -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def redirect(target: str, status: int = 302) -> Reply:
    return Reply(b"", status, headers=(("Location", target),))


def ways_out(url: str) -> dict[str, str | Reply]:
    """Pages that move to this address by themselves or at a click; `path` tells the ways apart there."""
    form = f"<form id=f method=post action='{url}/form'><input name=a value=1></form>"
    return {
        "/link": f"<a {BUTTON} href='{url}/link'>go</a>",
        "/target": f"<a {BUTTON} target=_blank href='{url}/target'>go</a>",
        "/opened": f"<button {BUTTON} onclick=\"window.open('{url}/opened')\">go</button>",
        "/opened-later": f"<button {BUTTON} onclick=\"window.open('').location = '{url}/opened-later'\">go</button>",
        "/form": f"{form}<button {BUTTON} onclick='f.submit()'>go</button>",
        "/get": f"<form action='{url}/get'><button {BUTTON}>go</button></form>",
        "/download": f"<a {BUTTON} download href='{url}/download'>go</a>",
        "/script": f"<script>setTimeout(() => {{ location = '{url}/script' }})</script>",
        "/replace": f"<script>location.replace('{url}/replace')</script>",
        "/meta": f"<meta http-equiv=refresh content='0; url={url}/meta'>",
        "/refresh": Reply(b"<title>refresh</title>", headers=(("Refresh", f"0; url={url}/refresh"),)),
        "/top": f"<iframe srcdoc=\"<a id=a target=_top href='{url}/top'></a><script>a.click()</script>\"></iframe>",
        "/302": redirect(f"{url}/302"),
        "/303": redirect(f"{url}/303", 303),
        "/307": redirect(f"{url}/307", 307),
        "/308": redirect(f"{url}/308", 308),
        "/chain": redirect("/302"),
        "/blob": "<script>location = URL.createObjectURL(new Blob([`<script>location = "
        f"'{url}/blob'</scr` + `ipt>`], {{type: 'text/html'}}))</script>",
        "/base": f"<base href='{url}/'><a {BUTTON} href='base'>go</a>",
    }  # fmt: skip


WAYS = tuple(way for way in ways_out("") if way != "/chain")
CLICKED = {way for way, page in ways_out("").items() if isinstance(page, str) and BUTTON in page}


def take(browser: Browser, here: Host, way: str) -> None:
    """Takes a way out of the first host, as far as it goes."""
    outcome = browser.perform(Goto(url=here.at(HERE, way)))
    if way in CLICKED:
        browser.perform(Click(point=AT))
    elif outcome.permit is not None:
        browser.perform(Goto(url=here.at(HERE)))  # a refused redirect leaves the page before it


def arrived(browser: Browser, there: Host, way: str) -> bool:
    """Whether this way has led there, and the tab that shows it, if any does, is the current one."""
    return way in there.asked(THERE) and (way == "/download" or title(browser).startswith(way))


def test_no_way_of_a_page_leads_to_a_site_that_is_not_open(
    here: Host, there: Host, opened: Open, measured: Callable[..., None]
) -> None:
    here.pages = {**ways_out(there.at(THERE, "")), "/": "<title>home</title>"}
    browser = opened(here.at(HERE))
    for way in ("/chain", *WAYS):
        outcome = browser.perform(Goto(url=here.at(HERE, way)))
        if way in CLICKED:
            browser.perform(Click(point=AT))
        if outcome.permit is None:
            text = text_once(browser, f"'{there.at(THERE, way)}")
            assert "was not opened: only a.localhost is open in this run; --site b.localhost opens it." in text, way
        else:
            assert outcome.permit is Permit.DENIED and "was not opened" in outcome.text, way
    browser.perform(Goto(url=here.at(HERE)))
    assert title(browser) == "home"
    assert set(WAYS) <= here.asked(HERE)
    measured(ways=len(WAYS), requests=len(there.requests))
    assert there.requests == []


def test_the_same_ways_lead_there_once_its_site_is_open(
    here: Host, there: Host, opened: Open, measured: Callable[..., None]
) -> None:
    here.pages = {**ways_out(there.at(THERE, "")), "/": "<title>home</title>"}
    browser = opened(here.at(HERE), sites=(THERE,))
    for way in WAYS:
        take(browser, here, way)
        until(partial(arrived, browser, there, way), way)
    measured(ways=len(WAYS))


ALL_AT_ONCE = """<!DOCTYPE html><title>ways</title>
<link rel=stylesheet href="URL/style"><link rel=preload as=image href="URL/preload"><link rel=icon href="URL/icon">
<link rel=preconnect href="URL/preconnect"><link rel=dns-prefetch href="URL/prefetched-name">
<style>@import "URL/import"; @font-face { font-family: f; src: url(URL/font) } body { background: url(URL/background);
font-family: f }</style>
<body>text<img src="URL/image"><img src="/image-redirect"><iframe src="URL/frame"></iframe>
<iframe src="/frame-redirect"></iframe><object data="URL/object"></object><embed src="URL/embed">
<video src="URL/video"></video><audio src="URL/audio"></audio><script src="URL/script"></script>
<iframe name=posted></iframe><form id=f method=post target=posted action="URL/frame-form"></form>
<svg><image href="URL/svg"/></svg><a id=p href="#" ping="URL/ping">p</a>
<script>
const url = "URL", body = "secret", done = [];
let gathered;
f.submit(); p.click();
const sent = {method: "POST", body, mode: "no-cors"};
done.push(fetch(url + "/fetch").catch(() => 0), fetch(url + "/post", sent).catch(() => 0));
done.push(fetch("/fetch-redirect").catch(() => 0), import(url + "/module").catch(() => 0));
const xhr = new XMLHttpRequest(); xhr.open("GET", url + "/xhr"); xhr.send();
navigator.sendBeacon(url + "/beacon", body);
fetch(url + "/keepalive", {keepalive: true, mode: "no-cors"}).catch(() => 0);
const code = `fetch("URL/worker"); new WebSocket("URL/socket-of-worker".replace("http", "ws"));
importScripts("URL/imported")`;
new Worker(URL.createObjectURL(new Blob([code]))); new SharedWorker("/shared.js");
navigator.serviceWorker.register("/service.js");
const socket = new WebSocket(url.replace("http", "ws") + "/socket");
done.push(new Promise(next => { socket.onclose = socket.onerror = next })); new EventSource(url + "/events");
new Image().src = url + "/new-image";
document.body.append(Object.assign(document.createElement("iframe"), {src: url + "/new-frame"}));
const peer = new RTCPeerConnection({iceServers: [{urls: "stun:127.0.0.1:DATAGRAMS"}]});
peer.createDataChannel("x"); peer.createOffer().then(offer => peer.setLocalDescription(offer));
peer.onicegatheringstatechange = () => peer.iceGatheringState == "complete" && gathered();
done.push(new Promise(next => { gathered = next }));
Promise.all(done).then(() => { document.title = "done" });
</script>"""
LOADED = frozenset(
    "style icon import font background image image-redirect frame frame-redirect object embed video audio script "
    "frame-form svg ping fetch post fetch-redirect module xhr beacon keepalive worker socket-of-worker imported shared "
    "service socket events new-image new-frame preload".split()
)  # fmt: skip


def test_what_a_rule_denies_gets_nothing_by_any_way(
    here: Host, there: Host, opened: Open, measured: Callable[..., None]
) -> None:
    """The same page before and after: what arrives without the rule shows that each of its ways works."""
    with Datagrams.counted() as datagrams:
        here.pages = requests_to(there.at(THERE, ""), datagrams.port)
        browser = opened(here.at(HERE), denied_sites=(THERE,))
        until(lambda: title(browser) == "done")
        assert "Nothing was sent to 'b.localhost': a rule of the user denies b.localhost." in browser.observe().text
        browser.perform(Goto(url=there.at(THERE)))
        until(lambda: "/shared-ran" in here.asked(HERE) and "/service-ran" in here.asked(HERE))
        measured(kinds=len(LOADED), connections=there.connections)
        assert there.connections == 0 and not datagrams.waiting
        browser.close()

        browser = opened(here.at(HERE))  # frames and a page's own requests are free
        until(lambda: title(browser) == "done")
        until(
            lambda: {f"/{way}" for way in LOADED} <= there.asked(THERE),
            LOADED - {path[1:] for path in there.asked(THERE)},
        )
        assert not datagrams.waiting, "WebRTC has no way around the proxy"


def test_names_of_a_denied_address_are_denied_with_it(here: Host, there: Host, opened: Open) -> None:
    urls = [f"http://{name}:{there.port}/" for name in (THERE, "localhost", "0.0.0.0", "0", "[::ffff:127.0.0.1]")]
    done = "Promise.allSettled(URLS.map(url => fetch(url, {mode: `no-cors`}))).then(() => { document.title = `done` })"
    here.pages = {"/": Reply(f"<script>{done.replace('URLS', str(urls))}</script>".encode())}
    browser = opened(here.at(HERE), denied_sites=(f"127.0.0.1:{there.port}",))
    until(lambda: title(browser) == "done")
    assert there.connections == 0
    assert f"a rule of the user denies 127.0.0.1:{there.port}" in browser.observe().text


def requests_to(url: str, datagrams: int) -> dict[str, str | Reply]:
    """A page that asks for everything at this address in every way but by moving there."""
    asked = "fetch('{0}/{1}').catch(() => 0).then(() => fetch('/{1}-ran'))"
    worker = Reply(asked.format(url, "shared").encode(), kind="text/javascript")
    service = Reply(asked.format(url, "service").encode(), kind="text/javascript")
    page = ALL_AT_ONCE.replace("URL/", f"{url}/").replace('"URL"', f'"{url}"').replace("DATAGRAMS", str(datagrams))
    ways = {f"/{way}-redirect": redirect(f"{url}/{way}-redirect") for way in ("image", "frame", "fetch")}
    return {**ways, "/": Reply(page.encode()), "/shared.js": worker, "/service.js": service}


def test_a_page_of_the_network_reaches_nothing_on_this_machine(
    here: Host, opened: Open, measured: Callable[..., None]
) -> None:
    """This machine's own name, which its resolver knows, stands for a name that a page's owner lets point here."""
    name = socket.gethostname()
    browser = opened("about:blank")
    outcome = browser.perform(Goto(url=f"http://{name}:{here.port}/"))
    assert outcome.permit is Permit.DENIED and "nothing may be sent to this host in this run" in outcome.text
    assert "it is on this machine, and the sites of this run are not" in browser.observe().text
    measured(connections=here.connections)
    assert here.connections == 0


async def frames(page: Page) -> list[str]:
    """The addresses of the page and its frames that show something."""
    return [frame.url for frame in page.frames if frame.url]


def test_a_session_of_files_stays_in_its_folder(
    here: Host, opened: Open, tmp_path: Path, measured: Callable[..., None]
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    secret = (tmp_path / "secret.html").resolve()
    secret.write_text("<title>secret</title>")
    (folder / "way out.html").symlink_to(secret)
    (folder / "other.html").write_text("<title>other</title>")
    start = folder / "start.html"
    start.write_text(f"<iframe id=i src='{secret.as_uri()}'></iframe><a {BUTTON} href='../secret.html'>go</a>")
    browser = opened(str(start))
    said = f"was not opened: only files in {folder.resolve()} are opened here."
    assert browser.ask(frames) == [start.as_uri()]
    browser.perform(Click(point=AT))
    text_once(browser, f"'{secret.as_uri()}' {said}")
    ways = (
        secret.as_uri(),
        "../secret.html",
        "file:///etc/passwd",
        "/etc/passwd",
        f"{folder.as_uri()}/way%20out.html",
    )
    denials = [browser.perform(Goto(url=address)) for address in ways]
    denied = [outcome.permit is Permit.DENIED and said in outcome.text for outcome in denials]
    measured(ways=len(ways) + 2, opened=denied.count(False))  # with the frame and the link above
    assert all(denied), denials
    assert browser.perform(NewTab(url=here.at(HERE))).permit is Permit.DENIED
    assert browser.perform(Goto(url="https://example.com")).permit is Permit.DENIED
    assert browser.perform(Goto(url="other.html")).text == "" and title(browser) == "other"
    assert here.connections == 0


class Person:
    """Answers by the path of the page that is asked about; further questions fail."""

    def __init__(self, **answers: Approval) -> None:
        self._answers = answers
        self.asked: list[Question] = []

    def decide(self, question: Question) -> Approval:
        self.asked.append(question)
        return self._answers.pop(question.places[0].address.rpartition("/")[2])


def asking(browser: Browser, person: Person) -> Environment:
    """The browser with somebody to ask."""
    assert browser.open_sites("", asking=True) == "Sites: a.localhost (you are asked about others; --site adds more)."
    return Policed(Settled(browser), browser, [], person)


def test_somebody_who_is_there_is_asked_and_what_they_allow_continues(here: Host, there: Host, opened: Open) -> None:
    here.pages = {**ways_out(there.at(THERE, "")), "/": "<title>home</title>"}
    browser = opened(here.at(HERE))
    person = Person(form=Approval(Answer.YES))
    user = asking(browser, person)
    user.perform(Goto(url=here.at(HERE, "/form")))
    user.perform(Click(point=AT))
    until(lambda: (user.observe(), list(filter(None, there.bodies)) == [b"a=1"])[1], "the form's content is sent once")
    (question,) = person.asked
    assert question.what == f"A page of another site would open, {THERE}: {there.at(THERE, '/form')}"
    assert question.rule.startswith("only a.localhost is open in this run") and question.picture.size == (1280, 800)
    user.perform(Goto(url=here.at(HERE, "/opened")))  # its site is open now
    user.perform(Click(point=AT))
    until(lambda: (user.observe(), title(browser) == "/opened")[1])


def test_a_no_closes_the_site_until_the_user_names_it(here: Host, there: Host, opened: Open) -> None:
    """The model reads the reason; neither it nor the page can ask again."""
    here.pages = {**ways_out(there.at(THERE, "")), "/": "<title>home</title>"}
    browser = opened(here.at(HERE))
    user = asking(browser, Person(target=Approval(Answer.NO, "not there")))
    user.perform(Goto(url=here.at(HERE, "/target")))
    user.perform(Click(point=AT))
    said = "/target' was not opened: the user does not allow its site. The user says: not there."
    until(lambda: said in user.observe().text)
    outcome = user.perform(Goto(url=there.at(THERE)))
    assert outcome.permit is Permit.DENIED and "the user does not allow its site" in outcome.text
    assert there.requests == []
    browser.open_sites(f"use {THERE} after all", asking=True)
    user.perform(Goto(url=there.at(THERE)))
    assert "/" in there.asked(THERE)


def test_q_stops_the_run_and_the_page_stays_closed(here: Host, there: Host, opened: Open) -> None:
    browser = opened(here.at(HERE))
    user = asking(browser, Person(page=Approval(Answer.STOP)))
    with pytest.raises(KeyboardInterrupt):
        user.perform(Goto(url=there.at(THERE, "/page")))
    assert there.requests == [] and browser.held() is None


class Messenger:
    """A person who has sent one message."""

    paused, stopped, continuing = False, False, ""

    def __init__(self, message: str) -> None:
        self._sent: tuple[str, ...] = (message,)

    def messages(self) -> tuple[str, ...]:
        sent, self._sent = self._sent, ()
        return sent


def test_a_site_that_a_person_names_during_the_run_is_open_from_then_on(here: Host, there: Host, opened: Open) -> None:
    browser = opened(here.at(HERE))

    def heard(message: str) -> None:
        browser.open_sites(message, asking=False)

    messenger = Messenger(f"use {THERE}:{there.port} instead")
    run = Supervised(browser, messenger, print, browser.observe(), heard=heard)
    assert run.perform(Goto(url=there.at(THERE))).permit is Permit.DENIED
    run.observe()
    assert run.perform(Goto(url=there.at(THERE))).permit is None and "/" in there.asked(THERE)


def test_a_start_address_that_leads_elsewhere_names_the_remedy(here: Host, there: Host, opened: Open) -> None:
    here.pages = {"/": redirect(there.at(THERE))}
    with pytest.raises(DeviceFailure, match=r"only a\.localhost is open in this run; --site b\.localhost opens it"):
        opened(here.at(HERE))
    assert there.requests == []


def test_pages_go_on_while_python_computes(here: Host, opened: Open, measured: Callable[..., None]) -> None:
    paths = [f"/{number}" for number in range(15)]
    here.pages = {"/": "", "/images": "".join(f"<iframe src='{path}'></iframe>" for path in paths)}
    browser = opened(here.at(HERE))
    evaluate(browser, f"setTimeout(() => {{ location = '{here.at(HERE, '/images')}' }}, 50)")
    deadline, turns = time.monotonic() + WITHIN_S, 0
    while not set(paths) <= here.asked(HERE) and time.monotonic() < deadline:
        turns += 1  # nothing here waits, so that the other threads run only when Python takes turns
    loaded = set(paths) & here.asked(HERE)
    measured(frames=len(paths), loaded=len(loaded))
    assert loaded == set(paths)


def test_hosts_are_read_as_chromium_reads_them(opened: Open, measured: Callable[..., None]) -> None:
    browser = opened("about:blank")
    written = [*SPELLINGS, *(host for host in NO_HOSTS if not set(host) & set("/@:\\#?"))]
    read = "host => { try { return new URL(`http://${host}/`).hostname } catch { return null } }"
    there = evaluate(browser, f"{json.dumps(written)}.map({read})")
    different = [
        host for host, chromiums in zip(written, there, strict=True) if read_again(chromiums) != SPELLINGS.get(host)
    ]
    measured(hosts=len(written), different=len(different))
    assert not different


def read_again(host: str | None) -> str | None:
    """How we write a host that Chromium reads: it keeps the last dot, and IPv4 addresses within others."""
    try:
        return canonical(host or "")
    except ValueError:
        return None
