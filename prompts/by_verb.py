"""What notations have in common that call an action by a verb of a model family, such as `click(start_box='(3,4)')`.

An action without such a verb is called by our name, with our field names.
"""

import json
from collections.abc import Mapping, Sequence
from string import Template
from typing import ClassVar

from actions.action import Action, ActionSpace, Call, own_term
from actions.errors import ModelMistake
from actions.geometry import Size
from prompts import schema, words
from prompts.notations import Notation
from prompts.vocabulary.verbs import Verb


class Bare(str):
    """An example's placeholder for a number, which has no quotes."""


EXAMPLES: Mapping[str, object] = {
    "point": [Bare("x1"), Bare("y1")], "start": [Bare("x1"), Bare("y1")], "end": [Bare("x2"), Bare("y2")],
    "via": [[Bare("x3"), Bare("y3")]], "direction": "down or up or right or left", "keys": "ctrl c",
    "modifiers": "ctrl", "index": 1, "notches": 5, "seconds": 1, "status": "success or failure",
    "answer": "accept or dismiss", "button": "left or right or middle",
}  # fmt: skip
"""Examples of fields in the system text; all other fields are text."""


class ByVerb(Notation):
    """Such a notation for one action space."""

    verbs: Sequence[Verb]
    """Of several verbs for one action, the first that can say a call is written."""
    words: ClassVar[str]
    """The file of the system text."""
    around: ClassVar[tuple[str, str]]
    """The text before and after a call."""
    point: ClassVar[str] = "[{}, {}]"
    """A point among a verb's arguments."""
    quote: ClassVar[str] = "'"
    """The quote around a text."""
    examples: ClassVar[Mapping[str, object]] = EXAMPLES

    def __init__(self, space: ActionSpace) -> None:
        super().__init__(space)
        self._verbs = [verb for verb in self.verbs if verb.action in space]

    def term(self, kind: type[Action], field: str) -> str:
        verb = next((verb for verb in self._verbs if verb.action is kind), None)
        if verb is None:
            return own_term(kind, field)
        return next((word for word, ours in verb.words.items() if ours == field), field) if field else verb.name

    def system(self, frame: Size) -> str:
        actions = "\n".join(line for kind in self.space.actions for line in self._listed(kind))
        line = schema.frame_line(self.space, frame)
        return Template(words(self.words)).substitute(actions=actions) + (f"\n- {line}" if line else "")

    def write_call(self, call: Call) -> str:
        """The call by the first verb that can say it, else by the action's own name."""
        for verb in self._verbs:
            if verb.action.__name__ == call.name and (written := self._by(verb, call)):
                return written
        return self.by_name(call.name, call.arguments).join(self.around)

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        """The call of a verb with these values of our fields; None if it lacks a word for one of them."""
        theirs = self.theirs(verb, fields)
        return None if theirs is None else listed(verb.name, theirs)

    def theirs(self, verb: Verb, fields: Mapping[str, object]) -> dict[str, str] | None:
        """These values of our fields as a verb's arguments; None if it lacks a word for one of them."""
        words = {ours: word for word, ours in verb.words.items()}
        if not fields.keys() <= words.keys():
            return None
        return {words[field]: self.argument(field, value) for field, value in fields.items()}

    def by_name(self, name: str, fields: Mapping[str, object]) -> str:
        """The call of an action by its own name."""
        return listed(name, {field: literal(value, self.quote) for field, value in fields.items()})

    def argument(self, field: str, value: object) -> str:
        """A value of one of our fields as a verb's argument."""
        if isinstance(value, list) and field in ("point", "start", "end"):
            return self.point.format(*value)
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return literal(" ".join(value), self.quote)
        return literal(value, self.quote)

    def reads_as(self, written: str, call: Call) -> bool:
        """Whether a text is read as this call and nothing else."""
        try:
            reply = self.read_reply(written)
        except ModelMistake:
            return False
        return reply.call == call and not reply.others and not reply.unread

    def _by(self, verb: Verb, call: Call) -> str | None:
        """The call by a verb, without what the verb implies; None if the verb cannot say it."""
        fields = {name: value for name, value in call.arguments.items() if verb.implies.get(name) != value}
        said = self.by_verb(verb, fields)
        written = said.join(self.around) if said is not None else ""
        return written if written and self.reads_as(written, call) else None

    def _listed(self, kind: type[Action]) -> list[str]:
        """An action's lines in the system text: one for each of its verbs, or one with its own name."""
        verbs = [verb for verb in self._verbs if verb.action is kind]
        own = {} if verbs else {field: self.examples.get(field, "...") for field in kind.model_fields}
        lines = [(self._example(verb), verb.about) for verb in verbs] or [(self.by_name(kind.__name__, own), "")]
        return [f"{line} # {about or schema.description(kind)}" for line, about in lines]

    def _example(self, verb: Verb) -> str:
        fields = {ours: self.examples.get(ours, "...") for ours in verb.words.values()}
        return self.by_verb(verb, fields) or verb.name


def listed(name: str, arguments: Mapping[str, str]) -> str:
    """A call with named arguments in parentheses."""
    return f"{name}({', '.join(f'{word}={value}' for word, value in arguments.items())})"


def literal(value: object, quote: str = "'") -> str:
    """A value as Python writes it. In a text, everything that could be read as its end is escaped."""
    if isinstance(value, Bare):
        return value
    if isinstance(value, list):
        return f"[{', '.join(literal(part, quote) for part in value)}]"
    if not isinstance(value, str):
        return json.dumps(value)
    escaped = json.dumps(value, ensure_ascii=False)[1:-1].replace('\\"', '"').replace(quote, f"\\{quote}")
    smart, code = ("\u2019", "\\u2019") if quote == "'" else ("\u201d", "\\u201d")
    return quote + escaped.replace(smart, code) + quote
