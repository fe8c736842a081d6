"""A model held to a grammar writes the call that it wants to, with Qwen's own vocabulary and with the small one.

The ordinary run draws few calls, the same each time, and takes Qwen's vocabulary with one device for each notation.
`pytest -m slow tests/model/local/test_held_calls.py` draws many, new ones each time, for every notation and device.
"""

import re
from contextlib import suppress
from functools import cache
from itertools import chain, cycle, product
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from actions.action import Call
from actions.errors import MalformedReply, ModelMistake
from actions.geometry import THOUSANDTHS, Size, Viewport
from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import decode
from prompts import notations
from prompts.notations import Notation
from prompts.reading.loose_json import QUOTES
from prompts.vocabulary.functions import ALSO_CALLED, FUNCTIONS
from prompts.vocabulary.names import NAMES, ONLY_CALLED
from tests.model.determined import Determined, Whimsical
from tests.model.local.holding import VOCABULARIES, constraints_of, held
from tests.prompts.random_actions import action
from tests.prompts.random_calls import calls, spelled
from tests.prompts.reading_of import meaning
from tests.prompts.spaces import KINDS_OF_DEVICE
from tests.prompts.test_read_reply import ODD

FRAMES = (Size(1288, 728), THOUSANDTHS)
SCREEN = Size(1280, 720)
BRACKETS = ("{}", "[]", "()")
LINE = "\n"
AT_LEAST = {"ui_tars": 10} | dict.fromkeys(
    ("ui_venus", "ui_venus_2", "autoglm", "os_atlas", "pyautogui", "step_gui", "holo"), 1
)
"""The replies of these notations in the reader's tables."""
MISTAKES = ("MalformedReply", "NoCall", "UnknownAction", "InvalidArguments")
EACH = [(name, device) for name in notations.names() for device in KINDS_OF_DEVICE]
ORDINARY = [
    *(("small", *pair) for pair in EACH),
    *(("real", *pair) for pair in zip(notations.names(), cycle(("browser", "phone", "desktop", "games")))),
]
DEEP = [(vocabulary, *pair) for vocabulary in VOCABULARIES for pair in EACH]
HELD = ("vocabulary", "name", "device")
FEW = settings(derandomize=True, database=None, suppress_health_check=list(HealthCheck))
MANY = settings(print_blob=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module", params=VOCABULARIES)
def constraints(request: pytest.FixtureRequest) -> Constraints:
    return constraints_of(request.param)


@cache
def loaded(name: str, device: str) -> Notation:
    return notations.load(name, KINDS_OF_DEVICE[device])


@cache
def grammar_of(name: str, device: str) -> Grammar:
    return loaded(name, device).grammar()


def accepted(vocabulary: str, name: str, device: str, data: st.DataObject, most: int) -> None:
    """What is written for a call of each of some actions is accepted and ends the reply."""
    constraints, notation = constraints_of(vocabulary), loaded(name, device)
    for kind in data.draw(st.permutations(notation.space.actions))[:most]:
        viewport = Viewport(data.draw(st.sampled_from(FRAMES)), SCREEN)
        call = notation.space.encode(data.draw(action(kind, SCREEN)), viewport)
        written = normalize("NFC", f"I see it.\n{notation.write_call(call)}")  # as Qwen's tokenizer encodes it
        forcing = data.draw(st.booleans())
        decoded = held(constraints, grammar_of(name, device), written, " And so on", forcing, notation.stop)
        assert decoded.text == written and not decoded.cut_off
        assert b"".join(map(constraints.vocabulary.bytes_of, decoded.ids)).decode() == written


@pytest.mark.parametrize(HELD, ORDINARY)
@settings(FEW, max_examples=1)
@given(data=st.data())
def test_what_is_written_for_a_call_is_accepted_and_ends_the_reply(
    vocabulary: str, name: str, device: str, data: st.DataObject
) -> None:
    accepted(vocabulary, name, device, data, most=99 if vocabulary == "small" else 3)


@pytest.mark.slow
@pytest.mark.parametrize(HELD, DEEP)
@settings(MANY, max_examples=3)
@given(data=st.data())
def test_what_is_written_for_any_call_is_accepted_and_ends_the_reply(
    vocabulary: str, name: str, device: str, data: st.DataObject
) -> None:
    accepted(vocabulary, name, device, data, most=99)


def untouched(vocabulary: str, name: str, device: str, data: st.DataObject) -> None:
    """A call that is read is not turned into another one."""
    notation = loaded(name, device)
    kind = data.draw(st.sampled_from(notation.space.actions))
    wanted = normalize("NFC", f"I see it.\n{data.draw(calls(notation, kind, SCREEN))}")
    try:
        read = notation.read_reply(wanted)
        for call in (read.call, *read.others):
            notation.space.decode(call, Viewport(data.draw(st.sampled_from(FRAMES)), SCREEN))
    except ModelMistake:
        read = None
    assume(read and not read.unread)
    constraints, forcing = constraints_of(vocabulary), data.draw(st.booleans())
    decoded = held(constraints, grammar_of(name, device), wanted, forcing=forcing, stop=notation.stop)
    assert decoded.text == wanted and not decoded.cut_off


@pytest.mark.parametrize(HELD, ORDINARY)
@settings(FEW, max_examples=4)
@given(data=st.data())
def test_a_call_that_is_read_is_not_turned_into_another_one(
    vocabulary: str, name: str, device: str, data: st.DataObject
) -> None:
    untouched(vocabulary, name, device, data)


@pytest.mark.slow
@pytest.mark.parametrize(HELD, DEEP)
@settings(MANY, max_examples=60)
@given(data=st.data())
def test_no_call_that_is_read_is_ever_turned_into_another_one(
    vocabulary: str, name: str, device: str, data: st.DataObject
) -> None:
    untouched(vocabulary, name, device, data)


def one_closed_call(text: str, keyword: str) -> bool:
    """Whether a reply has the keyword once, at the start of a line or behind a tab, and closes all its brackets."""
    start = "" if keyword.startswith("\t") else "^"
    begun = len(re.findall(rf"{start}{re.escape(keyword.strip())}", text, re.MULTILINE))
    return begun == 1 == text.count(keyword) and all(text.count(pair[0]) == text.count(pair[1]) for pair in BRACKETS)


@pytest.mark.parametrize("name", notations.names())
def test_odd_replies_of_one_closed_call_are_not_touched(name: str) -> None:
    """Every reply of the reader's own tables in which a grammar comes to hold one call."""
    constraints, tried = constraints_of("small"), 0
    for odd in ODD:
        notation = loaded(name, odd.space)
        grammar = grammar_of(name, odd.space)
        before = meaning(odd.space, name, odd.text, odd.frame)
        if before in MISTAKES or " then " in before or not one_closed_call(odd.text, grammar.keyword):
            continue
        decoded = held(constraints, grammar, odd.text, stop=notation.stop)
        assert meaning(odd.space, name, decoded.text, odd.frame) == before, odd.text
        tried += 1
    print(f"\n{name}: {tried} replies")
    assert tried >= AT_LEAST.get(name, 60)


@pytest.mark.parametrize("device", ["browser", "still", "phone"])
@pytest.mark.parametrize("name", notations.names())
def test_a_call_that_points_is_accepted_and_ends_the_reply(name: str, device: str, constraints: Constraints) -> None:
    notation = loaded(name, device)
    kind = notation.space.actions[0]
    written = notation.write_call(Call(kind.__name__, {"point": [640, 3]}))
    for forcing in (True, False):
        decoded = held(constraints, notation.pointing(FRAMES[0]), written, " And so on", forcing)
        assert decoded.text == written and not decoded.cut_off


QUOTED = ("it is, so", "it's 5\" x", "say \u201chi\u201d x", 'a, "b": c', "don\u2019t}")


@pytest.mark.parametrize("opens", QUOTES)
@pytest.mark.parametrize("name", ["function_args", "tool_call"])
def test_a_text_in_any_quotes_that_are_read_is_written_unchanged(name: str, opens: str) -> None:
    notation, read = loaded(name, "browser"), 0
    written = notation.write_call(Call("Type", {"text": "@"}))
    for text, ends in product(QUOTED, QUOTES[opens]):
        wanted = written.replace('"@"', f"{opens}{text}{ends}")
        with suppress(MalformedReply):  # what ends with another quote than its own may end nowhere
            assert notation.read_reply(wanted).call == Call("Type", {"text": text}), wanted
            decoded = held(constraints_of("small"), notation.grammar(), wanted, stop=notation.stop)
            assert decoded.text == wanted and not decoded.cut_off
            read += 1
    assert read >= len(QUOTED) - 1


@pytest.mark.parametrize("name", ["function_args", "tool_call"])
def test_a_text_that_ends_in_a_quotation_ends_the_reply_too(name: str) -> None:
    notation = loaded(name, "browser")
    written = notation.write_call(Call("Answer", {"text": "It says \u201cyes\u201d"}))
    decoded = held(constraints_of("small"), notation.grammar(), written, " And so on", stop=notation.stop)
    assert decoded.text == written and not decoded.cut_off


def test_a_tag_may_be_a_token_or_be_spelt_out(constraints: Constraints) -> None:
    vocabulary = constraints.vocabulary
    notation = loaded("tool_call", "browser")
    written = notation.write_call(Call("Click", {"point": [640, 3]}))
    spelt = [id for character in written for id in vocabulary.encode(character)]
    model = Determined(spelt, rows=vocabulary.size + 9)
    decoded = decode(model.first(), model, vocabulary, (), 300, constraints.start(notation.grammar(), forcing=False))
    assert (decoded.text, list(decoded.ids)) == (written, spelt)


ANY_NAME = sorted({*NAMES, *chain(*NAMES.values()), *ONLY_CALLED, *FUNCTIONS, *ALSO_CALLED})


@pytest.mark.parametrize(("name", "device"), EACH)
@settings(FEW, max_examples=5)
@given(wanted=st.sampled_from(ANY_NAME).flatmap(spelled), brackets=st.sampled_from(["", "()", "{}"]))
@example(wanted="systeMbUTton", brackets="")
@example(wanted="HanDle.DIaloG", brackets="")
@example(wanted="computer_use", brackets="")
def test_a_name_that_a_grammar_allows_is_an_action_or_a_named_mistake(
    name: str, device: str, wanted: str, brackets: str
) -> None:
    notation = loaded(name, device)
    grammar = grammar_of(name, device)
    decoded = held(constraints_of("small"), grammar, f"\n{grammar.keyword.removeprefix(LINE)}: {wanted}{brackets}")
    if not decoded.cut_off:
        named_or_a_mistake(notation, decoded.text)


def named_or_a_mistake(notation: Notation, text: str) -> None:
    try:
        reply = notation.read_reply(text)
    except MalformedReply:
        return
    assert reply.call.name in {kind.__name__ for kind in notation.space.actions}, text


@pytest.mark.parametrize("name", [name for name in notations.names() if name != "holo"])  # its JSON is never closed
def test_whatever_a_model_wants_its_call_names_an_action_or_is_a_named_mistake(name: str) -> None:
    """Random logits, in favour of what closes texts and brackets."""
    constraints, notation = constraints_of("small"), loaded(name, "browser")
    vocabulary, whole = constraints.vocabulary, 0
    begun = notation.grammar()._replace(keyword="")
    for seed in range(30):
        model = Whimsical(vocabulary, seed)
        decoded = decode(model.first(), model, vocabulary, notation.stop, 150, constraints.start(begun))
        if not decoded.cut_off:
            whole += 1
            named_or_a_mistake(notation, f"{notation.keyword}{decoded.text}")
    assert whole >= 4
