"""Random valid actions of a space, out of the schemas of their fields; typed texts look like notation now and then."""

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from actions.action import Action, ActionSpace
from actions.geometry import Point, Size
from actions.keyboard import NAMED_KEYS

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
    return st.one_of([action(kind, screen) for kind in space.actions])


def action(kind: type[Action], screen: Size) -> st.SearchStrategy[Action]:
    """Any action of this kind, with points on the screen."""
    schema = kind.model_json_schema()
    values = {name: _value(spec, screen) for name, spec in schema.get("properties", {}).items()}
    required = {name: values.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=values).map(kind.model_validate)


def _value(spec: Mapping[str, Any], screen: Size) -> st.SearchStrategy[object]:
    """The values of a field with this JSON schema."""
    if "anyOf" in spec:
        return _value(spec["anyOf"][0], screen)
    if spec.get("$ref") == "#/$defs/Point":
        return st.builds(Point, st.integers(0, screen.width - 1), st.integers(0, screen.height - 1))
    if "enum" in spec:
        return st.sampled_from(spec["enum"])
    least, most = spec.get("minimum"), spec.get("maximum")
    match spec["type"]:
        case "string":
            return TEXTS
        case "array":
            return KEYS
        case "boolean":
            return st.booleans()
        case "integer":
            return st.integers(0 if least is None else least, most or 99)
        case "number":
            return st.floats(spec.get("exclusiveMinimum", -1000) + 0.1, most or 1000)
    raise TypeError(f"no values are known for a field like {spec}")
