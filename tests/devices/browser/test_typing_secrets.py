"""Secrets in a browser: typed into a field of their own site alone, and painted over where a page shows one."""

import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote

import pytest
from PIL import ImageChops

from actions.errors import ActionRefused, UsageError
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag
from actions.secrets import Secret, Secrets
from actions.web import AnswerDialog, Goto, NewTab
from devices.wrappers.secrets import PAINT, WithSecrets
from devices.wrappers.settled import Settled
from tests.devices.browser.at import AT, BUTTON, Open, Site, evaluate, text_once

VALUE = "canary-7f3a9"
FIELD = f"<input id=field autofocus {BUTTON}>"


def port_of(site: Site) -> str:
    return site.address.rpartition(":")[2]


def with_secrets(opened: Open, address: str, *secrets: Secret) -> WithSecrets:
    return WithSecrets(opened(address, secrets=secrets, sites=("*",), patience_s=20.0), Secrets(secrets))


def pw(place: str = "127.0.0.1", into_password: bool = False) -> Secret:
    return Secret("PW", VALUE, place, into_password)


def go(environment: WithSecrets, address: str) -> None:
    """Opens a page with all of its frames."""
    environment.perform(Goto(url=address))
    environment.inner.ask(lambda page: page.wait_for_load_state("load"))  # type: ignore[attr-defined]


def content(environment: WithSecrets, frame: int = 0) -> str:
    """What the field of a frame holds."""
    return environment.inner.ask(lambda page: page.frames[frame].evaluate("document.querySelector('#field').value"))  # type: ignore[attr-defined, no-any-return]


def refusal(environment: WithSecrets, typing: Type) -> str:
    """Why it was not typed after a click: a frame with its own process takes input a moment after it is loaded."""
    deadline = time.monotonic() + 20
    while True:
        environment.perform(Click(point=AT))
        with pytest.raises(ActionRefused) as refused:
            environment.perform(typing)
        if "No field has the focus" not in str(refused.value) or time.monotonic() > deadline:
            return str(refused.value)


@pytest.mark.parametrize(
    "field", [FIELD, f"<textarea id=field {BUTTON}></textarea>", f"<input type=password id=field {BUTTON}>"]
)
def test_a_secret_is_typed_on_its_site_and_nobody_reads_it(opened: Open, site: Site, field: str) -> None:
    log = "field.oninput = event => document.title = `${event.isTrusted} ${event.inputType}`"
    environment = with_secrets(opened, site.add("/", f"{field}<script>{log}</script>"), pw())
    environment.perform(Click(point=AT))
    said = environment.perform(Type(text="a{{PW}}b{{OTHER}}")).text
    assert content(environment) == f"a{VALUE}b{{{{OTHER}}}}"
    assert "{{PW}} was typed." in said and VALUE not in said
    assert evaluate(environment.inner, "document.title") == "true insertText"  # type: ignore[arg-type]


def test_what_a_page_does_with_it_is_reported_masked(opened: Open, site: Site) -> None:
    echo = (
        "field.oninput = () => { document.title = field.value;"
        "history.replaceState(0, '', '?pw=' + encodeURIComponent(field.value) + '&b=' + btoa(field.value)) }"
    )
    environment = with_secrets(opened, site.add("/", f"{FIELD}<script>{echo}</script>"), pw())
    environment.observe()
    environment.perform(Type(text="{{PW}}"))
    said = text_once(environment, "The address is now")  # type: ignore[arg-type]
    assert "?pw={{PW}}&b={{PW}}" in said and VALUE not in said
    assert environment.observe().location.endswith("/?pw={{PW}}&b={{PW}}")
    evaluate(environment.inner, "setTimeout(() => alert(`It is ${field.value}`))")  # type: ignore[arg-type]
    said = text_once(environment, "It is")  # type: ignore[arg-type]
    assert "It is {{PW}}" in said and VALUE not in said
    picture = environment.observe().image
    assert picture.getpixel((100, 400)) == PAINT, "behind the dialog the page may show it"
    assert picture.getpixel((640, 15)) == PAINT, "so does the dialog"
    environment.perform(AnswerDialog(answer="accept"))
    assert environment.observe().image.getpixel((100, 400)) == PAINT, "what was covered before is still covered once"
    assert environment.observe().image.getpixel((100, 400)) != PAINT


