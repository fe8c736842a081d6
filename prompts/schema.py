"""Describes an action space for a model: texts from class docstrings and field descriptions, types from pydantic."""

import json
from collections.abc import Iterable, Mapping

from actions.action import Action, ActionSpace
from actions.geometry import PARTS, THOUSANDTHS, UP_TO_999, Size

_KEPT = (
    "type", "properties", "required", "items", "enum", "minimum", "maximum", "minItems", "maxItems", "default",
    "description",
)  # fmt: skip
"""The keys of a field's JSON schema that a model sees, in this order."""
DEPTH = 4
"""How deep nested fields are described."""
_OF_ARRAYS = ("items", "minItems", "maxItems")


def listed(space: ActionSpace) -> str:
    """The actions as the Qwen2-VL report lists them: a heading with the name, then its effect and parameters."""
    return "\n\n".join(
        f"### {kind.__name__}\n\n{kind.__name__}: {description(kind)} Parameters: {_in_line(kind)}"
        for kind in space.actions
    )


def description(kind: type[Action]) -> str:
    """The action's description, on one line."""
    return " ".join((kind.__doc__ or "").split())


def parameters(kind: type[Action]) -> dict[str, object]:
    """The action's fields as the JSON schema of one object, as in the parameters of tools."""
    schema = kind.model_json_schema()
    fields = {name: _field(spec, schema.get("$defs", {})) for name, spec in schema.get("properties", {}).items()}
    return {"type": "object", "properties": fields, "required": schema.get("required", [])}


def ending(calls: Iterable[str]) -> str:
    """A sentence with the calls that end the task; empty if there are none."""
    named = " or ".join(calls)
    return f"To end the task, call {named}." if named else ""


def takes_points(space: ActionSpace) -> bool:
    """Whether an action of the space takes a point: then the environment has a screen."""
    return any("Point" in kind.model_json_schema().get("$defs", {}) for kind in space.actions)


def frame_line(space: ActionSpace, frame: Size) -> str:
    """Describes the space of points; empty if no action has a point."""
    if not takes_points(space):
        return ""
    if frame == THOUSANDTHS:
        return (
            "Points are (x, y) in thousandths of the image's width and height: (0, 0) is its top left corner, "
            "(1000, 1000) its bottom right corner."
        )
    if frame == UP_TO_999:
        return (
            "Points are (x, y), both from 0 to 999: (0, 0) is the image's top left corner, "
            "(999, 999) its bottom right corner."
        )
    if frame == PARTS:
        return (
            "Points are (x, y) in parts of the image's width and height: (0, 0) is its top left corner, "
            "(1, 1) its bottom right corner, (0.5, 0.25) lies half across and a quarter down."
        )
    return (
        f"The image is {frame.width} x {frame.height}; points are (x, y) in pixels of it, "
        "counted from its top left corner."
    )


def _in_line(kind: type[Action]) -> str:
    """The fields as the JSON list of the Qwen2-VL report, each with its name and whether it is required."""
    schema = kind.model_json_schema()
    required = schema.get("required", [])
    fields = [
        {"name": name, **_field(spec, schema.get("$defs", {})), "required": name in required}
        for name, spec in schema.get("properties", {}).items()
    ]
    brief = [{key: value for key, value in field.items() if key not in _OF_ARRAYS} for field in fields]
    return json.dumps(brief, ensure_ascii=False)


def _field(
    spec: Mapping[str, object], definitions: Mapping[str, dict[str, object]], depth: int = DEPTH
) -> dict[str, object]:
    """One field's schema with references and `or null` resolved, and without keys that a model need not know.

    Anything deeper than `depth`, for example in a recursive model, is left open.
    """
    flat = dict(spec)
    choices = flat.pop("anyOf", None)
    if isinstance(choices, list):
        flat = next(choice for choice in choices if choice.get("type") != "null") | flat
    reference = flat.pop("$ref", None)
    if isinstance(reference, str):
        flat = definitions[reference.removeprefix("#/$defs/")] | flat
    inner, items = flat.pop("properties", None), flat.get("items")
    if "prefixItems" in flat:
        flat["items"] = {"type": "number"}
    elif isinstance(items, Mapping):
        flat["items"] = _field(items, definitions, depth - 1) if depth else {}
    if isinstance(inner, Mapping) and depth:
        flat["properties"] = {name: _field(field, definitions, depth - 1) for name, field in inner.items()}
    return {key: flat[key] for key in _KEPT if flat.get(key) not in (None, "", [])}
