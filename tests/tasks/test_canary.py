"""A secret's value is in no byte of a record and in no line of the console, however a run goes."""

import base64
import contextlib
import io
import json
import os
import signal
import threading
import time
import traceback
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

import devices
import run_agent
from actions.action import Action, Outcome
from actions.clock import Clock
from actions.control import Wait
from actions.secrets import Secret, Secrets
from agent.control import Control
from agent.terminal import Terminal
from devices import DeviceOptions
from devices.doubles.simphone import start
from devices.wrappers import Wrapped
from devices.wrappers.secrets import WithSecrets
from tasks.approving import AtTerminal, asking
from tasks.worlds.site_server import QuietHandler, serving
from tests.devices.simphone.driver import Phone
from tests.fakes.openai_server import Ways
from tests.fakes.openai_server import serving as serving_model

CANARY = "Canary-7f3a'9\"&/bird"
"""It differs from its forms in HTML, JSON, addresses and Python."""
FORMS = {
    CANARY,
    json.dumps(CANARY)[1:-1],
    repr(CANARY)[1:-1],
    urllib.parse.quote(CANARY, safe=""),
    urllib.parse.quote_plus(CANARY),
    "Canary-7f3a&#x27;9&quot;&amp;/bird",
    "Canary-7f3a&#39;9&#34;&amp;/bird",
    CANARY.encode().hex(),
    base64.b64encode(CANARY.encode()).decode().rstrip("=")[:-1],
    "Canary-7f3a",
}
"""Also its first half, which a text that was cut may end with."""
FIELD = "<!DOCTYPE html><body style='margin:0'><input id=field autofocus style='width:300px;height:80px'>"
"""A page with one field at its top left corner; the script of a kind of run follows."""
ENTER = """field.onchange = () => {
    const sent = new XMLHttpRequest()
    sent.open("GET", "/took?" + encodeURIComponent(field.value), false)  // the key is done once it has arrived
    sent.send()
};"""


def call(name: str, **arguments: object) -> str:
    return f"*FUNCTION*: {name}\n*ARGS*: {json.dumps(arguments)}"


CLICK, TYPE = call("Click", point=[100, 40]), call("Type", text="{{PW}}\n")
NAME = "{{PW}}"
DONE, FAILED = call("Finish", status="success", text="Done."), call("Finish", status="failure", text=f"It is {CANARY}.")


class Kind(NamedTuple):
    """A kind of run: the page's script, the model's replies, further flags, and what must be true of it."""

    script: str = ""
    replies: tuple[str, ...] = (CLICK, TYPE, DONE)
    flags: tuple[str, ...] = ()
    code: int = 0
    said: str = ""
    """What the record or the console must hold."""
    taken: bool = True
    """Whether the page gets the value."""
    instruction: str = "log in"
    path: str = "/"


