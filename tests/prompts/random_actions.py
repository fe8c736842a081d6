"""Random valid actions of a space, typed texts that look like notation among them."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from hypothesis import strategies as st

from actions.action import Action, ActionSpace
from actions.geometry import Point, Size
from actions.keyboard import NAMED_KEYS

Field = Mapping[str, Any]
"""What a JSON schema says of a field."""
NASTY = (
    "*RESULT* {", "*FUNCTION*: Click\n*ARGS*: {}", "*RETURN*:", "</tool_call>", '"', "'", "\\", "}", "[1, 2]", "🍕",
    "\u273fRESULT\u273f", "“quoted”", "line\nbreak\ttab", "click(1, 2)", '{"name": "Click", "arguments": {}}', "None",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(st.sampled_from(NASTY) | st.text(max_size=5), min_size=1, max_size=4).map("".join).filter(bool),
)
KEYS = st.lists(
    st.sampled_from(NAMED_KEYS) | st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=5
)


def actions(space: ActionSpace, screen: Size) -> st.SearchStrategy[Action]:
    """Any action of the space, with points on the screen."""
    return _one_of(tuple(space.actions), screen)


@cache
def _one_of(kinds: tuple[type[Action], ...], screen: Size) -> st.SearchStrategy[Action]:
    return st.one_of([action(kind, screen) for kind in kinds])


def example(kind: type[Action], known: Mapping[str, object] | None = None) -> Action:
    """One valid action of a kind: its required fields with the values known by name, else with plain ones."""
    schema = kind.model_json_schema()
    plain = {name: _plain(schema["properties"][name]) for name in schema.get("required", ())}
    return kind.model_validate(plain | {name: value for name, value in (known or {}).items() if name in plain})


@cache  # reading a schema takes longer than most of what is tested with the action
def action(kind: type[Action], screen: Size) -> st.SearchStrategy[Action]:
    """Any action of this kind, with points on the screen."""
    schema = kind.model_json_schema()
    values = {name: _value(_without_null(field), screen) for name, field in schema.get("properties", {}).items()}
    required = {name: values.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=values).map(kind.model_validate)


def _value(field: Field, screen: Size) -> st.SearchStrategy[object]:
    """Any value that a field takes, by its JSON schema."""
    if "$ref" in field:
        return st.builds(Point, st.integers(0, screen.width - 1), st.integers(0, screen.height - 1))
    if "enum" in field:
        return st.sampled_from(field["enum"])
    least, most = field.get("minimum", field.get("exclusiveMinimum", -99)), field.get("maximum", 99)
    match field["type"]:
        case "array":
            return _parts(field, screen)
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(least + ("exclusiveMinimum" in field), most)
        case "number":
            return st.floats(least, most, exclude_min="exclusiveMinimum" in field)
        case _:
            return TEXTS.map(lambda text: text[: field.get("maxLength", len(text))])


def _parts(field: Field, screen: Size) -> st.SearchStrategy[object]:
    """Keys, or a few values of another kind."""
    items = field["items"]
    return KEYS if items == {"type": "string"} else st.lists(_value(items, screen), max_size=3)


def _plain(field: Field) -> object:
    if "$ref" in field:
        return Point(40, 50)
    if "enum" in field:
        return field["enum"][0]
    least = field.get("minimum", field.get("exclusiveMinimum", 0) + 1)
    return {"array": ["x"], "boolean": True, "string": "x"}.get(field["type"], least)


def _without_null(field: Field) -> Field:
    kinds = [kind for kind in field.get("anyOf", ()) if kind.get("type") != "null"]
    return kinds[0] if kinds else field