def test_the_places_where_a_secret_is_not_typed(opened: Open, site: Site, measured: Callable[..., None]) -> None:
    site.add("/field", FIELD)
    here, elsewhere = site.address, site.address.replace("127.0.0.1", "localhost")
    frame = "<iframe style='width:600px;height:400px' src='{}' {}></iframe>"
    pages = {
        "another host": (f"{elsewhere}/field", "the focus is in http://localhost"),
        "a look-alike": (
            site.address.replace("127.0.0.1", "127.0.0.1.localhost") + "/field",
            "{{PW}} is for 127.0.0.1",
        ),
        "a subdomain": (site.address.replace("127.0.0.1", "pages.localhost") + "/field", "{{HERE}} is for localhost"),
        "a redirect": (site.add("/away", f"<script>location = '{elsewhere}/field'</script>"), "http://localhost"),
        "a frame of another host": (site.add("/frame", frame.format(f"{elsewhere}/field", "")), "http://localhost"),
        "a frame without a site": (
            site.add("/box", frame.format("/field", "sandbox='allow-scripts'")),
            "without a site",
        ),
        "a data: frame": (site.add("/data", frame.format(f"data:text/html,{quote(FIELD)}", "")), "without a site"),
        "no field": (site.add("/none", "<p>nothing"), "No field that takes text"),
        "a field that is not for writing": (
            site.add("/read", FIELD.replace("id=", "readonly id=")),
            "No field that takes",
        ),
        "a form to another host": (
            site.add("/form", f"<form action='{elsewhere}/x'>{FIELD}"),
            "this form sends it to http",
        ),
        "its button": (
            site.add("/by", f"<form action='/x'>{FIELD}<button formaction='{elsewhere}/x'>go"),
            "this form sends it to http",
        ),
        "a button": (site.add("/button", "<button autofocus>a"), "No field that takes text"),
    }
    environment = with_secrets(opened, f"{here}/field", pw(), Secret("HERE", "other-value", "localhost"))
    typed = []
    for name, (address, why) in pages.items():
        go(environment, address)
        said = refusal(environment, Type(text="{{HERE}}" if name == "a subdomain" else "{{PW}}"))
        if why not in said:
            typed.append((name, said))
    measured(places=len(pages), typed=len(typed))
    assert not typed
    assert VALUE not in str(environment.inner.ask(lambda page: page.evaluate("document.documentElement.outerHTML")))  # type: ignore[attr-defined]


def test_a_frame_of_its_site_gets_it_and_a_port_or_a_password_field_can_be_demanded(opened: Open, site: Site) -> None:
    other = site.address.replace("127.0.0.1", "localhost")
    site.add("/field", FIELD)
    site.add("/", f"<iframe style='width:600px;height:400px' src='{other}/field'></iframe>")
    environment = with_secrets(
        opened, site.address, pw(f"LOCALHOST.:{port_of(site)}"), Secret("NEXT", "other-value", "localhost:1")
    )
    go(environment, site.address)
    field = "document.activeElement === document.querySelector('#field') && document.hasFocus()"
    while not environment.inner.ask(lambda page: page.frames[1].evaluate(field)):  # type: ignore[attr-defined]
        environment.perform(Click(point=AT))  # a frame with its own process takes input a moment after it is loaded
    environment.perform(Type(text="{{PW}}"))
    assert content(environment, frame=1) == VALUE
    with pytest.raises(ActionRefused, match="NEXT}} is for localhost:1"):
        environment.perform(Type(text="{{NEXT}}"))
    environment = with_secrets(opened, f"{site.address}/field", pw(into_password=True))
    environment.perform(Click(point=AT))
    with pytest.raises(ActionRefused, match="only into a password field"):
        environment.perform(Type(text="{{PW}}"))
    with pytest.raises(UsageError, match="which is no host"):
        with_secrets(opened, site.address, pw("a..b"))


def test_no_address_or_dialog_gets_a_secret(opened: Open, site: Site) -> None:
    environment = with_secrets(
        opened, site.add("/", f"{FIELD}<script>setTimeout(() => prompt('PIN?'), 300)</script>"), pw()
    )
    for action in (
        Goto(url=site.address + "/?q={{PW}}"),
        NewTab(url="{{PW}}"),
        AnswerDialog(answer="accept", text="{{PW}}"),
    ):
        with pytest.raises(ActionRefused, match="only typed, with Type"):
            environment.perform(action)
    text_once(environment, "PIN?")  # type: ignore[arg-type]
    with pytest.raises(ActionRefused, match="dialog"):
        environment.perform(Type(text="{{PW}}"))