QUOTED = urllib.parse.quote(CANARY, safe="")
WAIT = call("Wait", seconds=0.5)
SHOWN = "field.onkeyup = () => {{ const it = field.value; {} }}"
DOWNLOAD = "const a = document.createElement('a'); a.download = it + '.txt'; a.href = '{}'; a.click();"
KINDS = {
    "a page that shows it": Kind(
        SHOWN.format(
            "document.title = it;"
            "history.replaceState(0, '', '?' + it + '&' + btoa(it) + '#' + encodeURIComponent(it));"
            f"console.error(it); open('/popup?' + it); {DOWNLOAD.format('data:text/plain,x')} throw new Error(it)"
        ),
        (CLICK, TYPE, WAIT, call("SwitchTab", index=1), WAIT, DONE),
        said="was downloaded",
    ),
    "dialogs": Kind(
        SHOWN.format(
            "field.onkeyup = null; setTimeout(() => alert('x'.repeat(288) + it), 300);"
            "setTimeout(() => prompt('Is it ' + it, it), 301)"
        ),
        (CLICK, TYPE, WAIT, *[call("AnswerDialog", answer="accept")] * 2, DONE),
        said="Is it {{PW}}",
    ),
    "a page that goes": Kind(
        SHOWN.format("location = 'http://127.0.0.1:9/?' + encodeURIComponent(it)"), said="9/?{{PW}}"
    ),
    "a list, and addresses of the model": Kind(
        SHOWN.format(
            "const list = document.createElement('select'); list.add(new Option(it)); document.body.append(list);"
            "list.focus()"
        ),
        (
            CLICK,
            TYPE,
            call("Choose", value=CANARY),
            CLICK,
            *(call("Goto", url=f"/took?{it}") for it in (QUOTED, NAME)),
            DONE,
        ),
        said="only typed, with Type",
    ),
    "mistakes, and a failure": Kind(
        replies=(CLICK, TYPE, call(CANARY, text="a"), CLICK, call("Click", point=CANARY), FAILED),
        code=1,
        said="a point is two numbers, (x, y) (got '{{PW}}",
    ),
    "prose": Kind(replies=(CLICK, TYPE, f"It is {CANARY}", f"It is {CANARY}"), code=1, said="no_call"),
    "what the user and the model say": Kind(
        replies=(
            CLICK,
            f"I type {CANARY}. {call('Type', text=CANARY + chr(10))}",
            call("Answer", text=f"It is {CANARY}"),
        ),
        flags=("--json", "--verbose"),
        said="I type {{PW}}.",
        instruction=f"log in with {CANARY} now",
        path=f"/?token={QUOTED}",
    ),
    "a start that does not open": Kind(path=f":9/?{QUOTED}", code=3, taken=False),
    "another host": Kind(flags=("--address", "{localhost}/"), said="is for 127.0.0.1", taken=False),
    "a limit": Kind(flags=("--max-steps", "2"), code=1, said="step_limit"),
    "a time limit": Kind(
        replies=(CLICK, TYPE, call("Wait", seconds=60)), flags=("--max-seconds", "12"), code=1, said="time_limit"
    ),
    "a page that crashes": Kind(
        SHOWN.format(
            "document.title = it; const sent = new XMLHttpRequest(); sent.open('GET', '/crash', false); sent.send()"
        ),
        said="crashed",
    ),
    "verification": Kind(
        replies=(CLICK, TYPE, DONE, f"*VERIFY*: yes, it shows {CANARY}."), flags=("--verify",), said="it shows {{PW}}."
    ),
    "a check that fails": Kind(
        replies=(CLICK, TYPE, *[call("Answer", text=CANARY)] * 2),
        flags=("--check", "answer equals it"),
        code=1,
        said="finished_unverified",
    ),
}


class Server(NamedTuple):
    address: str
    pages: dict[str, str]
    took: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server that keeps what its pages send, and one Chromium for all runs."""
    pages: dict[str, str] = {}
    took: list[str] = []

    class Handler(QuietHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            if path == "/crash":
                kill_pages()
            if path == "/took":
                took.append(urllib.parse.unquote(query))
            content = pages.get(path, "<p>ok").encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    with serving(Handler) as address:
        yield Server(address, pages, took)


@contextmanager
def no_canary(
    runs: Path, capsys: pytest.CaptureFixture[str], measured: Callable[..., None] = lambda **numbers: None
) -> Iterator[list[str]]:
    """The block leaves no form of the value on the console or below the folder; yields what both hold, at the end."""
    held: list[str] = []
    yield held
    printed = capsys.readouterr()
    held += [printed.out, printed.err]
    for path in runs.rglob("*"):
        held.append(path.name)
        if path.is_file():
            held.append(path.read_bytes().decode("utf-8", "replace"))
    found = [(form, text[:3000]) for text in held for form in forms_in(text)]
    measured(found=len(found))
    assert not found


def forms_in(text: str) -> list[str]:
    """The forms of the value that a text holds; a terminal breaks lines anywhere."""
    texts = text.lower(), "".join(text.split()).lower()
    return [form for form in FORMS if any(form.lower() in each for each in texts)]


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The flags of a run with the secret."""
    monkeypatch.setenv("CANARY", CANARY)
    return ["--secret", "PW=env:CANARY@127.0.0.1", "--runs", str(tmp_path / "runs"), "--headless", "--no-verify"]


