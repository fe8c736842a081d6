"""The `Thought: ... Action: click(start_box='(x,y)')` notation, on which UI-TARS was tuned.

An action without a verb of UI-TARS is called by our name, with our field names. A reply is followed by the end of the
turn, and the next screenshot is a user message: there is no stop string.
"""

import json
from collections.abc import Mapping, Sequence
from string import Template
from typing import ClassVar

from actions.action import Action, ActionSpace, Call, own_term
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.notations import Notation
from prompts.vocabulary.verbs import UI_TARS, Verb

_TEXT = "'...'"
_PLACES = {"point": ("x1", "y1"), "start": ("x1", "y1"), "end": ("x2", "y2")}
_EXAMPLES = {
    "point": "[x1, y1]", "start": "[x1, y1]", "direction": "'down or up or right or left'",
    "key": "'ctrl c'", "index": "1", "status": "'success or failure'",
    "answer": "'accept or dismiss'", "end": "[x2, y2]", "via": "[[x3, y3]]", "modifiers": "'ctrl'", "keys": "'ctrl c'",
    "button": "'left or right or middle'", "seconds": "1",
}  # fmt: skip
"""Examples of arguments in the system text; all other arguments are text."""


class UiTars(Notation):
    """This notation for one action space."""

    verbs: ClassVar[Sequence[Verb]] = UI_TARS
    words: ClassVar[str] = "ui_tars"
    """The file of the system text."""
    point: ClassVar[str] = "'({},{})'"
    """A point among a verb's arguments."""
    around: ClassVar[tuple[str, str]] = ("Action: ", "")
    """The text before and after a call."""
    keyword = "Action:"
    advice = (
        "Write a call as the actions were listed: `Thought:` and what you think, then on a line of its own `Action:` "
        "and one action."
    )

    def __init__(self, space: ActionSpace) -> None:
        super().__init__(space)
        self._verbs = {verb.action: verb for verb in self.verbs if verb.action in space}

    def term(self, kind: type[Action], field: str) -> str:
        verb = self._verbs.get(kind)
        if verb is None:
            return own_term(kind, field)
        return next((word for word, ours in verb.words.items() if ours == field), field) if field else verb.name

    def system(self, frame: Size) -> str:
        actions = "\n".join(f"{self._signature(kind)} # {schema.description(kind)}" for kind in self.space.actions)
        line = schema.frame_line(self.space, frame)
        return Template(words(self.words)).substitute(actions=actions) + (f"\n- {line}" if line else "")

    def grammar(self) -> Grammar:
        """On a line of its own: a thought may speak of its next action too."""
        rules = grammar.of_calls("blank ((name | function) parens | json)", self.vocabulary)
        return Grammar(f"\n{self.keyword}", rules)

    def write_call(self, call: Call) -> str:
        """The call by the family's verb if there is one, else by the action's own name."""
        return self._by_verb(call) or self._call(call.name, {name: _literal(v) for name, v in call.arguments.items()})

    def _by_verb(self, call: Call) -> str | None:
        verb = next((verb for kind, verb in self._verbs.items() if kind.__name__ == call.name), None)
        arguments = dict(call.arguments)
        if call.name == "Finish" and arguments.get("status") == "success":
            del arguments["status"]  # the verb implies it
        if verb is None or not set(arguments) <= set(verb.words.values()):
            return None
        theirs = {ours: word for word, ours in verb.words.items()}
        said = {theirs[name]: _said(value) for name, value in arguments.items()}
        if self.vocabulary.ours(Call(verb.name, said)) != [call]:
            return None
        written = {theirs[name]: self._written(name, value) for name, value in arguments.items()}
        return self._call(verb.name, written)

    def _written(self, field: str, value: object) -> str:
        """A verb's argument."""
        if field in _PLACES and isinstance(value, list):
            return self.point.format(*value)
        return _literal(_said(value))

    def _call(self, name: str, arguments: Mapping[str, str]) -> str:
        return f"{name}({_listed(arguments)})".join(self.around)

    def _signature(self, kind: type[Action]) -> str:
        """An action's signature, for the system text."""
        if verb := self._verbs.get(kind):
            examples = {
                word: self.point.format(*_PLACES[ours]) if ours in _PLACES else _EXAMPLES.get(word, _TEXT)
                for word, ours in verb.words.items()
            }
            return f"{verb.name}({_listed(examples)})"
        return f"{kind.__name__}({_listed({name: _EXAMPLES.get(name, _TEXT) for name in kind.model_fields})})"


def _listed(arguments: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in arguments.items())


def _said(value: object) -> str:
    """A verb's argument as text, with points as `(x,y)` and keys separated by spaces."""
    if isinstance(value, list):
        numbers = all(isinstance(part, int | float) for part in value)
        return f"({','.join(map(str, value))})" if numbers else " ".join(map(str, value))
    return str(value)


def _literal(value: object) -> str:
    """A value as Python writes it. In a string, everything that could be read as its end is escaped."""
    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    if not isinstance(value, str):
        return json.dumps(value)
    escaped = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"')
    return "'" + escaped.replace("'", "\\'").replace("\u2019", "\\u2019") + "'"


def connect(space: ActionSpace) -> Notation:
    """The notation for an action space."""
    return UiTars(space)