def test_what_shows_a_secret_is_not_taken_to_another_place(opened: Open, site: Site) -> None:
    environment = with_secrets(opened, site.add("/", FIELD), pw())
    environment.perform(Click(point=AT))
    environment.perform(Press(keys=("ctrl", "c")))
    environment.perform(Type(text="{{PW}}"))
    settled = Settled(environment)
    settled.observe()
    settling = settled.observe().settling
    assert settling and settling.settled and settling.changed == pytest.approx(0, abs=0.0001), "paint is no movement"
    environment.perform(Press(keys=("ctrl", "a")))
    for action in (Press(keys=("ctrl", "c")), Press(keys=("ctrl", "x")), Drag(start=AT, end=Point(400, 400))):
        with pytest.raises(ActionRefused, match="not copied, cut or dragged"):
            environment.perform(action)
    environment.perform(Drag(start=Point(500, 500), end=Point(600, 600)))
    evaluate(environment.inner, "field.type = 'password'")  # type: ignore[arg-type]
    environment.perform(Press(keys=("ctrl", "c")))  # of dots nothing is copied
    assert content(environment) == VALUE


def test_the_check_and_the_typing_are_one_moment(opened: Open, site: Site, measured: Callable[..., None]) -> None:
    """A page that moves the focus all the time, and when something is typed, into a frame of another host."""
    other = site.address.replace("127.0.0.1", "localhost")
    site.add("/field", FIELD + "<script>setInterval(() => field.focus(), 1)</script>")
    moving = (
        "let turn = 0; setInterval(() => (turn++ % 2 ? field : frames[0]).focus(), 3);"
        "field.onbeforeinput = () => frames[0].focus()"
    )
    environment = with_secrets(
        opened, site.add("/", f"{FIELD}<iframe src='{other}/field'></iframe><script>{moving}</script>"), pw()
    )
    environment.inner.ask(lambda page: page.wait_for_load_state("load"))  # type: ignore[attr-defined]
    attempts, typed = 25, 0
    for _ in range(attempts):
        with suppress(ActionRefused):
            environment.perform(Type(text="{{PW}}"))
        typed += "canary" in content(environment, frame=1)
    measured(attempts=attempts, typed=typed)
    assert not typed


SHOWN = (
    "<p>It is {}, they say",
    "<p><b>{start}</b><i>{rest}</i>",
    "<input value='{}'>",
    "<input type=button value='{}'>",
    "<textarea>It is {}.</textarea>",
    "<select><option>{}</select>",
    "<input type=password placeholder='{}'>",
    "<p style='text-transform:uppercase'>{}",
    "<p style='letter-spacing:1px'><b>{spaced}</b>",
    "<svg width=400 height=40><text x=5 y=30>{}</text></svg>",
    "<div id=host></div><script>host.attachShadow({{mode: 'open'}}).innerHTML = '<p>{}</p>'</script>",
    "<iframe srcdoc='<p style=font-family:monospace>{}'></iframe>",
    "<iframe src='{other}/frame?{}'></iframe>",
    "<input value='{most}'>",
    "<form><input name=childNodes><input name=shadowRoot><input name=getRootNode><p>{}</form>",
)


def test_a_picture_is_the_same_whatever_the_secret_is_that_a_page_shows(
    opened: Open, site: Site, measured: Callable[..., None]
) -> None:
    other = site.address.replace("127.0.0.1", "localhost")
    site.add("/frame", "<body style='font-family:monospace'><script>document.write(location.search.slice(1))</script>")
    both = Secret("ONE", "mmmmwwww-1111", "127.0.0.1"), Secret("TWO", "iiiillll-9999", "127.0.0.1")
    environment = with_secrets(opened, site.add("/start", ""), *both)
    style = "<style>* { font-family: monospace !important } div { position: absolute; overflow: hidden; height: 80px }"
    looks = []
    for secret in both:
        value = secret.value
        parts = [
            part.format(value, other=other, spaced=" ".join(value), start=value[:3], rest=value[3:], most=value[:9])
            for part in SHOWN
        ]
        places = (f"left:{at % 3 * 400 + 5}px;top:{at // 3 * 90 + 5}px" for at in range(len(parts)))
        body = "".join(f"<div style='{place}'>{part}</div>" for place, part in zip(places, parts, strict=True))
        go(environment, site.add(f"/{secret.name}", f"{style}</style>{body}"))
        environment.observe()  # paints over what the page before showed, too
        looks.append(environment.observe().image)
    different = sum(ImageChops.difference(*looks).convert("L").histogram()[1:])
    measured(kinds=len(SHOWN), pixels=different)
    assert not different
    for at in range(len(SHOWN)):
        left, top = at % 3 * 400, at // 3 * 90
        colours = looks[0].crop((left, top, left + 390, top + 85)).getcolors(1 << 20)
        assert colours and PAINT in {colour for _, colour in colours}, SHOWN[at]
