"""What a person does in a real window is written as a task, which then passes without a model."""

import http.server
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs

import pytest

import run_agent
from actions.action import ActionSpace
from actions.errors import RecordFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import KEYBOARD, Type
from actions.mouse import MOUSE, Click
from actions.secrets import Secret
from devices import DeviceOptions
from devices.browser.device import Browser
from devices.watching import Done, Shown
from devices.watching.gestures import SECRET, Gestures
from tasks.scripted.reading import read_suite_file
from tasks.scripted.recorded_file import write_recorded
from tasks.scripted.recording import Recording
from tasks.worlds.virtual_screen import Screen, until
from tests.tasks.harness.test_resume import ROOT

PASSWORD = "love lace-1815"
PAGE = """<title>Log in</title><body style="margin:0"><form action=/in method=post style="margin:0">
<div style="height:30px;background:rgb(255,0,0)"></div>
<input name=who aria-label=Name onfocus="document.title = 'Log in: name'"
 style="display:block;width:300px;height:30px;margin:10px">
<input name=word type=password aria-label=Password style="display:block;width:300px;height:30px;margin:10px">
<select name=hue aria-label=Hue style="display:block;width:300px;height:30px;margin:10px">
<option>red<option>green<option>blue</select>
<div style="height:900px"></div><button style="display:block;width:300px;height:60px">Enter</button></form>
<p id=seen></p><script>
let forged = document.body.appendChild(document.createElement("button"));
setInterval(() => {
  forged.click();
  for (const name of ["mousedown", "mouseup", "click"])
    forged.dispatchEvent(new MouseEvent(name, {bubbles: true, clientX: 5, clientY: 5}));
  forged.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, key: "x"}));
  seen.textContent = Object.getOwnPropertyNames(window).filter(name => /screenhand|watching/i.test(name));
}, 50);
</script>"""


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.answer(PAGE)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        who, word, hue = (sent[name][0] for name in ("who", "word", "hue"))
        self.answer(f"<title>Welcome</title><h1>Hello {who}</h1><p>You sent {word}</p><p>Your hue is {hue}</p>")

    def answer(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture
def address() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_what_a_person_does_in_a_browser_becomes_a_task_that_passes(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log-in.toml"
    with Screen("1400x1000") as screen:
        with recorder(screen, path, "--address", address) as process:
            left, top = page_corner(screen)

            def at(x: int, y: int) -> tuple[str, ...]:
                return ("mousemove", str(left + x), str(top + y))

            screen.run("xdotool", *at(100, 55), "click", "1")
            until(lambda: "name" in screen.title())
            screen.run("xdotool", "type", "--delay", "20", "adda")
            screen.run("xdotool", "key", "BackSpace", "BackSpace", "type", "--delay", "20", "a Byron")
            screen.run("xdotool", "key", "Tab", "type", "--delay", "20", PASSWORD)
            screen.run("xdotool", *at(100, 135), "click", "1", "sleep", "0.6", "key", "Down", "Down", "Return")
            screen.run("xdotool", *at(700, 500), *("click", "5") * 12, "sleep", "1")
            screen.run("xdotool", *at(100, 740), "click", "1")
            until(lambda: "Welcome" in screen.title())
            os.killpg(process.pid, signal.SIGINT)  # as a terminal's Ctrl-C: the browser gets it, too
            assert process.wait(60) == 0
    text = path.read_text()
    assert PASSWORD not in text and "{{PASSWORD}}" in text and f"@127.0.0.1:{address.split(':')[2][:-1]}" in text
    monkeypatch.setenv("PASSWORD", PASSWORD)
    (task,) = read_suite_file(path).tasks
    assert [move.action for move in task.solution] == [
        "Click", "Type", "Press", "Type", "Click", "Choose", "Scroll", "Click",
    ]  # fmt: skip
    assert task.solution[1].arguments == {"text": "ada Byron"} and "# text field 'Name'" in text
    assert [check.expected() for check in task.checks] == [
        f"the address contains '{address.removeprefix('http://')}in'",
        "the title equals 'Welcome'",
        "the text on the screen contains 'Hello ada Byron'",
        "the text on the screen contains 'Your hue is blue'",
    ]
    flags = ["--engine", "scripted", "--headless", "--runs", str(tmp_path / "runs")]
    assert run_agent.main(["--suite", str(path), *flags]) == 0


class recorder:
    """Records in a process of its own, on a virtual screen; what it prints is in the file `said`."""

    def __init__(self, screen: Screen, path: Path, *flags: str) -> None:
        self.said = path.with_suffix(".said")
        command = [sys.executable, "-u", "run_agent.py", "--record", str(path), *flags]
        with self.said.open("wb") as output:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=screen.environ, stdout=output, stderr=output, start_new_session=True
            )

    def __enter__(self) -> subprocess.Popen[bytes]:
        until(lambda: "Do the task" in self.said.read_text() or self.process.poll() is not None, 90)
        assert self.process.poll() is None, self.said.read_text()
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def page_corner(screen: Screen) -> tuple[int, int]:
    """Where the page begins: at its red bar."""
    import mss

    def found() -> tuple[int, int] | None:
        with mss.MSS(display=screen.display) as camera:
            shot = camera.grab(camera.monitors[0])
        at = bytes(shot.rgb).find(b"\xff\x00\x00" * 200)
        return (at // 3 % shot.width, at // 3 // shot.width) if at >= 0 else None

    corner = until(found)
    assert corner is not None
    return corner


def test_input_becomes_the_fewest_actions_that_do_the_same() -> None:
    gestures = Gestures()

    def click(x: int, at_s: float, button: str = "left", to: int | None = None) -> None:
        gestures.press_button(Point(x, 5), button, ["ctrl"] if x == 90 else [], f"button {x}")
        gestures.release_button(Point(to or x, 5), at_s)

    click(10, 1.0)
    for at_s in (2.0, 2.2, 2.4, 2.6):
        click(30, at_s)
    click(50, 3.0, "right")
    click(50, 3.1, "right")
    click(60, 4.0, to=100)
    click(90, 9.0)
    gestures.release_button(Point(1, 1), 9.1)
    for text in ("a", "b", "\n", "c"):
        gestures.type(text)
    gestures.press("Shift", ["shift"])
    gestures.press("AudioVolumeUp", [])
    gestures.press("a", ["ctrl"])
    gestures.type("xy")
    gestures.press("Backspace", [])
    gestures.scroll(Point(5, 5), 0, 2)
    gestures.scroll(Point(9, 5), 0, 1)
    gestures.scroll(Point(9, 5), 0, -1)
    gestures.type("z" * 10_001)
    gestures.type_secret("one", "host", "field", "password field")
    gestures.press("Tab", [])
    gestures.type_secret("other", "host", "field", "password field")
    for value, field in (("0002-12-25", "day"), ("2026-12-25", "day"), ("7", "amount"), ("red", ""), ("blue", "")):
        gestures.choose(value, field, "")
    long = [each.action.text for each in gestures.done if isinstance(each.action, Type) and "z" in each.action.text]
    assert list(map(len, long)) == [10_000, 1]
    assert [str(each.action) for each in gestures.done if "z" not in str(each.action)] == [
        "Click((10, 5))", "TripleClick((30, 5))", "Click((30, 5))", "RightClick((50, 5))", "RightClick((50, 5))",
        "Drag((60, 5), (100, 5), 'left')", "Click((90, 5), ctrl)", "Type('ab')", "Press(enter)", "Type('c')",
        "Press(ctrl+a)", "Type('x')", "Scroll('down', 3, (5, 5))", "Scroll('up', 1, (9, 5))",
        "Type('{{PASSWORD}}')", "Press(tab)",
        "Choose('2026-12-25')", "Choose('7')", "Choose('red')", "Choose('blue')",
    ]  # fmt: skip
    assert [each.secret for each in gestures.done if each.secret] == ["other"]


def recording(*done: Done, before: Shown, after: Shown, **options: object) -> Recording:
    given = DeviceOptions.model_validate({"address": "http://shop.example/", **options})
    space = ActionSpace(MOUSE, KEYBOARD)
    return Recording("browser", given, Size(1280, 800), space, done, before, after, ["shop.example", "pay.example"])


def test_no_value_of_a_secret_is_written_wherever_it_was_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = [
        Done(Type(text=SECRET), "field", value, "pay.example", value)
        for value in ("hush-hush", "hush-hush", "2nd-word")
    ]
    known = Done(Type(text="token-77"), "field 'token-77' \x1b]\n[[tasks]]\x7f")
    before = Shown("http://shop.example/", "Shop", ("Log in",))
    after = Shown("http://pay.example/?p=hush-hush", "Hello hush-hush", ("Log in", "hush-hush is wrong", "at 10:15"))
    given = (Secret("TOKEN", "token-77", "shop.example"),)
    path = tmp_path / "my task.toml"
    made = recording(*typed, known, before=before, after=after, secrets=given)
    assert write_recorded(path, made, "", "play") == ("TOKEN", "PASSWORD", "PASSWORD_2")
    text = path.read_text()
    assert not any(value in text for value in ("hush", "2nd-", "token-77"))
    for name in ("TOKEN", "PASSWORD", "PASSWORD_2"):
        monkeypatch.setenv(name, "another value")
    (task,) = read_suite_file(path).tasks
    assert [move.arguments["text"] for move in task.solution] == [
        "{{PASSWORD}}", "{{PASSWORD}}", "{{PASSWORD_2}}", "{{TOKEN}}",
    ]  # fmt: skip
    assert (task.id, task.sites) == ("my-task", ("pay.example",))
    with pytest.raises(RecordFailure, match="exists already"):
        write_recorded(path, made, "", "play")
    with pytest.raises(UsageError, match="Nothing was done"):
        write_recorded(tmp_path / "none.toml", recording(before=before, after=after), "", "play")


@pytest.mark.slow
def test_what_a_person_does_on_a_desktop_becomes_a_task_that_passes(tmp_path: Path) -> None:
    path, said = tmp_path / "note.toml", tmp_path / "said.txt"
    terminal = ("xterm", "-T", "Notes", "-fa", "DejaVu Sans Mono", "-fs", "14", "-geometry", "60x12+100+100")
    program = f"echo What do you need?; read line; echo $line > {said}; echo Thank you; sleep 600"
    with Screen() as screen:
        screen.start(*terminal, "-e", "sh", "-c", program)
        window = screen.window("Notes")
        with recorder(
            screen, path, "run it in the terminal", "--device", "desktop", "--address", screen.display
        ) as process:
            x, y = map(str, window.at(0.5, 0.5))
            screen.run("xdotool", "mousemove", x, y, "click", "1", "type", "--delay", "20", "Milk; 2 EGGS_x")
            screen.run("xdotool", "key", "BackSpace", "Return")
            until(said.exists)
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(120) == 0
        screen.clear()
        said.unlink()
        (task,) = read_suite_file(path).tasks
        assert [move.action for move in task.solution] == ["Click", "Type", "Press"]
        assert task.instruction == "run it in the terminal" and task.solution[1].arguments == {"text": "Milk; 2 EGGS_"}
        assert {"kind": "text", "contains": "Thank you"} in [
            check.model_dump(include={"kind", "contains"}) for check in task.checks
        ]
        screen.start(*terminal, "-e", "sh", "-c", program)
        screen.window("Notes")
        command = [sys.executable, "run_agent.py", "--suite", str(path), "--engine", "scripted"]
        done = subprocess.run(
            [*command, "--runs", str(tmp_path / "runs")], cwd=ROOT, env=screen.environ, capture_output=True, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert said.read_text() == "Milk; 2 EGGS_\n"


def test_text_that_no_key_of_the_layout_types_is_noted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an input method or a list of emojis inserts it; a date is the last of the values that its digits make."""
    page = tmp_path / "note.html"
    day = "<input type=date style='position:absolute;left:20px;top:200px'>"
    page.write_text(f"<textarea autofocus></textarea>{day}")
    with Screen("1400x1000") as screen:
        monkeypatch.setenv("DISPLAY", screen.display)
        with closing(Browser(DeviceOptions(address=page.as_uri()))) as browser, browser.watched() as watch:
            browser.ask(lambda page: page.keyboard.type("a"))
            browser.ask(lambda page: page.keyboard.insert_text("€😀"))
            browser.ask(lambda page: page.keyboard.type("b"))
            browser.perform(Click(point=Point(30, 210)))
            browser.ask(lambda page: page.keyboard.type("12252026"))
            assert browser.ask(lambda page: page.locator("textarea").input_value()) == "a€😀b"
            noted = [str(each.action) for each in watch.done()]
    assert noted == ["Type('a€😀b')", "Click((30, 210))", "Choose('2026-12-25')"]
