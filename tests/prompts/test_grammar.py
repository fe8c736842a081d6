"""The rules of calls: each describes what it says, a grammar is short, and a pointing call leaves only the point."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.action import Action, ActionSpace, Call
from actions.control import CONTROL
from actions.errors import UsageError
from actions.geometry import PARTS, THOUSANDTHS, UP_TO_999, Size, Viewport
from actions.mouse import Click
from actions.touch import Tap
from prompts import grammar, notations
from tests.model.local.holding import allows, constraints_of, held
from tests.prompts.spaces import KINDS_OF_DEVICE

FRAME = Size(364, 1008)
SMALL = constraints_of("small")
PIECES = st.sampled_from(["<", "/", "</", "</par", "<</parameter", "</parameter>", "p", ">", "a\n", "é"])


@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_text_up_to_its_end_does_not_hold_the_end(text: str) -> None:
    whole = f"{text}</parameter>"
    assert allows(SMALL, grammar.up_to("</parameter>"), whole) == (whole.index("</parameter>") == len(text))


@pytest.mark.parametrize("text", ["", "a", "act", "action", "actions", "actioN", "xaction", "acting"])
def test_a_key_that_is_any_word_but_one(text: str) -> None:
    rule = f'"<" {grammar.other_than("action", "<>")} ">"'
    assert allows(SMALL, rule, f"<{text}>") == (text != "action")


@settings(max_examples=30)
@given(st.integers(1, 20_000), st.integers(0, 30_000))
def test_whole_numbers_up_to_a_highest(highest: int, number: int) -> None:
    rule = f'({grammar.whole(highest)}) "."'
    assert allows(SMALL, rule, f"{number}.") == (1 <= number <= highest)
    assert not allows(SMALL, rule, f"0{number}.")


@pytest.mark.parametrize("device", KINDS_OF_DEVICE)
@pytest.mark.parametrize("name", notations.names())
def test_a_grammar_is_short_enough_to_go_with_each_request(name: str, device: str) -> None:
    rules = notations.load(name, KINDS_OF_DEVICE[device]).grammar().rules
    assert len(rules.encode()) < 15_500
    assert {rule.split(" ::= ")[0] for rule in rules.splitlines()} >= {"root", "name", "value"}


def test_no_rule_is_part_of_itself() -> None:
    rules = notations.load("tool_call", KINDS_OF_DEVICE["browser"]).grammar().rules
    parts = {line.partition(" ::= ")[0]: line.partition(" ::= ")[2] for line in rules.splitlines()}
    words = {name: set(re.findall(r"[a-z][a-z0-9-]+", re.sub(r'"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]', "", rule)))
             for name, rule in parts.items()}  # fmt: skip
    while words:
        ended = {name for name, used in words.items() if not used & words.keys()}
        assert ended, f"of these rules, some are part of themselves: {sorted(words)}"
        words = {name: used for name, used in words.items() if name not in ended}


@pytest.mark.parametrize("name", notations.names())
@pytest.mark.parametrize(("device", "kind"), [("browser", Click), ("phone", Tap)])
@pytest.mark.parametrize(
    ("frame", "corner", "beyond"),
    [
        (FRAME, "[363, 1007]", "[364, 3]"),
        (THOUSANDTHS, "[999, 999]", "[1000, 3]"),
        (UP_TO_999, "[999, 999]", "[1000, 3]"),
        (PARTS, "[0.25, 1]", "[0.5, 2]"),
    ],
)
def test_pointing_leaves_only_the_point(
    frame: Size, corner: str, beyond: str, device: str, kind: type[Action], name: str
) -> None:
    notation = notations.load(name, KINDS_OF_DEVICE[device])
    pointing = notation.pointing(frame)
    assert pointing.keyword == ""
    template = notation.write_call(Call(kind.__name__, {"point": [77, 88]}))

    def pointed(at: str) -> str:
        x, y = re.findall(r"[\d.]+", at)
        return re.sub(r"77(\D+)88", rf"{x}\g<1>{y}", template)

    assert held(SMALL, pointing, pointed(corner)).text == pointed(corner)
    assert held(SMALL, pointing, pointed(beyond)).text != pointed(beyond)
    anything = held(SMALL, pointing, "whatever else it wants")
    read = notation.read_reply(anything.text)
    assert not anything.cut_off and isinstance(notation.space.decode(read.call, Viewport(frame, FRAME)), kind)


def test_a_space_without_a_pointer_cannot_point() -> None:
    with pytest.raises(UsageError, match="takes a point"):
        notations.load("tool_call", ActionSpace(CONTROL)).pointing(FRAME)
