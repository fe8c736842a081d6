"""`Turn`, `Step`, `Ending` and `Episode`: everything that happened, as frozen records."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from actions.action import Action, Outcome
from actions.control import AskUser, Wait
from actions.errors import NoCall
from devices import Observation


class Mistake(NamedTuple):
    """A model's mistake: the name of its error class and the text that the model gets."""

    kind: str
    text: str


class Usage(NamedTuple):
    """What one decision of a model cost."""

    prompt_tokens: int
    completion_tokens: int
    prompt_s: float
    """Time to choose what to remember and to build the prompt, including the resize of the picture."""
    model_s: float


@dataclass(frozen=True)
class Verification:
    """How it was checked that a task is done, before the model's word for it counted."""

    look: Observation
    """The screen that was looked at for it."""
    question: str
    """What was checked: what the model was asked, or the checks that the user gave."""
    holds: bool
    reason: str
    reply: str | None = None
    """What the model replied, verbatim; None where it was not asked."""
    ids: tuple[int, ...] = ()
    usage: Usage | None = None


class How(StrEnum):
    """How a step of a learned run was decided."""

    REPEATED = "repeated"
    FOUND_AGAIN = "found again"
    """Repeated, with a target that was elsewhere."""
    WAITED = "waited"
    """What the step needs is not there yet."""
    HANDED_OVER = "handed over"
    """A model decided."""


class Repetition(NamedTuple):
    """How a step of a learned run was decided, and why it was not simply repeated."""

    how: How
    why: str = ""


@dataclass(frozen=True)
class Turn:
    """A policy's decision: an action, or a mistake, or both where the device refused the action.

    Records from before `NoCall` have turns with neither: a reply without a call, which then counted as an answer.
    """

    text: str
    """The reply, verbatim."""
    thought: str
    action: Action | None = None
    mistake: Mistake | None = None
    ids: tuple[int, ...] = ()
    """The reply's own token ids, where the engine reports them."""
    usage: Usage | None = None
    part: int = 0
    """The index of this call in its reply. From 1 on the turn has no text: the reply belongs to an earlier turn."""
    hint: str = ""
    """The runtime's note on this turn, part of its RESULT."""
    ending: "Ending | None" = None
    """The ending of the episode with this turn, if its decider chose one."""
    verification: Verification | None = None
    """The check of a turn that claims that the task is done, if there was one."""
    repetition: Repetition | None = None
    """Set while a learned run is played."""

    @property
    def called_nothing(self) -> bool:
        """Whether the reply contains no call, not even an unreadable one."""
        return self.action is None and (self.mistake is None or self.mistake.kind == NoCall.__name__)

    @property
    def quiet(self) -> bool:
        """Whether it does not act on the device: it waits, or asks the user."""
        return isinstance(self.action, Wait | AskUser)


class Seconds(NamedTuple):
    """The duration of each part of a step."""

    look: float
    think: float
    act: float


@dataclass(frozen=True)
class Step:
    """One round: what was seen, what was decided, and the outcome."""

    index: int
    observation: Observation
    turn: Turn
    outcome: Outcome
    seconds: Seconds

    @property
    def acted(self) -> bool:
        """Whether its action was performed."""
        return self.turn.action is not None and self.turn.mistake is None and self.outcome.performed


class Ending(StrEnum):
    """How an episode ended. The actor chose the first four; the others interrupted it."""

    ANSWERED = "answered"
    FINISHED = "finished"
    GAVE_UP = "gave_up"
    FINISHED_UNVERIFIED = "finished_unverified"
    """Answered or finished by the actor's word, which a check did not confirm."""
    STEP_LIMIT = "step_limit"
    TIME_LIMIT = "time_limit"
    REPEATED_MISTAKES = "repeated_mistakes"
    NO_CALL = "no_call"
    """Several replies in a row without a call."""
    STALLED = "stalled"
    """The same action was tried repeatedly without effect."""
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def exit_code(self) -> int:
        """0 answered or finished, 1 gave up or a limit, 3 a failure, 130 stopped by the user."""
        match self:
            case Ending.ANSWERED | Ending.FINISHED:
                return 0
            case Ending.FAILED:
                return 3
            case Ending.STOPPED:
                return 130
            case _:
                return 1


DECLARED = (Ending.ANSWERED, Ending.FINISHED, Ending.GAVE_UP, Ending.FINISHED_UNVERIFIED)
"""The endings that are the actor's own word."""


def by_reply(steps: Sequence[Step]) -> list[Sequence[Step]]:
    """The steps, grouped by the reply that they come from."""
    starts = [number for number, step in enumerate(steps) if step.turn.part == 0]
    return [steps[start:end] for start, end in zip(starts, [*starts[1:], len(steps)], strict=False)]


@dataclass(frozen=True)
class Pending:
    """A turn without a known outcome: the run was interrupted before or while the turn was performed."""

    index: int
    observation: Observation
    turn: Turn


@dataclass(frozen=True)
class Episode:
    """All steps of one attempt at an instruction, and how it ended."""

    instruction: str
    steps: tuple[Step, ...]
    ending: Ending
    answer: str
    """The actor's answer or report if it ended the episode, else why the episode was interrupted."""
    pending: Pending | None = field(default=None, compare=False)
    """Set when the episode was read from its record; whoever ran it knows its steps."""

    @property
    def declared(self) -> str:
        """The answer if the actor ended the episode with a call, else the empty string, whatever it wrote."""
        return self.answer if self.ending in DECLARED else ""

    @property
    def finished(self) -> bool:
        """Whether the actor ended it successfully: with an answer, or as finished."""
        return self.ending.exit_code == 0
