"""A grammar holds the reply from its keyword on, leaves it free before, and costs no pass where there is no choice."""

import re
from typing import Any

import numpy as np
import pytest
import torch
from llguidance import LLMatcher, LLTokenizer

from actions.action import ActionSpace, Call
from actions.control import CONTROL
from actions.errors import EngineFailure
from actions.keyboard import KEYBOARD
from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import Decoded, decode
from model.engines.local.lookup import Lookup
from model.engines.local.tokens import Vocabulary
from prompts import notations
from prompts.thoughts import TAGS
from tests.model import tiny
from tests.model.determined import Determined
from tests.model.local.holding import constraints_of, held

CALL = Grammar("*GO*", 'root ::= ": " ("up" | "down") " " [0-9]{2} "!"')
MATCH = ": (up|down) [0-9]{2}!"


@pytest.fixture(scope="module")
def constraints(vocabulary: Vocabulary) -> Constraints:
    return Constraints(vocabulary)


def reply(
    vocabulary: Vocabulary, constraints: Constraints, wanted: str, grammar: Grammar = CALL, limit: int = 60
) -> tuple[Decoded, Determined]:
    model = Determined([*vocabulary.encode(wanted), vocabulary.marker("<|im_end|>")])
    return decode(model.first(), model, vocabulary, ("STOP",), limit, constraints.start(grammar)), model


def test_without_the_keyword_nothing_is_held(vocabulary: Vocabulary, constraints: Constraints) -> None:
    decoded, _ = reply(vocabulary, constraints, "GO: sideways *GO")
    assert decoded.text == "GO: sideways *GO" and not decoded.cut_off


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ("", "<think>*GO* is sideways, or *GO*: up 99! perhaps.</think> So *GO*: down 47!"),
        ("", "<Thought>*GO* a</Thought><think>*GO* b</think>*GO*: down 47!"),
        ("<think>\n", "I could *GO* there.</think>*GO*: down 47!"),
        ("<think>\n\n</think>\n\n", "*GO*: down 47!"),
    ],
)
def test_the_keyword_does_not_count_in_a_thought(
    before: str, wanted: str, vocabulary: Vocabulary, constraints: Constraints
) -> None:
    grammar = CALL._replace(thoughts=TAGS)
    model = Determined([*vocabulary.encode(wanted + " more"), vocabulary.marker("<|im_end|>")])
    constraint = constraints.start(grammar, before=before)
    assert decode(model.first(), model, vocabulary, (), 200, constraint).text == wanted


def test_a_thought_about_qwens_own_keyword_stays_a_thought() -> None:
    constraints = constraints_of("real")
    thought = '<think>Use <tool_call> here? {"name": "x"}</think>\n'
    wanted = f'{thought}<tool_call>\n{{"name": "Press", "arguments": {{"keys": ["a"]}}}}'
    notation = notations.load("tool_call", ActionSpace(KEYBOARD, CONTROL))
    text = held(constraints, notation.grammar()._replace(thoughts=TAGS), wanted, "\n</tool_call>").text
    assert text.startswith(wanted) and notation.read_reply(text).call == Call("Press", {"keys": ["a"]})


def test_stop_strings_count_before_the_keyword(vocabulary: Vocabulary, constraints: Constraints) -> None:
    decoded, _ = reply(vocabulary, constraints, "I wait. STOP *GO*: up 12!")
    assert decoded.text == "I wait. "


@pytest.mark.parametrize("wanted", ["I go *GO*: down 47!", "I go *GO*: down 47! And then", "*GO*: down 47!STOP"])
def test_a_call_that_matches_stays_and_ends_the_reply(
    wanted: str, vocabulary: Vocabulary, constraints: Constraints
) -> None:
    decoded, model = reply(vocabulary, constraints, wanted)
    assert decoded.text == wanted[: wanted.index("!") + 1] and not decoded.cut_off
    assert model.fed == list(decoded.ids[: len(model.fed)])


@pytest.mark.parametrize("wanted", ["So *GO* sideways 123", "*GO*:up 5!", "*GO*\ndown", "*GO*", "*GO*:"])
def test_whatever_follows_the_keyword_the_call_matches(
    wanted: str, vocabulary: Vocabulary, constraints: Constraints
) -> None:
    decoded, model = reply(vocabulary, constraints, wanted)
    thought, call = decoded.text.split("*GO*")
    assert wanted.startswith(thought) and re.fullmatch(MATCH, call)
    assert b"".join(map(vocabulary.bytes_of, decoded.ids)).decode() == decoded.text
    assert model.fed == list(decoded.ids[: len(model.fed)])


