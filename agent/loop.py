"""`run_episode`, the one loop: look, decide, act, until it ends. It knows no model, pixel, file or benchmark."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from actions.action import Outcome
from actions.errors import ActionRefused, EpisodeFailure, ModelMistake, NoCall, TimeUp
from agent.deadline import deadline
from agent.episode import Ending, Episode, Mistake, Seconds, Step, Turn
from devices import Environment, Observation


class Policy(Protocol):
    """Decides what to do next."""

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        """A turn, from the instruction, all steps so far and the newest look.

        Raises:
            EpisodeFailure: no decision can be made. A model's mistake is no error but a turn that records it.
        """
        ...


@dataclass(frozen=True)
class Limits:
    """When to stop an episode."""

    steps: int = 40
    seconds: float = 900.0
    mistakes: int = 3
    """Mistakes in a row that end the episode."""
    no_calls: int = 2
    """Replies without a call in a row that end the episode; 1 where a question is asked once."""
    no_call_is_step: bool = True
    """Whether a reply without a call counts as a step."""


def run_episode(
    environment: Environment,
    policy: Policy,
    instruction: str,
    limits: Limits,
    on_step: Callable[[Step], None],
    past: Sequence[Step] = (),
) -> Episode:
    """Runs one episode, or the rest of one whose `past` steps are known and count towards the limits.

    An `Episode` is always returned: failures and Ctrl-C are endings, not exceptions.
    """
    steps = list(past)
    clock = environment.clock
    end = clock.now() + limits.seconds - sum(sum(step.seconds) for step in past)
    try:
        while (ending := ending_of(steps, limits)) is None:
            with deadline(environment, end - clock.now()):
                step = take_step(environment, policy, instruction, steps)
            steps.append(step)
            on_step(step)
        why = _last_words(steps, ending, limits)
        if steps and steps[-1].outcome.stop:  # the device has waited for what was under way, and said what came of it
            return Episode(instruction, tuple(steps), ending, why)
    except EpisodeFailure as failure:
        ending, why = Ending.FAILED, f"{type(failure).__name__}: {failure}"
    except TimeUp:
        ending, why = Ending.TIME_LIMIT, f"The time limit of {limits.seconds:g} s was reached."
    except KeyboardInterrupt:
        ending, why = Ending.STOPPED, "Stopped by the user."
    finally:
        environment.release()
    return Episode(instruction, tuple(steps), ending, f"{why} {environment.unfinished}".strip())


def take_step(environment: Environment, policy: Policy, instruction: str, steps: Sequence[Step]) -> Step:
    """One round: looks, decides and acts. Raises EpisodeFailure."""
    now = environment.clock.now
    started = now()
    observation = environment.observe()
    looked = now()
    turn = policy.act(instruction, steps, observation)
    thought = now()
    turn, outcome = _performed(environment, turn)
    seconds = Seconds(look=looked - started, think=thought - looked, act=now() - thought)
    return Step(len(steps), observation, turn, outcome, seconds)


def _performed(environment: Environment, turn: Turn) -> tuple[Turn, Outcome]:
    """Performs the turn's action. A refusal turns it into a mistake that keeps its action."""
    if turn.mistake:
        return turn, Outcome(turn.mistake.text)
    if turn.action is None:
        return _mistaken(turn, NoCall("The turn has no action. Call one."))
    try:
        return turn, environment.perform(turn.action)
    except ActionRefused as refusal:
        return _mistaken(turn, refusal)


def _mistaken(turn: Turn, mistake: ModelMistake) -> tuple[Turn, Outcome]:
    mistaken = replace(turn, mistake=Mistake(type(mistake).__name__, str(mistake)), ending=None)
    return mistaken, Outcome(str(mistake))


def ending_of(steps: Sequence[Step], limits: Limits) -> Ending | None:
    """How the episode ended with these steps; None while it continues."""
    if steps and steps[-1].turn.ending:
        return steps[-1].turn.ending
    if steps and (stop := steps[-1].outcome.stop):
        return Ending(stop.value)
    recent = steps[-limits.no_calls :]
    if len(recent) == limits.no_calls and all(step.turn.called_nothing for step in recent):
        return Ending.NO_CALL
    recent = steps[-limits.mistakes :]
    if len(recent) == limits.mistakes and all(step.turn.mistake for step in recent):
        return Ending.REPEATED_MISTAKES
    counted = len(steps) if limits.no_call_is_step else sum(not step.turn.called_nothing for step in steps)
    return Ending.STEP_LIMIT if counted >= limits.steps else None


def _last_words(steps: Sequence[Step], ending: Ending, limits: Limits) -> str:
    """The text that the episode ends with. Prose without a call is quoted; it is not an answer."""
    if ending is Ending.STEP_LIMIT:
        return f"The limit on steps, {limits.steps}, was reached."
    step = steps[-1]
    if ending is Ending.STALLED:
        return step.turn.hint or step.outcome.text
    if ending is not Ending.NO_CALL:
        return step.outcome.text
    return f"The reply contains no call, so it is not an answer: {step.turn.text.strip()!r}"
