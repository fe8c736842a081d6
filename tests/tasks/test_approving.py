"""Approvals at a real terminal: what is printed, which lines are a yes, and what the model reads."""

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from PIL import Image

from actions.action import Action
from actions.mouse import Click
from actions.secrets import Secrets
from agent.record import read_episode
from devices import DeviceOptions
from devices.rules.approval import Answer, Approval, described
from devices.rules.places import Detail, Place
from devices.rules.verdict import Decision
from tasks.approving import Permissions, read_answer, shown
from tasks.options import Options
from tests.devices.browser.at import BUTTON, Site
from tests.devices.test_policed import HERE, Board

ROOT = Path(__file__).parent.parent.parent
CLICK = 'Press it\x1b[2J.\n*FUNCTION*: click\n*ARGS*: {"point": [100, 130]}'
PRESS = Click(point=HERE)
DONE = '*FUNCTION*: done\n*ARGS*: {"status": "success", "text": "ok"}'
BANK = f"""<title>bank</title><button id=b {BUTTON} onclick="document.title='done'">Cancel</button><script>
setInterval(async () => {{ b.textContent = (await (await fetch('/label')).text()).slice(15) }}, 300)
</script>"""


@pytest.mark.parametrize(
    ("line", "decision"),
    [
        ("y", Approval(Answer.YES)), (" YES ", Approval(Answer.YES)), ("a", Approval(Answer.ALL)),
        ("q", Approval(Answer.STOP)), ("", Approval(Answer.NO)), ("n", Approval(Answer.NO)),
        ("no", Approval(Answer.NO)),
        ("yy", Approval(Answer.NO, "yy")), ("yes please", Approval(Answer.NO, "yes please")),
        ("no, use the other account", Approval(Answer.NO, "use the other account")),
        ("wrong address", Approval(Answer.NO, "wrong address")),
        ("all right", Approval(Answer.NO, "all right")), ("nobody", Approval(Answer.NO, "nobody")),
    ],
)  # fmt: skip
def test_only_a_whole_yes_is_one(line: str, decision: Approval) -> None:
    assert read_answer(line) == decision


def test_a_place_is_described_by_what_is_known_of_it() -> None:
    assert described(Place("https://a.test/", role="button", name="Buy")) == "button 'Buy', https://a.test/"
    assert described(Place(app="XTerm", title="root@host")) == "XTerm, the window 'root@host'"


def test_a_text_of_the_model_fakes_no_line_of_the_question() -> None:
    """Neither by line ends nor by what looks empty and pushes its rest to the next line of the window."""
    thought = "I look.\n  on: button 'Cancel'" + "\u2800" * 60 + "\u3164" * 20 + "asked because of: nothing" + "x" * 300
    what, *facts = shown("Type('a" + "b" * 500 + "; rm -rf ~')", [("thought", thought), ("on", "button 'Pay'")])
    assert what.endswith("; rm -rf ~')"), "the whole action is shown"
    assert facts[0].startswith("thought: I look. on: button 'Cancel' asked because of: nothingxxx")
    assert "..." in facts[0] and facts[1] == "on: button 'Pay'"


