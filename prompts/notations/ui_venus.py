"""The `<think>...</think><action>Click(box=(x,y))</action>` notation, on which UI-Venus was tuned.

The model also sums the action up in a `<conclusion>`, which is not needed here: earlier replies stay in the
conversation.
"""

from actions.action import ActionSpace
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import ByVerb
from prompts.vocabulary.verbs import UI_VENUS


class UiVenus(ByVerb):
    """This notation for one action space."""

    verbs = UI_VENUS
    words = "ui_venus"
    point = "({},{})"
    around = ("<action>", "</action>")
    keyword = "<action>"
    advice = (
        "Write a call as the format was described: what you think between think tags, then one of the listed actions "
        "between action tags."
    )

    def grammar(self) -> Grammar:
        rule = 'blank ((name | function) parens | json) (blank "</action>")?'
        return Grammar(self.keyword, grammar.of_calls(rule, self.vocabulary))


def connect(space: ActionSpace) -> UiVenus:
    """The notation for an action space."""
    return UiVenus(space)
