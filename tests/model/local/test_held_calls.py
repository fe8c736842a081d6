"""What a notation writes passes its grammar: on Qwen's own vocabulary and the small one, for every kind of device."""

from functools import cache

import pytest

from actions.action import ActionSpace, Call
from actions.control import CONTROL
from actions.geometry import Size, Viewport
from actions.keyboard import KEYBOARD
from actions.phone import PHONE
from actions.touch import TOUCH
from devices.doubles.games.blackjack import Hit, Stand
from devices.doubles.games.number_line import Decrease, Increase
from devices.doubles.games.points import Write
from devices.doubles.games.rooms import Forward, TurnLeft, TurnRight
from devices.functions import FUNCTIONS
from devices.gym import Step
from devices.still import POINTING
from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import Decoded, decode
from model.engines.local.tokens import Vocabulary
from prompts import notations
from tests.model import tiny
from tests.model.determined import Determined
from tests.prompts.random_actions import example
from tests.prompts.reading_of import SPACES
from tests.qwen_vocabulary import qwen_tokenizer

KINDS_OF_DEVICE = SPACES | {
    "still": ActionSpace(POINTING, CONTROL),
    "still, as a phone": ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL),
    "functions": ActionSpace(FUNCTIONS, CONTROL),
    "games": ActionSpace((Hit, Stand, Increase, Decrease, Write, Forward, TurnLeft, TurnRight, Step), CONTROL),
}
FRAMES = [Size(1288, 728), Size(1000, 1000)]
VALUES: dict[str, object] = {
    "point": (640, 3),
    "start": (0, 0),
    "end": (999, 727),
    "text": 'it\'s "</tool_call>"\n*RESULT*: 中文',
    "url": "x.org",
    "app": "Maps",
    "keys": ("ctrl", "c"),
    "direction": "up",
    "status": "failure",
    "index": 2,
    "action": 3,
    "question": "Which?",
    "shop": 'café "中"',
    "total": -1234.5,
    "symbol": "+",
    "answer": "accept",
}


@pytest.fixture(scope="module", params=["small", "real"])
def constraints(request: pytest.FixtureRequest) -> Constraints:
    return Constraints(_vocabulary(request.param))


@cache
def _vocabulary(name: str) -> Vocabulary:
    return Vocabulary(tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json") if name == "small" else qwen_tokenizer(), 28)


def written_with(constraints: Constraints, grammar: Grammar, wanted: str, forcing: bool) -> Decoded:
    """The reply of a model that wants to write this text and then to go on with another one."""
    vocabulary = constraints.vocabulary
    model = Determined(vocabulary.encode(f"{wanted} And so on"), rows=vocabulary.size + 9)
    return decode(model.first(), model, vocabulary, ("*RESULT*",), 300, constraints.start(grammar, forcing))


def sample(space: ActionSpace, index: int) -> Call:
    """A call of one of the space's actions, in frame units."""
    action = example(space.actions[index], VALUES)
    return space.encode(action, Viewport(FRAMES[0], FRAMES[0]))


@pytest.mark.parametrize(("frame", "forcing"), [(FRAMES[0], True), (FRAMES[1], False)])
@pytest.mark.parametrize("device", KINDS_OF_DEVICE)
@pytest.mark.parametrize("name", ["function_args", "tool_call"])
def test_a_written_call_is_accepted_and_ends_the_reply(
    name: str, device: str, frame: Size, forcing: bool, constraints: Constraints
) -> None:
    space = KINDS_OF_DEVICE[device]
    notation = notations.load(name, space)
    grammar = notation.grammar(frame)
    assert grammar is not None
    for index in range(len(space.actions)):
        written = f"I see it.\n{notation.write_call(sample(space, index))}"
        decoded = written_with(constraints, grammar, written, forcing)
        assert decoded.text == written and not decoded.cut_off
        assert b"".join(map(constraints.vocabulary.bytes_of, decoded.ids)).decode() == written


@pytest.mark.parametrize("device", ["browser", "still", "phone"])
@pytest.mark.parametrize("name", notations.names())
def test_a_call_that_points_is_accepted_and_ends_the_reply(name: str, device: str, constraints: Constraints) -> None:
    notation = notations.load(name, KINDS_OF_DEVICE[device])
    written = notation.write_call(sample(KINDS_OF_DEVICE[device], 0))
    for forcing in (True, False):
        decoded = written_with(constraints, notation.pointing(FRAMES[0]), written, forcing)
        assert decoded.text == written and not decoded.cut_off


def test_a_tag_may_be_a_token_or_be_spelt_out(constraints: Constraints) -> None:
    vocabulary = constraints.vocabulary
    notation = notations.load("tool_call", SPACES["browser"])
    grammar = notation.grammar(FRAMES[0])
    assert grammar is not None
    written = notation.write_call(Call("Click", {"point": [640, 3]}))
    spelt = [id for character in written for id in vocabulary.encode(character)]
    model = Determined(spelt, rows=vocabulary.size + 9)
    decoded = decode(model.first(), model, vocabulary, (), 300, constraints.start(grammar, forcing=False))
    assert (decoded.text, list(decoded.ids)) == (written, spelt)
