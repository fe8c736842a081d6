"""`OfflineTask`: a recorded step as an episode of one step on its screenshot."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from actions.action import Action
from actions.errors import ModelMistake, UsageError
from agent.episode import Episode, Turn
from agent.loop import Limits
from devices import DeviceOptions, Environment
from devices.still import Still
from prompts.reading.replies import read_reply
from prompts.vocabulary import Vocabulary
from tasks.grounding.annotations import file_name
from tasks.offline.android_control import SPACE, typed_nothing
from tasks.offline.rules import Match, Rule
from tasks.offline.step import StepRecord, in_words
from tasks.task import Score, Suite, chosen


@dataclass(frozen=True)
class OfflineTask:
    """Predicts the next action; the score is EM under the rule."""

    step: StepRecord
    rule: Rule

    device: ClassVar[str] = "still"
    limits: ClassVar[Limits] = Limits(steps=1, seconds=600, no_calls=1)

    @property
    def id(self) -> str:
        return file_name(f"{self.step.episode}-{self.step.index:03d}")

    @property
    def kind(self) -> str:
        return self.step.group

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=str(self.step.picture), mobile=True)

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return prompt(self.step)

    def ended(self, environment: Environment) -> bool:
        if not isinstance(environment, Still):
            raise UsageError(f"This task runs on the still device, not on {type(environment).__name__}.")
        return bool(environment.done)

    def match(self, action: Action | None) -> Match:
        """Scores an action; None means a reply without one."""
        return self.rule(self.step.gold, action, self.step.seen)

    def score(self, environment: Environment, episode: Episode) -> Score:
        match = self.match(decided(episode.steps[-1].turn))
        why = "as recorded" if match.exact else "correct type" if match.type else "wrong type"
        return Score(float(match.exact), f"{why}; recorded: {self.step.gold}")

    def teardown(self, environment: Environment) -> None:
        pass

    def solution(self, environment: Environment) -> Iterator[Action]:
        yield self.step.gold


def decided(turn: Turn) -> Action | None:
    """The action of a reply; None where it has none. Typing an empty text is one here."""
    if not turn.mistake:
        return turn.action
    try:
        return typed_nothing(read_reply(turn.text, _PHONE, "", "").call)
    except ModelMistake:
        return None


_PHONE = Vocabulary(SPACE)


def prompt(step: StepRecord) -> str:
    """The instruction in the Qwen team's form (QwenLM/Qwen3-VL issue 904), with the history in our wording."""
    parts = [f"The user query: {step.goal}"]
    if step.instruction:
        parts.append(f"Current step query: {step.instruction}")
    done = "".join(
        f"Step {number}: {in_words(action, step.seen.size)}; " for number, action in enumerate(step.history, start=1)
    )
    parts.append(f"Task progress (You have done the following operation on the current device): {done}".rstrip())
    return "\n".join(parts)


def tasks(steps: Iterable[StepRecord], rules: Mapping[str, Rule], name: str | None) -> Suite:
    """The steps as tasks under the rule of that name, by default the first.

    Raises:
        UsageError: there is no such rule, or there are no steps.
    """
    rule = rules[chosen(rules, name)]
    suite = [OfflineTask(step, rule) for step in steps]
    if not suite:
        raise UsageError("The data contain no steps.")
    return suite
