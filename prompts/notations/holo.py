"""The `{"note": .., "thought": .., "tool_call": {"tool_name": "click", "x": 500, "y": 300}}` notation of Holo3.

A reply is one JSON object, whose schema is in the system text (hub.hcompany.ai, agent-loop: "structured outputs"). A
call is flat: a tool's arguments are beside its name, and a point is two of them.
"""

import json
from collections.abc import Iterator, Mapping
from string import Template

from actions.action import Action, ActionSpace, Call
from actions.geometry import PARTS, Size
from actions.keyboard import Type
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.by_verb import ByVerb
from prompts.vocabulary.verbs import HOLO, Verb

_PLACES: Mapping[str, tuple[str, str]] = {"point": ("x", "y"), "start": ("x1", "y1"), "end": ("x2", "y2")}
"""Our points, and the two arguments that say each."""
_ELEMENT = {"type": "string", "description": "The element there, in a few words."}
_BEHIND = "(blank comma blank (member blank comma? blank)*)? blank"
"""Other members of the object, behind the call."""


class Holo(ByVerb):
    """This notation for one action space."""

    verbs = HOLO
    words = "holo"
    around = ('{"note": null, "thought": "", "tool_call": ', "}")
    keyword = around[0].rstrip()
    advice = (
        "Write a call as the format was described: one JSON object with note, thought and tool_call, whose tool_name "
        "is one of the listed tools."
    )

    def term(self, kind: type[Action], field: str) -> str:
        return ", ".join(_PLACES[field]) if field in _PLACES else super().term(kind, field)

    def system(self, frame: Size) -> str:
        tools = [tool for kind in self.space.actions for tool in self._tools(kind, frame)]
        reply = {
            "type": "object",
            "properties": {
                "note": {
                    "type": ["string", "null"],
                    "description": "What later steps need of this screen; null if there is nothing new.",
                },
                "thought": {"type": "string", "description": "The plan for the next action, on one line."},
                "tool_call": {"anyOf": tools},
            },
            "required": ["note", "thought", "tool_call"],
        }
        line = schema.frame_line(self.space, frame)
        return Template(words(self.words)).substitute(
            schema=json.dumps(reply, ensure_ascii=False), frame=f"\n\n{line}" if line else ""
        )

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        theirs = {ours: word for word, ours in verb.words.items()}
        if not fields.keys() <= theirs.keys():
            return None
        return _flat(verb.name, {theirs[field]: value for field, value in fields.items()})

    def by_name(self, name: str, fields: Mapping[str, object]) -> str:
        """Flat, unless an argument has a name that would be read as another tool's name."""
        flat = _flat(name, fields)
        if self.reads_as(flat.join(self.around), Call(name, fields)):
            return flat
        return json.dumps({"tool_name": name, "arguments": dict(fields)}, ensure_ascii=False)

    def grammar(self) -> Grammar:
        """From the name of the member on: what stands in a text has its quotes escaped, and is no keyword."""
        rules = grammar.of_calls(f"blank json {_BEHIND} [}}\uff5d]", self.vocabulary)
        return Grammar('"tool_call":', rules)

    def _tools(self, kind: type[Action], frame: Size) -> Iterator[dict[str, object]]:
        """The schemas of an action's tools: one for each of its verbs, or one with its own name."""
        verbs = [verb for verb in self._verbs if verb.action is kind]
        own = Verb(kind.__name__, kind, {field: field for field in kind.model_fields})
        for verb in verbs or [own]:
            yield _tool(verb, verb.about or schema.description(kind), frame)


def _tool(verb: Verb, about: str, frame: Size) -> dict[str, object]:
    """The schema of a call by this verb."""
    given = schema.parameters(verb.action)
    fields, required = given["properties"], given["required"]
    assert isinstance(fields, dict) and isinstance(required, list)
    properties: dict[str, object] = {"tool_name": {"const": verb.name}}
    needed = ["tool_name"]
    for word, ours in verb.words.items():
        described = _described(word, ours, fields[ours], frame)
        properties |= described
        needed += list(described) if ours in required else []
    if verb.action is Type:
        properties |= _described("point", "point", {"description": "Where to click first."}, frame)
    return {"type": "object", "description": about, "properties": properties, "required": needed}


def _described(word: str, ours: str, spec: Mapping[str, object], frame: Size) -> dict[str, object]:
    """The schemas of the arguments that say one field: those of a point are an element and two numbers."""
    if ours not in _PLACES:
        return {word: dict(spec)}
    x, y = _PLACES[ours]
    number = {"type": "number" if frame == PARTS else "integer", "minimum": 0}
    element = {"element": _ELEMENT} if ours == "point" else {}
    return element | {
        x: {**number, "maximum": frame.width, "description": spec["description"]},
        y: {**number, "maximum": frame.height},
    }


def _flat(name: str, arguments: Mapping[str, object]) -> str:
    """A call with its arguments beside the name."""
    call: dict[str, object] = {"tool_name": name}
    for word, value in arguments.items():
        if word in _PLACES and isinstance(value, list):
            call |= dict(zip(_PLACES[word], value, strict=False))
        else:
            call[word] = value
    return json.dumps(call, ensure_ascii=False)


def connect(space: ActionSpace) -> Holo:
    """The notation for an action space."""
    return Holo(space)
