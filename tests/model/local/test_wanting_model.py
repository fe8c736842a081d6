"""The whole local engine with Qwen's own vocabulary, held to grammars: what the model wants is written and done."""

from collections.abc import Sequence
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor

from actions.action import Action
from actions.control import Answer
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.phone import Home
from actions.touch import Swipe, Tap
from agent.episode import Ending
from agent.loop import Limits, run_episode
from agent.policy import ModelPolicy
from devices.still import Still
from model.engine import Completion, Prompt
from model.engines.local.engine import LocalEngine
from tests.model import tiny
from tests.qwen_vocabulary import qwen_tokenizer

WANTED: dict[str, list[str]] = {
    "function_args": [
        'I see it. *FUNCTION*: touch *ARGS*: {"coordinate":[28.5,40],"reason":{"why":["it is there",null]}}',
        '*FUNCTION*: Press\n*ARGS*: {"keys": ["ctrl", "shift", "win", "F5", "+"]}',
        '*FUNCTION*: Type\n*ARGS*: {"press_enter": false, "text": "say "hi" to *RESULT* 中文"}',
        "*FUNCTION*: go_home",
        '*FUNCTION*: swipe\n*ARGS*: {\n  "to": [3, 50],\n  "from": [3, 4]\n}',
        '*FUNCTION*: Answer\n*ARGS*: {"text": "done"}',
    ],
    "tool_call": [
        '<tool_call>\n{"name": "mobile_use", "arguments": {"coordinate":[28.5,40],"action":"tap"},"id": 1}</tool_call>',
        'So: <tool_call>{"name":"mobile_use","arguments":{"action":"hotkey","text":"ctrl+shift+win+F5++"}}</tool_call>',
        '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "type", "text": "say "hi" to *RESULT* 中文"}}',
        '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "system_button", "button": "Home"}}\n</tool_call>',
        '<tool_call>\n{"arguments": {"end": [3, 50], "start": [3, 4]}, "name": "Swipe"}\n</tool_call>',
        '<tool_call>\n{"name": "mobile_use", "arguments": {"action": "answer", "text": "done"}}\n</tool_call>',
    ],
}
DONE: list[Action] = [
    Tap(point=Point(28, 40)),
    Press(keys=("ctrl", "shift", "meta", "f5", "+")),
    Type(text='say "hi" to *RESULT* 中文'),
    Home(),
    Swipe(start=Point(3, 4), end=Point(3, 50)),
    Answer(text="done"),
]
SCREEN = (168, 224)
SURE = 1e4


class Wanting:
    """The local engine with a model of random weights whose last layer wants one reply after the other.

    The place of a token in the reply is told by its position, whatever passes compute it.
    """

    one_turn = True

    def __init__(self, replies: Sequence[str]) -> None:
        tokenizer = qwen_tokenizer()
        model: Any = tiny.model_for(tokenizer)
        self.engine = LocalEngine(model, tokenizer, tiny.profile_of())
        self.count_tokens, self.close = self.engine.count_tokens, self.engine.close
        self._replies = iter(replies)
        self._wanted: tuple[int, ...] = ()
        self._positions = torch.zeros(0)
        self._first: int | None = None
        model.model.language_model.register_forward_pre_hook(self._see, with_kwargs=True)
        model.lm_head.register_forward_hook(self._want)

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        vocabulary = self.engine.vocabulary
        self._wanted = (*vocabulary.encode(next(self._replies)), vocabulary.marker("<|im_end|>"))
        self._first = None
        return self.engine.generate(prompt, stop, max_new_tokens)

    def _see(self, module: object, args: object, kwargs: dict[str, Any]) -> None:
        self._positions = kwargs["position_ids"][0, 0]

    def _want(self, module: object, args: object, logits: Tensor) -> None:
        places = self._positions[len(self._positions) - logits.shape[0] :].tolist()
        self._first = places[-1] if self._first is None else self._first
        for row, place in zip(logits, places, strict=True):
            if 0 <= place - self._first < len(self._wanted):
                row[self._wanted[place - self._first]] += SURE


@pytest.mark.parametrize("notation", WANTED)
def test_what_the_model_wants_is_written_and_done(notation: str) -> None:
    engine = Wanting(WANTED[notation])
    free = {"brief": None, "screen": None, "notation": notation}
    profile = tiny.profile_of().model_copy(update=free)
    screen = Still(Image.new("RGB", SCREEN, "white"), mobile=True)
    assert profile.image_size(Size(*SCREEN)) == SCREEN
    policy = ModelPolicy(profile, engine, screen.action_space)
    episode = run_episode(screen, policy, "Do it all", Limits(steps=9), lambda step: None)
    assert [step.turn.text for step in episode.steps] == WANTED[notation]
    assert [step.turn.action for step in episode.steps] == DONE
    assert episode.ending is Ending.ANSWERED
