"""`AnswerSchema`, a JSON schema for answers, and `Structured`: a policy whose answers are held to one."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from string import Template
from typing import Any

from jsonschema import SchemaError, ValidationError, validators
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.exceptions import NoSuchAnchor, PointerToNowhere, Unresolvable
from referencing.jsonschema import specification_with

from actions.control import Answer, Finish
from actions.errors import InvalidArguments, UsageError
from actions.text_files import read_text
from agent.episode import Mistake, Step, Turn
from agent.loop import Policy
from devices import Observation
from prompts import words

SHOWN = 300
NOT_ANSWERED = "The task asks for an answer. Give it, as JSON text of the schema; or end the task with failure."


class AnswerSchema:
    """A JSON schema of any draft that the package `jsonschema` knows. It refers to no other document."""

    def __init__(self, schema: Any) -> None:
        """Raises ValueError if it is no schema, or refers to what is not in it."""
        kind = validators.validator_for(schema, default=None) if isinstance(schema, dict) else None
        if kind is None:
            kind = validators.validator_for({})
            if not isinstance(schema, dict) or "$schema" in schema:
                raise ValueError("it is no JSON object of a draft that is known here")
        try:
            kind.check_schema(schema, format_checker=kind.FORMAT_CHECKER)
        except SchemaError as error:
            raise ValueError(f"{error.json_path}: {error.message[:SHOWN]}") from error
        draft = specification_with(str(kind.META_SCHEMA["$schema"]))
        resolver = Registry().resolver_with_root(draft.create_resource(schema))
        for reference in _references(schema):
            try:
                resolver.lookup(reference)
            except (Unresolvable, NoSuchAnchor, PointerToNowhere) as error:
                raise ValueError(f"it refers to {reference!r}, which is not in it") from error
        self._validator = kind(schema, registry=Registry())
        self.text = json.dumps(schema, ensure_ascii=False)

    def complaint(self, text: str) -> str | None:
        """What is wrong with an answer; None if it is JSON of this schema."""
        try:
            value = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            return f"The answer is not JSON: {error}. Write the JSON text alone."
        found: ValidationError | None = best_match(self._validator.iter_errors(value))
        if found is None:
            return None
        place = "" if found.json_path == "$" else f" at {found.json_path}"
        return f"The answer does not fit its schema{place}: {found.message[:SHOWN]}."


def read_schema(path: Path) -> AnswerSchema:
    """The schema in a file. Raises UsageError if there is none, or it is not supported."""
    try:
        return AnswerSchema(json.loads(read_text(path)))
    except OSError as error:
        raise UsageError(f"The schema {path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a schema for answers: {error}.") from error


class Structured:
    """Decides like another policy. An answer that does not fit is a mistake, which says what is wrong with it."""

    def __init__(self, policy: Policy, schema: AnswerSchema) -> None:
        self._policy = policy
        self._schema = schema
        self._asked = Template(words("answer")).substitute(schema=schema.text)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(f"{instruction}\n{self._asked}", steps, observation)
        if turn.mistake:
            return turn
        wrong = None
        if isinstance(turn.action, Answer):
            wrong = self._schema.complaint(turn.action.text)
        elif isinstance(turn.action, Finish) and turn.action.status == "success":
            wrong = NOT_ANSWERED
        return replace(turn, mistake=Mistake(InvalidArguments.__name__, wrong)) if wrong else turn


def _references(schema: object) -> Iterator[str]:
    """The references in a schema, wherever they stand."""
    if isinstance(schema, dict):
        yield from (schema[key] for key in ("$ref", "$dynamicRef") if isinstance(schema.get(key), str))
        schema = list(schema.values())
    for part in schema if isinstance(schema, list) else ():
        yield from _references(part)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")