def test_what_has_no_choice_is_appended_in_one_pass(vocabulary: Vocabulary, constraints: Constraints) -> None:
    pointing = Grammar("", 'root ::= "Click the point at x = " [0-9] " and no other place."')
    at_once, one_by_one = (Determined(vocabulary.encode("7")) for _ in range(2))
    decoded = decode(at_once.first(), at_once, vocabulary, (), 60, constraints.start(pointing))
    slowly = decode(one_by_one.first(), one_by_one, vocabulary, (), 60, constraints.start(pointing, forcing=False))
    assert decoded.text == slowly.text == "Click the point at x = 7 and no other place."
    assert at_once.passes == 1 and one_by_one.passes == len(slowly.ids) - 1 > 10


def test_the_limit_holds_within_a_call(vocabulary: Vocabulary, constraints: Constraints) -> None:
    decoded, _ = reply(vocabulary, constraints, "*GO*: up 12!", limit=5)
    assert decoded.cut_off and len(decoded.ids) == decoded.steps == 5


@pytest.mark.parametrize(
    ("rule", "pattern"),
    [
        ('": " ("up" | "down") " " [0-9]{2} "!"', MATCH),
        ('([^\\n] | "\\n")* "STOP"', r"(.|\n)*STOP"),
        (r'"\"" [^"\\\n]* "\""', r'"[^"\\\n]*"'),
        ('[一-龥]{2,} ("." | "。")?', r"[一-龥]{2,}(\.|。)?"),
        ('"a"{1,3}', "a{1,3}"),
    ],
)
def test_the_likeliest_is_that_of_a_mask_over_all_tokens(
    rule: str, pattern: str, vocabulary: Vocabulary, constraints: Constraints
) -> None:
    """Where the likeliest of all is allowed and where it is not, ties and the ends of a turn among them.

    Rules mean what the regular expression means that the library is given without us.
    """
    tokenizer = tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json")
    library: Any = LLTokenizer(tokenizer.to_str(), eos_token=sorted(vocabulary.ends))
    draw = torch.Generator().manual_seed(0)
    tried = 0
    for _ in range(30):
        matcher = LLMatcher(library, LLMatcher.grammar_from_regex(pattern))
        constraint = constraints.start(Grammar("", f"root ::= {rule}"))
        for _ in range(12):
            bits = np.frombuffer(matcher.compute_bitmask(), dtype=np.uint8)
            allowed = torch.from_numpy(np.unpackbits(bits, count=vocabulary.size, bitorder="little").astype(bool))
            if not allowed.any() or matcher.is_stopped():
                break
            logits = torch.randint(9, (vocabulary.size,), generator=draw).float()
            expected = int(logits.masked_fill(~allowed, -torch.inf).argmax())
            assert constraint.likeliest(logits) == expected
            tried += 1
            if expected in vocabulary.ends:
                break
            constraint.accept([expected])
            matcher.consume_tokens([expected])
    assert tried > 30


def test_a_pattern_that_is_none_is_told(constraints: Constraints) -> None:
    with pytest.raises(EngineFailure, match="grammar cannot be read"):
        constraints.start(Grammar("", "root ::= (("))


def test_a_lookup_guesses_what_followed_the_same_tokens_last() -> None:
    lookup = Lookup([1, 2, 3, 4, 5, 1, 2, 3, 6, 7, 9])
    assert lookup.guess() == []
    for id in (1, 2, 3):
        lookup.add(id)
    assert lookup.guess() == [6, 7, 9, 1, 2, 3]


def test_guesses_that_come_true_save_passes_and_others_change_nothing(vocabulary: Vocabulary) -> None:
    ids = vocabulary.encode("the same words, the same words, the same word or two, the same words")
    prompt = [*vocabulary.encode("Say the same words, the same words!"), 0]
    plain, guessing = Determined(ids), Determined(ids)
    expected = decode(plain.first(), plain, vocabulary, (), len(ids))
    decoded = decode(guessing.first(), guessing, vocabulary, (), len(ids), lookup=Lookup(prompt))
    assert decoded == expected and decoded.ids == tuple(ids)
    assert guessing.passes < plain.passes
