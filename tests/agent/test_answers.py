"""Answers that are held to a JSON schema: what fits ends the task, what does not is asked for again."""

import json
from pathlib import Path
from typing import Any

import pytest

from actions.control import Answer, Finish
from actions.errors import UsageError
from agent.answers import AnswerSchema, read_schema
from agent.episode import Ending
from agent.record import read_episode
from tasks.scripted import open_suite_file
from tasks.session import Session
from tasks.task import StructuredTask
from tests.tasks.test_session import call

ORDER = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {"total": {"$ref": "#/definitions/amount"}, "paid": {"type": "boolean"}},
    "required": ["total", "paid"],
    "additionalProperties": False,
    "definitions": {"amount": {"type": "number", "minimum": 0}},
}


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        ('{"total": 4.5, "paid": true}', None),
        (' {"paid": false, "total": 0}\n', None),
        ('{"total": -1, "paid": true}', "at $.total: -1 is less than the minimum of 0"),
        ('{"total": 4.5}', "'paid' is a required property"),
        ('{"total": "4.5", "paid": true}', "at $.total: '4.5' is not of type 'number'"),
        ('{"total": NaN, "paid": true}', "NaN is no number of JSON"),
        ('```json\n{"total": 4.5, "paid": true}\n```', "Write the JSON text alone"),
        ("The total is 4.5.", "The answer is not JSON"),
        ("[" * 5000 + "]" * 5000, "The answer is not JSON"),
        ("[]", "[] is not of type 'object'"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(answer: str, wrong: str | None) -> None:
    found = AnswerSchema(ORDER).complaint(answer)
    assert found is None if wrong is None else wrong in (found or "")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "is not a schema for answers: Expecting property name"),
        ("[1]", "no JSON object of a draft that is known"),
        ('{"$schema": "https://example.com/mine"}', "no JSON object of a draft that is known"),
        ('{"type": "numbr"}', r"\$.type: 'numbr' is not valid"),
        ('{"pattern": "("}', r"\$.pattern: '\(' is not a 'regex'"),
        ('{"items": {"$ref": "#/$defs/none"}}', "refers to '#/\\$defs/none', which is not in it"),
        ('{"$ref": "https://example.com/other.json"}', "refers to 'https://example.com/other.json'"),
    ],
)
def test_what_is_no_schema_is_named_at_the_start(content: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(content)
    with pytest.raises(UsageError, match=why):
        read_schema(tmp_path / "schema.json")
    with pytest.raises(UsageError, match=r"schema\.json"):
        Session(device="cards", replies=tmp_path / "x", model="qwen2.5-vl-7b", answer_schema=tmp_path / "schema.json")


@pytest.mark.parametrize("notation", ["function_args", "tool_call"])
def test_an_answer_that_does_not_fit_is_asked_for_again(notation: str, tmp_path: Path) -> None:
    def written(name: str, **arguments: str) -> str:
        if notation == "function_args":
            return call(name, json.dumps(arguments))
        return f"<tool_call>\n{json.dumps({'name': name, 'arguments': arguments})}\n</tool_call>"

    good = '{"total": 21, "paid": true}'
    replies = (
        written("Finish", status="success"),
        written("Answer", text="21"),
        written("Answer", text=good),
    )
    (tmp_path / "replies.txt").write_text("\n---\n".join(replies))
    (tmp_path / "order.json").write_text(json.dumps(ORDER))
    given: dict[str, Any] = {"device": "cards", "replies": tmp_path / "replies.txt", "model": "qwen2.5-vl-7b"}
    with Session(**given, notation=notation, runs=tmp_path / "runs", answer_schema=tmp_path / "order.json") as session:
        episode = session.run("What is the total?")
    assert (episode.ending, episode.answer) == (Ending.ANSWERED, good)
    first, second, _ = episode.steps
    assert isinstance(first.turn.action, Finish) and "asks for an answer" in first.outcome.text
    assert isinstance(second.turn.action, Answer) and "21 is not of type 'object'" in second.outcome.text
    assert session.record and read_episode(session.record) == episode


SUITE = """
[[tasks]]
id = "total"
instruction = "What is the total?"
device = "cards"
answer_schema = "order.json"
checks = [{ kind = "answer", contains = "21" }]
"""


def test_a_task_of_a_suite_has_a_schema_of_its_own(tmp_path: Path) -> None:
    suite = tmp_path / "mine.toml"
    suite.write_text(SUITE)
    with pytest.raises(UsageError, match=r"order.json cannot be read"), open_suite_file(suite):
        pass
    (tmp_path / "order.json").write_text(json.dumps(ORDER))
    with open_suite_file(suite) as (task,):
        assert isinstance(task, StructuredTask) and task.answer_schema
        assert task.answer_schema.complaint("21") and not task.answer_schema.complaint('{"total": 21, "paid": true}')
