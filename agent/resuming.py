"""`read_past`: the steps from which an interrupted run continues, or why it cannot."""

from pathlib import Path
from typing import NamedTuple

from actions.action import Outcome
from actions.control import Answer, Finish
from actions.errors import UsageError
from actions.geometry import Size
from agent.episode import Ending, Pending, Seconds, Step
from agent.loop import Limits, ending_of
from agent.record import alone, read_episode
from agent.run_info import RunInfo, read_info

INTERRUPTED = (Ending.STOPPED, Ending.FAILED, Ending.STEP_LIMIT, Ending.TIME_LIMIT)
"""The endings after which a run can continue."""
IN_DOUBT = (
    "The run was interrupted during this action, so it may or may not have been done. Look at the screen before you "
    "repeat it."
)


class Past(NamedTuple):
    """What a run that continues has done."""

    info: RunInfo
    steps: tuple[Step, ...]
    in_doubt: Step | None
    """The step in which it was interrupted: it is not in the trajectory, and its outcome may be unknown."""

    @property
    def all(self) -> tuple[Step, ...]:
        """All steps, with the one in doubt."""
        return (*self.steps, self.in_doubt) if self.in_doubt else self.steps

    @property
    def location(self) -> str:
        """Where its device was at the last look; empty if that is not known."""
        return self.all[-1].observation.location if self.all else ""

    @property
    def screen(self) -> Size | None:
        """The size of its screen at the last look, in input units; None if there was none."""
        return self.all[-1].observation.screen if self.all else None

    @property
    def said(self) -> tuple[str, ...]:
        """The messages of the user that have reached the model."""
        return tuple(each for step in self.all if (made := step.observation.intervention) for each in made.said)

    @property
    def replies(self) -> int:
        """How many replies of the model its steps come from."""
        return sum(step.turn.part == 0 for step in self.all)

    @property
    def verdicts(self) -> int:
        """How often the model was asked whether it is done."""
        made = (step.turn.verification for step in self.all)
        return sum(each is not None and each.reply is not None for each in made)

    def note(self, lost: str) -> str:
        """What the model learns before it continues; `lost` is what the device has lost."""
        return f"The run was interrupted after this, and continues now. {lost}".strip()

    def described(self, lost: str) -> str:
        """What the user learns."""
        parts = [f"Continuing after step {len(self.all) - 1}." if self.all else "Starting again: no step was taken."]
        if self.in_doubt and not self.in_doubt.outcome.certain:
            parts.append(f"It is unknown whether step {self.in_doubt.index} was done: {self.in_doubt.turn.action}.")
        return " ".join((*parts, *([lost] if lost else [])))


def read_past(folder: Path, limits: Limits) -> Past:
    """Reads an interrupted run.

    Raises:
        UsageError: there is no run, it has ended, it is still going on, its record is damaged, or it has reached its
            limits.
    """
    info = read_info(folder)
    with alone(folder):
        episode = read_episode(folder)
    if (folder / "result.json").exists() and episode.ending not in INTERRUPTED:
        raise UsageError(f"{folder} has ended ({episode.ending}), so there is nothing to continue. Start a new run.")
    past = Past(info, episode.steps, _in_doubt(episode.pending) if episode.pending else None)
    if ending_of(past.all, limits) is Ending.STEP_LIMIT:
        raise UsageError(f"{folder} has taken its {limits.steps} steps. Pass a larger --max-steps to continue it.")
    if sum(sum(step.seconds) for step in past.all) >= limits.seconds:
        raise UsageError(f"{folder} has taken its {limits.seconds:g} s. Pass a larger --max-seconds to continue it.")
    return past


def require_same(folder: Path, before: RunInfo, now: RunInfo) -> None:
    """Raises UsageError if a run was recorded with another device, model or set of actions than there are now."""
    if before.device != now.device:
        raise UsageError(f"{folder} was recorded on the device {before.device}, not on {now.device}.")
    same = before.profile.model_copy(update={"context": now.profile.context})
    if same != now.profile:
        raise UsageError(
            f"{folder} was recorded with another profile ({before.profile.name}) than there is now "
            f"({now.profile.name}). Continue it with the same model, notation and pixel limits."
        )
    if others := set(before.actions) ^ set(now.actions):
        names = ", ".join(sorted(name.rpartition(":")[2] for name in others))
        raise UsageError(f"{folder} was recorded with other actions than there are now. They differ in: {names}.")
    if before.prompt_sha256 != now.prompt_sha256:
        raise UsageError(f"{folder} was recorded by another version of this program, whose prompt was different.")


def _in_doubt(pending: Pending) -> Step:
    turn, outcome = pending.turn, Outcome(IN_DOUBT, certain=False)
    if turn.mistake:  # nothing was to be performed
        outcome = Outcome(turn.mistake.text)
    elif isinstance(turn.action, Answer | Finish):  # the model's own word, which needs no device
        outcome = turn.action.apply(None)
    return Step(pending.index, pending.observation, turn, outcome, Seconds(0, 0, 0))