def kill_pages() -> None:
    """Kills the processes of all pages of the browsers that this process has started."""
    parents: dict[int, int] = {}
    pages = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"--type=renderer" in (folder / "cmdline").read_bytes():
                pages.append(int(folder.name))
    for page in pages:
        above = page
        while above not in (0, os.getpid()):
            above = parents.get(above, 0)
        if above:
            os.kill(page, signal.SIGKILL)


def scripted(tmp_path: Path, replies: tuple[str, ...]) -> list[str]:
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies), encoding="utf-8")
    model = ["--model", "qwen2.5-vl-7b", "--notation", "function_args", "--replies", str(tmp_path / "replies.txt")]
    return [*model, "--viewport", "480x320"]  # small pictures make quick runs


@pytest.mark.parametrize("name", KINDS)
def test_no_run_shows_the_value(
    name: str,
    server: Server,
    secret: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    measured: Callable[..., None],
) -> None:
    kind = KINDS[name]
    server.took.clear()
    server.pages["/"] = f"{FIELD}<script>{ENTER}{kind.script}</script>"
    base = server.address.rpartition(":")[0] if kind.path.startswith(":") else server.address
    flags = ["--address", base + kind.path, *kind.flags]
    flags = [flag.replace("{localhost}", server.address.replace("127.0.0.1", "localhost")) for flag in flags]
    if {"--check", "--verify"} & set(flags):
        secret.remove("--no-verify")
    with no_canary(tmp_path / "runs", capsys, measured) as held:
        code = run_agent.main([kind.instruction, *secret, *scripted(tmp_path, kind.replies), *flags])
    assert (code, server.took) == (kind.code, [CANARY] * kind.taken), held[:2]
    assert any(kind.said in text for text in held), held[:2]


