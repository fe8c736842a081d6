"""The `thoughts: ... actions: CLICK <point>[[x,y]]</point>` notation, on which OS-Atlas-Pro was tuned.

A verb has a point, a text in brackets, or nothing. Other calls have their arguments in parentheses.
"""

from collections.abc import Mapping

from actions.action import ActionSpace
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import ByVerb
from prompts.reading.line_calls import IN_CAPITALS
from prompts.vocabulary.names import words_in
from prompts.vocabulary.verbs import OS_ATLAS, Verb

_ARGUMENT = '[ ]* ("<point>" [^\\n<]* "</point>" | "[" [^\\n]* "]")'
_CALL = f'blank (capitals ({_ARGUMENT})? | (name | function) parens | json) "\\n"?'
"""Behind the keyword. The end of the line ends the call: a text in brackets may hold brackets."""


class OsAtlas(ByVerb):
    """This notation for one action space."""

    verbs = OS_ATLAS
    words = "os_atlas"
    around = ("actions:\n", "\n")
    keyword = "actions:"
    advice = (
        "Write a call as the format was described: `thoughts:` and what you think, then `actions:` and, on the next "
        "line, one of the listed actions."
    )

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        if not verb.name.isupper():
            return super().by_verb(verb, fields)
        if not fields.keys() <= set(verb.words.values()) or len(fields) > 1:
            return None
        return " ".join([verb.name, *(_argument(field, value) for field, value in fields.items())])

    def grammar(self) -> Grammar:
        """On a line of its own: a thought may speak of its next actions too."""
        names = {name for kind in self.space.actions for name in self.vocabulary.names(kind)}
        written = {between.join(words_in(name)).upper() for name in names for between in ("", "_")}
        capitals = grammar.any_of(map(grammar.literal, sorted(filter(IN_CAPITALS.fullmatch, written))))
        rules = grammar.of_calls(_CALL, self.vocabulary, grammar.IN_CODE)
        return Grammar(f"\n{self.keyword}", f"{rules}capitals ::= {capitals}\n")


def _argument(field: str, value: object) -> str:
    """A point, or a text; a direction is in capitals."""
    if isinstance(value, list):
        return f"<point>[[{value[0]},{value[1]}]]</point>"
    return f"[{str(value).upper() if field == 'direction' else value}]"


def connect(space: ActionSpace) -> OsAtlas:
    """The notation for an action space."""
    return OsAtlas(space)
