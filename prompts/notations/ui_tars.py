"""The `Thought: ... Action: click(start_box='(x,y)')` notation, on which UI-TARS was tuned.

A reply is followed by the end of the turn, and the next screenshot is a user message: there is no stop string.
"""

from actions.action import ActionSpace
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import ByVerb
from prompts.vocabulary.verbs import UI_TARS


class UiTars(ByVerb):
    """This notation for one action space."""

    verbs = UI_TARS
    words = "ui_tars"
    around = ("Action: ", "")
    point = "'({},{})'"
    keyword = "Action:"
    advice = (
        "Write a call as the actions were listed: `Thought:` and what you think, then on a line of its own `Action:` "
        "and one action."
    )

    def grammar(self) -> Grammar:
        """On a line of its own: a thought may speak of its next action too. Arguments may have ReAct's form."""
        react = 'blank "Action Input:" blank object'
        rules = grammar.of_calls(f"blank ((name | function) (parens | {react}) | json)", self.vocabulary)
        return Grammar(f"\n{self.keyword}", rules)


def connect(space: ActionSpace) -> UiTars:
    """The notation for an action space."""
    return UiTars(space)