class Elements(Board):
    """A board that keeps what it was asked about what is touched."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Detail] = []

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        self.asked.append(detail)
        return super().touches(action, detail)


@pytest.mark.parametrize(
    ("rules", "detail"),
    [
        (None, Detail.WORDS),
        ('default = "allow"', Detail.APP),
        ('[[rule]]\ndecision = "deny"\nwords = ["pay"]', Detail.WORDS),
        ('[[rule]]\ndecision = "deny"\nactions = ["Type"]\nwords = ["pay"]', Detail.APP),
    ],
)
def test_texts_are_read_only_where_a_rule_is_about_them(tmp_path: Path, rules: str | None, detail: Detail) -> None:
    """The default rules judge the name of whatever is pressed. On a phone it takes long to read.

    On a page the texts are read again once the pointer is there.
    """
    file = tmp_path / "careful.toml"
    if rules:
        file.write_text(rules)
    permissions, board = Permissions(Options(policy=file if rules else None), None), Elements()
    environment = permissions.around(board, board, Secrets())
    permissions.begin(tmp_path, "find a pan")
    assert environment.perform(PRESS).performed
    assert board.asked == [detail] * (2 if detail is Detail.WORDS else 1)


def test_the_sites_of_a_policy_reach_the_browser_itself(tmp_path: Path) -> None:
    """Which refuses what pages send there, and asks before they move there, whatever leads there."""
    rules = ("deny", "a.test"), ("ask", "b.test"), ("allow", "c.test")
    text = "".join(f'[[rule]]\ndecision = "{decision}"\nhosts = ["{host}"]\n' for decision, host in rules)
    (tmp_path / "careful.toml").write_text(f'{text}[[rule]]\ndecision = "deny"\nhosts = ["d.test"]\nwords = ["pay"]\n')
    permissions = Permissions(Options(policy=tmp_path / "careful.toml"), None)
    options = permissions.for_device(DeviceOptions(denied_sites=("e.test",)))
    assert options.denied_sites == ("e.test", "a.test") and options.asked_sites == ("b.test",)
    assert options.allowed_sites == ("c.test",) and options.other_sites is Decision.ALLOW


class Run:
    """The command line on a terminal of its own."""

    def __init__(self, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, str(ROOT / "run_agent.py"), *words]
        environ = os.environ | {"COLUMNS": "200", "TERM": "dumb"}
        self._run = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
        os.close(theirs)
        self.printed = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._ours)
        self._run.kill()
        self._run.wait(timeout=60)

    def until(self, what: str) -> str:
        """What was printed up to some words."""
        while what not in self.printed:
            assert self._read(), self.printed
        before, _, self.printed = self.printed.partition(what)
        return before

    def type(self, line: str) -> None:
        os.write(self._ours, line.encode())

    def ended(self) -> tuple[int, str]:
        """The exit code and the rest of what was printed."""
        while self._read():
            pass
        return self._run.wait(timeout=60), self.printed

    def _read(self) -> bool:
        try:
            read = os.read(self._ours, 4096).decode("utf-8", "replace")
        except OSError:  # the program has closed its end
            return False
        self.printed += read
        return bool(read)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.served() as served:
        yield served


def scripted(folder: Path, *replies: str) -> list[str]:
    (folder / "replies").write_text("\n---\n".join(replies), encoding="utf-8")
    flags = ["--model", "qwen2.5-vl-7b", "--engine", "scripted", "--replies", str(folder / "replies")]
    return [*flags, "--notation", "function_args", "--runs", str(folder / "runs")]


def test_a_person_decides_at_the_terminal(tmp_path: Path, site: Site) -> None:
    """No with a reason; a yes for what is no longer there; Enter; all of this kind; and then nothing more is asked."""
    site.add("/label", "Cancel")
    words = ["--address", site.add("/", BANK), "--headless", "--confirm", "--max-seconds", "300"]
    with Run("cancel it", *words, *scripted(tmp_path, *[CLICK] * 5, DONE)) as run:
        asked = run.until("the model reads it:")
        assert re.search(r"The model wants to do: Click\(\(\d+, \d+\)\)\s+thought: Press it\\x1b\[2J\.", asked), asked
        assert f"on: button 'Cancel', {site.address}/" in asked and "asked because of: --confirm asks" in asked
        run.type("no, look first\n")
        run.until("the model reads it:")
        site.add("/label", "Transfer 9000 EUR")
        fetched = threading.Semaphore(0)
        site.asked = lambda path: fetched.release() if path == "/label" else None
        assert all(fetched.acquire(timeout=60) for _ in range(3)), "after two more, the first answer is on the page"
        run.type("y\n")
        assert "button 'Transfer 9000 EUR'" in run.until("the model reads it:")
        run.type("\n")
        run.until("the model reads it:")
        run.type("a\n")
        code, rest = run.ended()
        assert code == 0 and "the model reads it" not in rest, rest
    (folder,) = (tmp_path / "runs").iterdir()
    steps = read_episode(folder).steps
    assert [step.outcome.permit for step in steps] == ["denied", "outdated", "denied", "approved", None, None]
    assert not any(step.turn.mistake for step in steps)
    assert "The user says: look first" in steps[0].outcome.text
    pictures = sorted(folder.glob("screens/asked-*.png"))
    assert len(pictures) == 4
    assert pictures[0].stat().st_mode & 0o777 == 0o600
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert all(f'"permit": "{permit}"' in report for permit in ("denied", "outdated", "approved"))


@pytest.mark.parametrize(("typed", "code", "permits"), [("q\n", 130, []), ("\x04", 1, ["denied"])])
def test_q_stops_the_run_and_the_end_of_the_input_is_a_no(
    tmp_path: Path, typed: str, code: int, permits: list[str]
) -> None:
    Image.new("RGB", (640, 480), "white").save(tmp_path / "picture.png")
    (tmp_path / "careful.toml").write_text('[[rule]]\ndecision = "ask"\nactions = ["Click"]\n')
    words = [
        "--device",
        "still",
        "--address",
        str(tmp_path / "picture.png"),
        "--policy",
        str(tmp_path / "careful.toml"),
    ]
    with Run("press", *words, "--max-steps", "1", *scripted(tmp_path, CLICK)) as run:
        assert "asked because of: rule 1, ask actions Click" in run.until("the model reads it:")
        run.type(typed)
        assert run.ended()[0] == code
    (folder,) = (tmp_path / "runs").iterdir()
    assert [step.outcome.permit for step in read_episode(folder).steps] == permits


def test_what_was_typed_before_the_question_is_no_answer_to_it(tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), "white").save(tmp_path / "picture.png")
    words = ["--device", "still", "--address", str(tmp_path / "picture.png"), "--confirm", "--max-steps", "1"]
    with Run("press", *words, *scripted(tmp_path, CLICK)) as run:
        run.type("y\n")
        run.until("the model reads it:")
        run.type("n\n")
        assert run.ended()[0] == 1
    (folder,) = (tmp_path / "runs").iterdir()
    assert [step.outcome.permit for step in read_episode(folder).steps] == ["denied"]
