"""The script that times a server sends it one growing episode, so that a prefix cache can show what it is worth."""

import pytest
from tokenizers import Tokenizer

from actions.errors import EngineFailure
from model import profile
from model.engines.local.tokens import Vocabulary
from tests.fakes.openai_server import Ways, serving
from tests.fakes.token_endpoint import TokenIn
from tests.performance import shapes
from tests.performance.step_latency import served

MODEL = profile.load("embedded")


def test_each_step_sends_the_server_only_a_screenshot_and_a_reply_that_are_new(
    small_tokenizer: Tokenizer, vocabulary: Vocabulary
) -> None:
    replies = [list(vocabulary.encode(f"Step {step}.")) for step in range(20)]
    tokens = TokenIn(small_tokenizer, list(replies))
    with serving(Ways(tokens=tokens)) as url:
        steps = served(url, MODEL, shapes.EIGHTH)
    assert [list(step.said.ids) for step in steps] == replies
    assert all(0 < step.seconds < 60 for step in steps)
    screen = shapes.screen("1280x800", shapes.EIGHTH)
    first, *new = tokens.computed[-20:]
    assert first < 2 * screen.width * screen.height
    assert len(set(new)) <= 2 and max(new) < 1.2 * screen.width * screen.height
    assert steps[-1].said.prompt_tokens == len(tokens.prompts[-1]) > 19 * screen.width * screen.height


def test_a_server_that_takes_no_pictures_within_a_reply_is_not_compared() -> None:
    with (
        serving(Ways(assistant_pictures=False)) as url,
        pytest.raises(EngineFailure, match=r"no pictures within a reply.*--enable-scale-out"),
    ):
        served(url, MODEL, shapes.EIGHTH)
