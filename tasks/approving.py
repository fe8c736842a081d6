"""What the user allows: `Permissions` puts a run's rules around its device, and `Person` is who is asked about them."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from actions.clock import Clock
from actions.errors import UsageError
from actions.secrets import Secrets
from agent.episode import Step, Turn
from agent.loop import Policy
from agent.terminal import Terminal, ask, cut
from devices import DeviceOptions, Environment, Observation
from devices.rules.approval import Answer, Approval, Approver, Question
from devices.rules.cautious import Cautious
from devices.rules.judges import confirming, only_apps
from devices.rules.places import Inspected, Judge
from devices.rules.policy_file import read_policy
from devices.rules.sited import Sited
from devices.rules.verdict import Decision, Verdict, strictest
from devices.rules.wording import BLANKS
from devices.wrappers.policed import Policed
from tasks.options import Options

CHOICES = (
    "Allow it? y: yes; a: yes, and all more of this kind; q: stop the run; anything else: no, and the model reads it:"
)
LONGEST, LONGEST_ACTION = 300, 2_000
"""Characters that are shown of a text of the model or the screen, and of what would be done."""
_ANSWERS = {
    "y": Answer.YES, "yes": Answer.YES, "a": Answer.ALL, "all": Answer.ALL, "q": Answer.STOP, "quit": Answer.STOP,
}  # fmt: skip
_NO = ("no", "n")
_SITES = {"denied_sites": Decision.DENY, "asked_sites": Decision.ASK, "allowed_sites": Decision.ALLOW}
DESKTOP = (
    "On a desktop, rules about words cover what is typed and the titles of windows: no other text in a window is read."
)
ADDRESSES = "Rules about hosts and schemes cover nothing on this device: only a browser reports addresses."
APPS = "Rules about apps cover nothing in a browser."


class Person(Protocol):
    """A person whom a run can reach: at its terminal, or at another front of it, such as a page."""

    @property
    def answers(self) -> bool:
        """Whether the person answers questions besides deciding what may be done."""
        return True

    def ask(self, question: str) -> str:
        """The answer to a question of the model or the runtime; empty if there is none."""
        ...

    def decide(self, what: str, facts: Sequence[tuple[str, str]], picture: Path | None) -> Approval | None:
        """Whether something may be done; None if the person cannot be asked now.

        The picture is a file of the run. All texts are untrusted.
        """
        ...

    def use(self, environment: Environment) -> None:
        """Does on the device what the person has done at this front; called again and again during a pause.

        Raises:
            DeviceFailure: the device is lost.
        """
        ...


class Permissions:
    """The rules of a run's options, and the person who is asked about them."""

    def __init__(self, options: Options, person: Person | None, more: Path | None = None) -> None:
        """`more` is a file of further rules. Of several verdicts on an action the strictest counts.

        Raises:
            UsageError: a policy's file is wrong.
        """
        self._options = options
        self._person = person
        self._policies = [read_policy(path) for path in (options.policy, more) if path]
        self._cautious = None if self._policies else Cautious()
        self._approver: Asking | None = None
        self._policed: Policed | None = None

    def remarks(self, device: str) -> tuple[str, ...]:
        """What rules of the user do not cover on this device."""
        rules = [rule for policy in self._policies for rule in policy.rule]
        words = device == "desktop" and any(rule.words for rule in rules)
        hosts = device != "browser" and any(rule.hosts or rule.schemes for rule in rules)
        apps = device == "browser" and any(rule.apps for rule in rules)
        return (*[DESKTOP] * words, *[ADDRESSES] * hosts, *[APPS] * apps)

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
            UsageError: every action is to be confirmed, and there is nobody to ask.
        """
        if self._options.confirm and not self._person:
            raise UsageError("--confirm asks before every action, but there is no terminal to ask on.")
        self._policed = self._approver = None
        judges = self._judges()
        readers = [policy.reads_words for policy in self._policies]
        if self._cautious and cautious and isinstance(device, Inspected):
            judges.append(self._cautious.judge)
            readers.append(self._cautious.reads_words)
        if not judges and not (self._person and isinstance(device, Sited)):
            return environment
        if self._person:
            self._approver = Asking(self._person, secrets)
        self._policed = Policed(
            environment,
            device,
            judges,
            self._approver,
            lambda action: any(reads(action) for reads in readers),
        )
        return self._policed

    def heard(self, policy: Policy) -> Policy:
        """The policy, whose thoughts reach the person who is asked."""
        return _Heard(policy, self._policed) if self._policed else policy

    def begin(self, folder: Path, instruction: str) -> None:
        """A run of this instruction begins, with its record in this folder."""
        if self._cautious:
            self._cautious.begin(instruction)
        if self._approver:
            self._approver.folder = folder
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


class Asking(Approver):
    """Asks a person, with the picture as a file of the run. Secrets are masked in the question and in the reason."""

    def __init__(self, person: Person, secrets: Secrets) -> None:
        self._person = person
        self._secrets = secrets
        self._asked = 0
        self.folder: Path | None = None
        """The folder of the present run, in which the pictures are written."""

    def decide(self, question: Question) -> Approval | None:
        masked = self._secrets.masked
        facts = [(name, masked(text)) for name, text in question.facts()]
        picture = self._written(question, self.folder) if self.folder else None
        approval = self._person.decide(masked(question.what), facts, picture)
        return approval._replace(reason=masked(approval.reason)) if approval else None

    def _written(self, question: Question, folder: Path) -> Path:
        self._asked += 1
        path = folder / "screens" / f"asked-{self._asked:02d}.png"
        question.picture.save(path)
        path.chmod(0o600)
        return path


class AtTerminal(Person):
    """Prints what is asked in a few lines, and reads one line as the answer.

    Only a whole `y`, `a` or `q` is one. Anything else is no, the end of the input too, and the model reads it as the
    reason. What was typed before the question is dropped: it was no answer to it.
    """

    def __init__(self, console: Terminal) -> None:
        self._console = console

    def ask(self, question: str) -> str:
        return ask(question)

    def decide(self, what: str, facts: Sequence[tuple[str, str]], picture: Path | None) -> Approval:
        first, *others = shown(what, facts)
        self._console.print(first, style="bold", soft_wrap=True)
        for line in others:
            self._console.print(f"  {line}", soft_wrap=True)
        if picture:
            self._console.print(f"  picture: {picture}", soft_wrap=True)
        _drop_typed_ahead()
        return read_answer(ask(CHOICES))

    def use(self, environment: Environment) -> None:
        """The person uses the device itself."""


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


def asking(person: Person, secrets: Secrets, clock: Clock) -> Callable[[str], str]:
    """What asks a person. Secrets are masked in the question and in the answer; the clock stands."""

    def asked(question: str) -> str:
        with clock.stopped():
            return secrets.masked(person.ask(secrets.masked(question)))

    return asked


def attended() -> bool:
    """Whether there is a terminal to ask on."""
    return sys.stdin is not None and sys.stdin.isatty()  # None if it is closed


def shown(what: str, facts: Sequence[tuple[str, str]]) -> list[str]:
    """The lines of a question. No text can begin a line of its own, and none is moved to one by what looks empty."""
    return [
        cut(BLANKS.sub(" ", what).strip(), LONGEST_ACTION),
        *(f"{name}: {cut(BLANKS.sub(' ', text).strip(), LONGEST)}" for name, text in facts),
    ]


def _drop_typed_ahead() -> None:
    if sys.platform != "win32" and sys.stdin.isatty():
        import termios  # Windows has none

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
