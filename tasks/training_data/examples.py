"""Converts a drawn lesson to training examples: the agent's own prompt as token ids, and the reply to it.

Nothing here knows the form of a prompt: the policy builds it and the engine's vocabulary tokenises it, as in a run.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Answer, Finish
from actions.geometry import Size
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.web import WEB
from agent.episode import Seconds, Step, Turn
from agent.policy import ModelPolicy
from devices import Observation
from model.engines.local.tokens import Vocabulary
from model.engines.scripted import ScriptedEngine
from model.profile import Profile, adjusted
from model.weights import find_tokenizer
from tasks.miniwob.episode import to_action
from tasks.training_data import Drawn

END = "<|im_end|>"
SPACE = ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL)


class Example(NamedTuple):
    """One question about a picture. `prompt` begins with the tokens that all prompts share, including the picture."""

    prompt: list[int]
    reply: list[int]
    point: tuple[int, int] | None
    """The point or box on the picture that the reply refers to, if any."""


class Examples:
    """Makes examples for a profile whose weights' folder holds the tokenizer. Pictures keep their size."""

    def __init__(self, profile: Profile) -> None:
        tokenizer = find_tokenizer(profile.weights)
        assert tokenizer is not None, f"there is no tokenizer.json in {Path(profile.weights)}"
        if profile.brief:
            profile = adjusted(profile, brief=profile.brief.model_copy(update={"picture": None}))
        self._vocabulary = Vocabulary(tokenizer, profile.patch)
        self._policy = ModelPolicy(profile, ScriptedEngine((), profile), SPACE)

    def of(self, drawn: Drawn) -> Iterator[Example]:
        """The lesson's own next step, then the one-step questions about the same picture.

        If the history has only scrolls, the questions get the same history: most next steps scroll on there, and a
        model that learned only from these would scroll past the target.
        """
        observation = Observation(drawn.image, Size(*drawn.image.size))
        lesson = drawn.lesson
        yield self._example(observation, lesson["said"], lesson["done"], lesson["next"])
        scrolled = lesson["done"] if all(before["action"] == "scroll" for before in lesson["done"]) else []
        for said, step in lesson["others"]:
            if said != lesson["said"]:
                yield self._example(observation, said, scrolled, step)

    def _example(
        self, observation: Observation, said: str, done: Sequence[dict[str, Any]], step: dict[str, Any]
    ) -> Example:
        steps = [self._step(index, observation, action_of(before)) for index, before in enumerate(done)]
        prompt = self._vocabulary.lay_out(self._policy.prompt(said, steps, observation))
        reply = self._vocabulary.encode(self._written(observation, action_of(step)))
        return Example(prompt.ids, [*reply, self._vocabulary.marker(END)], _place(step))

    def _step(self, index: int, observation: Observation, action: Action) -> Step:
        turn = Turn(self._written(observation, action), "", action)
        return Step(index, observation, turn, Outcome(), Seconds(0, 0, 0))

    def _written(self, observation: Observation, action: Action) -> str:
        return self._policy.notation.write_call(SPACE.encode(action, self._policy.viewport(observation)))


def action_of(step: dict[str, Any]) -> Action:
    """The action of an oracle's step, of the end of the task, or of an answer to a question."""
    match step["action"]:
        case "finish":
            return Finish(status=step["status"])
        case "answer":
            return Answer(text=step["text"])
        case _:
            return to_action(step)


def _place(step: dict[str, Any]) -> tuple[int, int] | None:
    if "point" in step:
        column, row = step["point"]
        return column, row
    if "box" in step:
        left, top, right, bottom = step["box"]
        return (left + right) // 2, (top + bottom) // 2
    return None
