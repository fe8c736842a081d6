"""The `<THINK>...</THINK>` and `explain:..` `action:CLICK` `point:x,y` notation, on which Step-GUI was tuned.

The fields are separated by tabs, on one line. A call that such a line cannot hold has its arguments in parentheses.
"""

from collections.abc import Mapping

from actions.action import ActionSpace, Call
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import ByVerb
from prompts.vocabulary.verbs import STEP_GUI, Verb

_CALL = 'blank (name | function) parens? ("\\t" [^\\n\\t]*)* "\\n"?'
"""Behind the keyword. The end of the line ends the call, as in the reference client."""


class StepGui(ByVerb):
    """This notation for one action space."""

    verbs = STEP_GUI
    words = "step_gui"
    around = ("explain:\t", "\n")
    keyword = "\taction:"
    advice = (
        "Write a call as the format was described: what you think between THINK tags, then one line of explain, action "
        "and its fields, with tabs between them."
    )

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        theirs = self.theirs(verb, fields)
        return None if theirs is None else _line(verb.name, theirs)

    def by_name(self, name: str, fields: Mapping[str, object]) -> str:
        line = _line(name, {field: self.argument(field, value) for field, value in fields.items()})
        if self.reads_as(line.join(self.around), Call(name, fields)):
            return line
        return f"action:{super().by_name(name, fields)}"

    def argument(self, field: str, value: object) -> str:
        """A point as `x,y`, keys with spaces between them, and all else as it is."""
        if isinstance(value, list):
            return (" " if field in ("keys", "modifiers") else ",").join(map(str, value))
        return str(value)

    def grammar(self) -> Grammar:
        return Grammar(self.keyword, grammar.of_calls(_CALL, self.vocabulary))


def _line(name: str, fields: Mapping[str, str]) -> str:
    return "\t".join([f"action:{name}", *(f"{word}:{value}" for word, value in fields.items())])


def connect(space: ActionSpace) -> StepGui:
    """The notation for an action space."""
    return StepGui(space)
