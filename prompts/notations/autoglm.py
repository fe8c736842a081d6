"""The `<think>...</think><answer>do(action="Tap", element=[x,y])</answer>` notation, on which AutoGLM-Phone was tuned.

Its Type replaces what a field holds, so a mere Type is written by our name. A wait is a text, `3 seconds`.
"""

from collections.abc import Mapping

from actions.action import ActionSpace
from actions.control import Finish
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import ByVerb, listed, literal
from prompts.vocabulary import Vocabulary
from prompts.vocabulary.verbs import AUTOGLM, Verb

_WORD = " \\n\\t\\r=:\uff1a\uff1d,;\uff0c\u3001\uff1b(\uff08)\uff09\\[\\]{\uff5b}\uff5d'\"\u201c\u2018\uff02\uff07`"
"""What the word of an argument does not hold."""
_OTHERS = f"({grammar.other_than('action', _WORD)} blank [=:\uff1a\uff1d] blank argument blank (comma blank)?)*"
_DO = (
    '[Dd] [Oo] [(\uff08] blank others "action" blank [=:\uff1a\uff1d] blank quoted-action blank (comma blank)? '
    "others [)\uff09]"
)
_CALL = f'blank ({_DO} | (name | function) parens | json) (blank "</answer>")?'
"""Behind the keyword."""


class AutoGlm(ByVerb):
    """This notation for one action space."""

    verbs = AUTOGLM
    words = "autoglm"
    around = ("<answer>", "</answer>")
    point = "[{},{}]"
    quote = '"'
    keyword = "<answer>"
    advice = (
        "Write a call as the format was described: what you think between think tags, then one of the listed actions "
        "between answer tags."
    )

    def __init__(self, space: ActionSpace) -> None:
        super().__init__(space)
        self.vocabulary = Vocabulary(space, asked_to_do=True)

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        if verb.action is Finish:
            return super().by_verb(verb, fields)
        theirs = self.theirs(verb, fields)
        return None if theirs is None else listed("do", {"action": literal(verb.name, self.quote)} | theirs)

    def argument(self, field: str, value: object) -> str:
        if field == "seconds":
            return literal(f"{value} seconds", self.quote)
        return super().argument(field, value)

    def grammar(self) -> Grammar:
        parts = f"others ::= {_OTHERS}\nquoted-action ::= {grammar.quoted('action-name')}\n"
        return Grammar(self.keyword, grammar.of_calls(_CALL, self.vocabulary) + parts)


def connect(space: ActionSpace) -> AutoGlm:
    """The notation for an action space."""
    return AutoGlm(space)
