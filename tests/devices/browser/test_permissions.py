"""What pages ask for that no picture shows (permissions, devices, programs, printing) is reported, mostly denied."""

import pytest

from actions.mouse import Click, MoveTo
from actions.web import Reload
from tests.devices.browser.at import AT, BUTTON, Open, Reply, Site, evaluate, text_once, title

ASKING = {
    "location": "navigator.geolocation.getCurrentPosition(() => document.title = 'yes', () => document.title = 'no')",
    "notifications": "Notification.requestPermission().then(said => document.title = said == 'granted' ? 'yes' : 'no')",
    "camera": "navigator.mediaDevices.getUserMedia({video: true})"
    ".then(() => document.title = 'yes', () => document.title = 'no')",
    "clipboard": "navigator.clipboard.readText().then(() => document.title = 'yes', () => document.title = 'no')",
}  # fmt: skip


@pytest.mark.parametrize("kind", ASKING)
def test_permissions_are_denied_unless_granted_and_told(opened: Open, site: Site, kind: str) -> None:
    address = site.add("/", f'<title>before</title><button {BUTTON} onclick="{ASKING[kind]}">Ask</button>')
    for permit, answer, said in (((), "no", "denied"), ((kind,), "yes", "allowed")):
        browser = opened(address, permit=permit)
        browser.perform(Click(point=AT))
        assert f"permission ({kind}); it was {said}." in text_once(browser, "permission")
        if permit and kind in ("location", "camera"):
            continue  # whether there is a position or a camera then depends on the machine
        browser.ask(lambda page, wanted=answer: page.wait_for_function(f"document.title === '{wanted}'"))  # type: ignore[misc]


REFUSED = {
    "screen": "navigator.mediaDevices.getDisplayMedia()",
    "USB device": "navigator.usb.requestDevice({filters: []})",
    "Bluetooth device": "navigator.bluetooth.requestDevice({acceptAllDevices: true})",
    "serial port": "navigator.serial.requestPort()",
    "HID device": "navigator.hid.requestDevice({filters: []}).then(found => Promise.reject(Error(found.length)))",
    "MIDI": "navigator.requestMIDIAccess()",
    "payment": "new PaymentRequest([{supportedMethods: 'https://pay.invalid'}],"
    " {total: {label: 'x', amount: {currency: 'EUR', value: '1'}}}).show()",
    "files of this machine": "showOpenFilePicker()",
    "passkey": "navigator.credentials.get({publicKey: {challenge: new Uint8Array(16)}})",
}  # fmt: skip


def test_what_a_browser_asks_in_its_own_dialogs_is_denied_and_reported(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<title>0</title><button {BUTTON} onclick='ask()'>Ask</button>"))
    there = 0
    for kind, asking in REFUSED.items():
        body = "try { await (%s); document.title = 'given' } catch (e) { document.title = e.name }" % asking  # noqa: UP031
        evaluate(browser, f"globalThis.ask = async () => {{ {body} }}")
        browser.perform(Click(point=AT))
        browser.ask(lambda page: page.wait_for_function("document.title !== '0'"))
        if title(browser) in ("TypeError", "ReferenceError"):  # this Chromium does not have it
            continue
        there += 1
        assert title(browser) != "given"
        assert f"The page requested a permission ({kind}); it was denied." in text_once(browser, "permission")
        evaluate(browser, "document.title = '0'")
    assert there >= 6


FOREIGN = "zoommtg:join?x"
BY_ITSELF = {
    "a link": "<a id=a href='{}'></a><script>setTimeout(() => a.click(), 50)</script>",
    "a script": "<script>setTimeout(() => location = '{}', 50)</script>",
    "a frame": "<iframe src='{}'></iframe>",
    "a frame's redirect": "<iframe src='/redirect'></iframe>",
    "a redirect": "<script>setTimeout(() => location = '/redirect', 50)</script>",
    "a refresh": "<meta http-equiv=refresh content='0;url={}'>",
    "a form": "<form id=f action='{}'></form><script>setTimeout(() => f.submit(), 50)</script>",
    "a new tab": "<a id=a target=_blank href='{}'></a><script>onclick = () => a.click()</script>",
}


@pytest.mark.parametrize("way", BY_ITSELF)
def test_a_link_to_another_program_is_reported_and_the_tab_goes_on(opened: Open, site: Site, way: str) -> None:
    site.add("/redirect", Reply(status=302, headers=(("Location", FOREIGN),)))
    button = f"<title>0</title><button {BUTTON} onclick='document.title++'>Go on</button>"
    browser = opened(site.add("/", button + BY_ITSELF[way].format(FOREIGN)))
    if way == "a new tab":
        browser.perform(Click(point=AT))
    assert "another program" in text_once(browser, "another program")
    browser.perform(Reload())
    browser.perform(Click(point=AT))
    browser.observe()
    assert evaluate(browser, "document.title") == "1"


def test_printing_is_told_and_holds_nothing_up(opened: Open, site: Site) -> None:
    browser = opened(site.add("/", f"<button {BUTTON} onclick='print(); document.title = 1'>Print</button>"))
    browser.perform(Click(point=AT))
    assert "nothing was printed" in text_once(browser, "print") and evaluate(browser, "document.title") == "1"
    assert browser.perform(MoveTo(point=AT)).text == ""
