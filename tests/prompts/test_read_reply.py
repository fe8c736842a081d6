"""Odd replies yield the intended call or a named mistake, and nothing else ever comes of a reply."""

import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.geometry import PARTS, THOUSANDTHS, Size, Viewport
from prompts import notations
from prompts.vocabulary.names import spelled
from tests.prompts.random_actions import actions
from tests.prompts.reading_of import FRAME, SPACES, meaning, notation


class Odd(NamedTuple):
    """An odd reply and what it means."""

    kind: str
    space: str
    text: str
    means: str
    frame: Size


FRAMES = {"image": FRAME, "thousandths": THOUSANDTHS, "parts": PARTS}


def _replies() -> list[Odd]:
    found = []
    for path in sorted((Path(__file__).parent / "replies").glob("*.toml")):
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        found += [
            Odd(path.stem, table["space"], row["text"], row["means"], FRAMES[row.get("frame", "image")])
            for row in table["reply"]
        ]
    return found


ODD = _replies()
NOTATIONS = notations.names()
ANY = "function_args"
"""Replies are read the same whichever notation was asked for, but the points of AutoGLM's `do` (`autoglm`)."""
SOUP = st.lists(
    st.sampled_from((
        "*FUNCTION*", "*ARGS*", "*RESULT*", "*RETURN*", "\u273fFUNCTION\u273f", ":", "\n", " ", "{", "}", "[", "]", "(",
        ")", '"', "'", ",", "<tool_call>", "</tool_call>", "Click", "Type", "click(", "point", "text", '"name"',
        '"arguments"', "=", "computer_use", '"action"', "687", "792", "9" * 400, "-", "1e999", "NaN", "null", "None",
        "True", "\\", "\\u",
        "\\ud800", "```json", "Action: ", "Thought: ", "“", "”", "\uff5b", "\uff5d", "\uff1a", "\uff0c", "<|im_end|>",
        "scroll", "pixels", "keys", "\x00",
    )) | st.text(max_size=4),
    max_size=40,
).map("".join)  # fmt: skip


def test_the_tables_hold_at_least_150_distinct_replies() -> None:
    assert len({(odd.space, odd.text) for odd in ODD}) >= 150


@pytest.mark.parametrize("odd", ODD, ids=[f"{odd.kind}-{number}" for number, odd in enumerate(ODD)])
def test_an_odd_reply_means_what_the_table_says(odd: Odd) -> None:
    assert meaning(odd.space, ANY, odd.text, odd.frame) == odd.means


def test_the_thought_is_what_stands_before_the_call() -> None:
    for text in (
        'I see it.\n*FUNCTION*: Click\n*ARGS*: {"point": [1, 2]}',
        '<thinking>I see it.</thinking>\n<tool_call>\n{"name": "Click", "arguments": {"point": [1, 2]}}\n</tool_call>',
        "Thought: I see it.\nAction: click(1, 2)",
        'I see it.\n```json\n{"name": "Click", "arguments": {"point": [1, 2]}}\n```',
        ": I see it.\n*FUNCTION*: Click(1, 2)",
        'I see it.\n```json\n[{"bbox_2d": [1, 2, 3, 4], "label": "x"}]\n```',
        'I see it.\n```json\n{"point_2d": [1, 2]}\n```',
        "I see it.\n<|object_ref_start|>x<|object_ref_end|><|box_start|>(1,2),(3,4)<|box_end|>",
    ):
        assert notation(ANY, "browser").read_reply(text).thought == "I see it."


@pytest.mark.parametrize("name", NOTATIONS)
def test_a_mistake_says_how_a_call_is_written(name: str) -> None:
    with pytest.raises(Exception, match=r"Write a call as") as caught:
        notation(name, "browser").read_reply("*FUNCTION*:")
    assert type(caught.value).__name__ == "MalformedReply"


@given(text=SOUP | st.text(max_size=200))
@example(text="")
def test_any_text_is_a_call_or_a_mistake(text: str) -> None:
    assert meaning("browser", ANY, text)
    assert meaning("phone", ANY, text)