def test_neither_ctrl_c_and_a_resumption_nor_a_bug_shows_it(
    server: Server, secret: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.took.clear()
    server.pages["/"] = f"{FIELD}<script>{ENTER}</script>"
    replies = scripted(tmp_path, (CLICK, TYPE, call("Wait", seconds=60)))

    def interrupt() -> None:
        while not server.took:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with no_canary(tmp_path / "runs", capsys) as held:
        assert run_agent.main([f"log in with {CANARY}", "--address", server.address, *secret, *replies]) == 130
        (folder,) = (tmp_path / "runs").iterdir()
        control = Control(folder, secrets=Secrets([Secret("PW", CANARY, "127.0.0.1")]))
        control.send(f"It is {CANARY}.")
        assert control.messages() == ("It is {{PW}}.",)
        scripted(tmp_path, (CLICK, TYPE, call("Answer", text=CANARY)))
        assert run_agent.main(["--resume", str(folder)]) == 0
    assert any('"answer": "{{PW}}"' in text for text in held)

    class Broken(Wrapped):
        def perform(self, action: Action) -> Outcome:
            try:
                raise OSError(2, f"no file {CANARY}")
            except OSError as error:
                raise ZeroDivisionError(f"because of {CANARY}") from error

    one = Secrets([Secret("PW", CANARY, "127.0.0.1")])
    with devices.connect("gridworld", DeviceOptions()) as world, pytest.raises(ZeroDivisionError) as raised:
        WithSecrets(Broken(world), one).perform(Wait())
    told = "".join(traceback.format_exception(raised.value))
    assert "because of {{PW}}" in told and "no file {{PW}}" in told and CANARY not in told


def test_a_models_server_learns_the_name_alone(
    server: Server,
    secret: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    measured: Callable[..., None],
) -> None:
    server.took.clear()
    script = SHOWN.format("document.title = it; open('/popup?' + it); history.replaceState(0, '', '?' + it)")
    server.pages["/"] = f"{FIELD}<script>{ENTER}{script}</script>"
    ways = Ways(replies=[CLICK, TYPE, call("Type", text=CANARY), WAIT, DONE, DONE])
    with serving_model(ways) as url, no_canary(tmp_path / "runs", capsys):
        flags = ["--server", url, "--model", "qwen2.5-vl-7b", "--notation", "function_args"]
        assert run_agent.main([f"log in with {CANARY}", "--address", server.address, *secret, *flags]) == 0
    asked = json.dumps(ways.asked)
    assert server.took == [CANARY] and "{{PW}} (for 127.0.0.1)" in asked and "log in with {{PW}}" in asked
    assert "?{{PW}}" in asked, "the address that the page made of it"
    found = [request for request in ways.asked if forms_in(json.dumps(request))]
    measured(found=len(found))
    assert not found


SUITE = """
secrets = ["PW=env:CANARY@127.0.0.1"]
pages = "pages"

[[tasks]]
id = "enters"
instruction = "Log in with {instruction}."
address = "/page.html"
limits = {{ steps = 6 }}
solution = [
    {{ action = "Click", arguments = {{ point = [100, 40] }} }},
    {{ action = "Type", arguments = {{ text = "{{{{PW}}}}" }} }},
    {{ action = "Finish", arguments = {{ status = "success" }} }},
]
checks = [{{ kind = "url", contains = "/thanks", within_s = 0 }}]
"""


def test_a_suite_its_pages_and_what_is_made_of_its_record_show_nothing(
    secret: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pages").mkdir()
    shown = "<script>field.oninput = () => history.replaceState(0, '', '?' + encodeURIComponent(field.value))</script>"
    (tmp_path / "pages" / "page.html").write_text(FIELD + shown)
    suite = tmp_path / "mine.toml"
    instruction = json.dumps(CANARY)[1:-1]
    suite.write_text(SUITE.format(instruction=instruction))
    runs, junit = tmp_path / "runs", tmp_path / "runs" / "results.xml"
    flags = [*secret[2:], "--engine", "scripted", "--junit", str(junit)]
    with no_canary(runs, capsys) as held:
        assert run_agent.main(["--suite", str(suite), *flags]) == 1
        (folder,) = (path for path in runs.iterdir() if path.is_dir())
        assert run_agent.main(["--resume", str(folder)]) == 1
        assert run_agent.main(["--report", str(folder)]) == 0
        assert run_agent.main(["--replay", str(folder / "enters")]) == 0
        assert run_agent.main(["--export", str(folder / "enters"), str(runs / "run.gif")]) == 0
    assert "page.html?{{PW}}" in junit.read_text()
    assert any("Log in with {{PW}}." in text for text in held)
    suite.write_text(SUITE.format(instruction="").replace("enters", "Canary-7f3a"))
    os.environ["CANARY"] = "Canary-7f3a"
    assert run_agent.main(["--suite", str(suite), *flags]) == 2
    assert "The name of the task {{PW}} holds the value of a secret" in " ".join(capsys.readouterr().err.split())


def test_a_run_on_a_phone_shows_nothing(
    adb_server: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    value = "Canary-7f3a9"
    monkeypatch.setenv("CANARY", value)
    port = int(os.environ["ANDROID_ADB_SERVER_PORT"])
    with start() as running, no_canary(tmp_path / "runs", capsys) as held:
        phone = Phone(port, running.address)
        phone.adb("connect", running.address)
        phone.open("notes")
        phone.tap("New note", "body")
        place = list(phone.find("body").middle)
        replies = (call("Tap", point=place), call("Type", text="It is {{PW}}"), call("Answer", text=value))
        (tmp_path / "replies.txt").write_text("\n---\n".join(replies))
        flags = ["--device", "android", "--address", running.address, "--secret", "PW=env:CANARY@com.simphone.notes"]
        flags += ["--model", "qwen2.5-vl-7b", "--notation", "function_args", "--replies", str(tmp_path / "replies.txt")]
        assert run_agent.main(["write it", *flags, "--runs", str(tmp_path / "runs"), "--no-verify"]) == 0
        assert phone.find("body").text == f"It is {value}"
    assert any("{{PW}} was typed" in text for text in held)


def test_what_a_user_types_is_masked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"use {CANARY}\n"))
    asked = asking(AtTerminal(Terminal()), Secrets([Secret("PW", CANARY, "127.0.0.1")]), Clock())
    assert asked(f"Is it {CANARY}?") == "use {{PW}}"
    assert "Is it {{PW}}?" in capsys.readouterr().out
