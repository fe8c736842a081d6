"""What the user allows: `Permissions` puts a run's rules around its device, `TerminalApprover` asks at the terminal."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from actions.clock import Clock
from actions.errors import UsageError
from actions.secrets import Secrets
from agent.episode import Step, Turn
from agent.loop import Policy
from agent.terminal import Terminal, ask, cut
from devices import DeviceOptions, Environment, Observation
from devices.rules.approval import Answer, Approval, Approver, Question
from devices.rules.cautious import Cautious, may_press
from devices.rules.judges import confirming, only_apps
from devices.rules.places import Inspected, Judge
from devices.rules.policy_file import read_policy
from devices.rules.sited import Sited
from devices.rules.verdict import Decision, Verdict, strictest
from devices.wrappers.policed import Policed
from tasks.options import Options

CHOICES = (
    "Allow it? y: yes; a: yes, and all more of this kind; q: stop the run; anything else: no, and the model reads it:"
)
LONGEST = 300
"""Characters of a text of the model or the screen that are shown."""
_ANSWERS = {
    "y": Answer.YES, "yes": Answer.YES, "a": Answer.ALL, "all": Answer.ALL, "q": Answer.STOP, "quit": Answer.STOP,
}  # fmt: skip
_NO = ("no", "n")
_SITES = {"denied_sites": Decision.DENY, "asked_sites": Decision.ASK, "allowed_sites": Decision.ALLOW}
DESKTOP = (
    "On a desktop, rules about words cover what is typed and the titles of windows: no other text in a window is read."
)


class Permissions:
    """The rules of a run's options, and the person who is asked about them."""

    def __init__(
        self, options: Options, console: Terminal, more: Path | None = None, approver: Approver | None = None
    ) -> None:
        """`more` is a file of further rules. Of several verdicts on an action the strictest counts.

        `approver` asks somebody else than the user at the terminal.

        Raises:
            UsageError: a policy's file is wrong.
        """
        self._options = options
        self._console = console
        self._policies = [read_policy(path) for path in (options.policy, more) if path]
        self._reads_words = any(policy.reads_words for policy in self._policies)
        self._cautious = None if self._policies else Cautious()
        self._other = approver
        self._terminal: TerminalApprover | None = None
        self._policed: Policed | None = None

    @property
    def asking(self) -> bool:
        """Whether somebody is asked."""
        return self._other is not None or attended()

    @property
    def at_terminal(self) -> bool:
        """Whether it is the user at the terminal who is asked."""
        return self._other is None and attended()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the rules do not cover on a desktop."""
        return (DESKTOP,) if self._reads_words else ()

    def for_device(self, options: DeviceOptions) -> DeviceOptions:
        """The device options with the sites that rules are about, whatever is done there."""
        update: dict[str, object] = {
            field: (*getattr(options, field), *(host for policy in self._policies for host in policy.hosts(decision)))
            for field, decision in _SITES.items()
        }
        update["other_sites"] = strictest(Verdict(policy.default) for policy in self._policies).decision
        return options.model_copy(update=update)

    def around(
        self, environment: Environment, device: Environment, secrets: Secrets, cautious: bool = True
    ) -> Environment:
        """The environment, in which the rules are enforced, and the person is asked about pages of other sites.

        It is the same one if there are no rules, and nobody to ask. `device` is the bare one.

        Without a policy of the user the rules of `Cautious` hold, unless `cautious` is false.

        Raises:
            UsageError: every action is to be confirmed, and nobody is there.
        """
        if self._options.confirm and not self.asking:
            raise UsageError("--confirm asks before every action, but there is no terminal to ask on.")
        self._policed = self._terminal = None
        judges = self._judges()
        cautious = cautious and isinstance(device, Inspected)
        if self._cautious and cautious:
            judges.append(self._cautious.judge)
        if not judges and not (self.asking and isinstance(device, Sited)):
            return environment
        if self.at_terminal:
            self._terminal = TerminalApprover(self._console, asking(secrets, environment.clock))
        self._policed = Policed(
            environment,
            device,
            judges,
            self._other or self._terminal,
            lambda action: self._reads_words or (cautious and may_press(action)),
        )
        return self._policed

    def heard(self, policy: Policy) -> Policy:
        """The policy, whose thoughts reach the person who is asked."""
        return _Heard(policy, self._policed) if self._policed else policy

    def begin(self, folder: Path, instruction: str) -> None:
        """A run of this instruction begins, with its record in this folder."""
        if self._cautious:
            self._cautious.begin(instruction)
        if self._terminal:
            self._terminal.folder = folder
        if self._policed:
            self._policed.begin()

    def hear(self, message: str) -> None:
        """The user's words during the run count like the instruction."""
        if self._cautious:
            self._cautious.hear(message)

    def trust(self, user: bool) -> None:
        """What follows is the user's own act; or it is somebody's of whom the user's words say nothing."""
        if self._cautious:
            self._cautious.begin(None if user else "")

    def _judges(self) -> list[Judge]:
        judges: list[Judge] = [policy.judge for policy in self._policies]
        if self._options.apps:
            judges.append(only_apps(self._options.apps))
        return [*judges, confirming] if self._options.confirm else judges


class TerminalApprover(Approver):
    """Prints what is asked in a few lines, the picture as a file of the run, and reads one line as the answer.

    Only a whole `y`, `a` or `q` is one. Anything else is no, the end of the input too, and the model reads it as the
    reason. What was typed before the question is dropped: it was no answer to it.
    """

    def __init__(self, console: Terminal, ask: Callable[[str], str]) -> None:
        self._console = console
        self._ask = ask
        self._asked = 0
        self.folder: Path | None = None
        """The folder of the present run, in which the pictures are written."""

    def decide(self, question: Question) -> Approval:
        self._console.print(_one_line(question.what), style="bold", soft_wrap=True)
        for name, text in question.facts():
            self._console.print(f"  {name}: {_one_line(text)}", soft_wrap=True)
        if self.folder:
            self._console.print(f"  picture: {self._written(question, self.folder)}", soft_wrap=True)
        _drop_typed_ahead()
        return read_answer(self._ask(CHOICES))

    def _written(self, question: Question, folder: Path) -> Path:
        self._asked += 1
        path = folder / "screens" / f"asked-{self._asked:02d}.png"
        question.picture.save(path)
        path.chmod(0o600)
        return path


class _Heard:
    """A policy whose thoughts are known below it, before its action is performed."""

    def __init__(self, policy: Policy, policed: Policed) -> None:
        self._policy = policy
        self._policed = policed

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(instruction, steps, observation)
        self._policed.thought = turn.thought
        return turn


def read_answer(line: str) -> Approval:
    """The decision in a line of input."""
    written = line.strip()
    if answer := _ANSWERS.get(written.lower()):
        return Approval(answer)
    first, _, rest = written.partition(" ")
    return Approval(Answer.NO, rest.strip() if first.lower().rstrip(",.;:") in _NO else written)


def asking(secrets: Secrets, clock: Clock) -> Callable[[str], str]:
    """What asks the user at the terminal. Secrets are masked in the question and in the answer; the clock stands."""

    def asked(question: str) -> str:
        with clock.stopped():
            return secrets.masked(ask(secrets.masked(question)))

    return asked


def attended() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin is not None and sys.stdin.isatty()  # None if it is closed


def _one_line(text: str) -> str:
    return cut(" ".join(text.split()), LONGEST)


def _drop_typed_ahead() -> None:
    if sys.platform != "win32" and sys.stdin.isatty():
        import termios  # Windows has none

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