WORDS = (
    "I will click the search button now",
    "The task is done",
    "finished",
    "success",
    "It says",
    "Done",
    "I cannot help",
    "Sorry",
    "tap",
    "scroll down",
    "type pizza",
    "wait",
    "terminate",
    "answer",
    "Je clique sur le bouton",
    "Terminé",
    "Ich habe die Aufgabe erledigt",
    "Klick",
    "我会点击搜索按钮",
    "任务已完成",
    "点击",
    "完成",
    "タスクは完了しました",
    "クリック",
    "Задача выполнена",
    "Нажимаю",
    "تم إنجاز المهمة",
    "सफल",
    "작업 완료",
    "¡Listo!",
    "click",
    "the point",
    "x",
    "at",
    "then",
    "computer_use",
    "action",
    "coordinate",
    "FINISH",
    "<think>",
    "</think>",
    "the box (top left)",
    "the set {1, 2, 3}",
    "f(x) = 3",
    "use open(file)",
    "I would call finish()",
    "it says done()",
    "if terminate(now) were right",
    "**Result**",
    "Answer",
    "status",
    "true",
    "null",
)
NUMBERS = st.floats(-2000, 2000).map(lambda number: f"{number:g}") | st.integers(-(10**6), 10**6).map(str)
PROSE = st.lists(
    st.sampled_from(WORDS)
    | NUMBERS
    | st.sampled_from((", ", ". ", " ", "!", "?", "\n", ": ", " - ", "; ", "...", "!!!!", "🙂")),
    max_size=30,
)
MISTAKES = {"NoCall", "MalformedReply"}
UNDONE = MISTAKES | {"InvalidArguments"}
"""A name alone, such as FINISH, may be a call that lacks its arguments."""


@given(words=PROSE, between=st.sampled_from((" ", ", ", ". ", "\n")))
@example(words=["FINISH"], between=" ")
def test_prose_in_any_language_numbers_and_words_about_calls_are_nothing_but_mistakes(
    words: list[str], between: str
) -> None:
    assert {meaning("browser", ANY, between.join(words)), meaning("phone", ANY, between.join(words))} <= UNDONE


@given(text=st.text(max_size=300))
@example(text="HOME")
def test_garbage_is_nothing_but_a_mistake(text: str) -> None:
    """A word alone may be an action's name: hypothesis also draws the texts of the code under test."""
    verbs = notation(ANY, "browser").vocabulary.verbs
    assert meaning("browser", ANY, text) in MISTAKES or spelled(re.sub(r"\W", "", text)) in verbs


@given(character=st.characters(), count=st.integers(1, 200))
def test_one_character_again_and_again_is_nothing_but_a_mistake(character: str, count: int) -> None:
    assert meaning("browser", ANY, character * count) in MISTAKES


@given(data=st.data())
def test_a_damaged_odd_reply_is_a_call_or_a_mistake(data: st.DataObject) -> None:
    odd = data.draw(st.sampled_from(ODD))
    assert meaning(odd.space, ANY, damaged(odd.text, data))


@pytest.mark.parametrize("name", NOTATIONS)
@given(data=st.data())
def test_a_damaged_call_is_a_call_or_a_mistake(name: str, data: st.DataObject) -> None:
    action = data.draw(actions(SPACES["browser"], FRAME))
    written = notation(name, "browser").write_call(SPACES["browser"].encode(action, Viewport(FRAME, FRAME)))
    assert meaning("browser", name, damaged(written, data))


def damaged(text: str, data: st.DataObject) -> str:
    """The text with a part of it replaced."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 20)))
    return text[:start] + data.draw(SOUP) + text[end:]


@pytest.mark.slow  # it measures
@pytest.mark.parametrize(
    ("start", "again"),
    [
        ("", "{"), ("", '{"a":'), ("", "{a:1}"), ("", "click("), ("", "* "), ("", "`"), ("", "\n"), ("x", "<|im_end|>"),
        ('{"text": "', '"\n'), ("*FUNCTION*: Type *ARGS*: {text: ", "a b, "), ("*FUNCTION*: Click *ARGS*: ", "9 "),
        ("(", "1,"), ("Action: ", '{"a":"b" zz '), ("<thinking>", "<"), ('{"point": [', "["), ("type('", "it's "),
        ("*FUNCTION*: ", "a-"), ('{"text": "', "\\"), ("", '{"name": '), ("", "(1, 2) "),
    ],
)  # fmt: skip
def test_the_time_to_read_grows_no_faster_than_the_reply(start: str, again: str) -> None:
    def seconds(length: int) -> float:
        text = (start + again * length)[:length]
        return _shortest(lambda: meaning("browser", "function_args", text))

    short, long = seconds(8_192), seconds(32_768)
    assert long < 10 * short + 0.002, f"8 KB take {short * 1000:.2f} ms, 32 KB {long * 1000:.2f} ms"


def _shortest(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(5):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return min(taken)
