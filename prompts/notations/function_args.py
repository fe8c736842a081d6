"""The FUNCTION / ARGS / RESULT / RETURN notation of the Qwen2-VL report's visual agent."""

import json
from collections.abc import Iterable
from string import Template

from actions.action import Action, ActionSpace, Call
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.notations import Notation

STOP = "*RESULT*"
"""The device writes the text after it. Its last token includes the colon, so a model stops one token late."""


class FunctionArgs(Notation):
    """This notation for one action space."""

    stop = (STOP,)
    one_turn = True
    result_frame = ("*RESULT*: ", "")
    keyword = "*FUNCTION*"
    advice = (
        "Write a call as the actions were described: a FUNCTION line with the action's name, then an ARGS line with "
        "its arguments as one JSON object."
    )

    def system(self, frame: Size) -> str:
        parts = (schema.listed(self.space), schema.frame_line(self.space, frame), _continue(self.space))
        return Template(words("system")).substitute(actions="\n\n".join(part for part in parts if part))

    def grammar(self, frame: Size) -> Grammar:
        return Grammar(self.keyword, f": {self._calls(self.space.actions, frame)}")

    def pointing(self, frame: Size) -> Grammar:
        return Grammar("", rf"\*FUNCTION\*: {self._calls([grammar.pointing(self.space)], frame)}")

    def _calls(self, kinds: Iterable[type[Action]], frame: Size) -> str:
        return grammar.any_of(
            rf"{kind.__name__}[ \n]\*ARGS\*: {grammar.one_object(grammar.fields(kind, frame))}" for kind in kinds
        )

    def write_call(self, call: Call) -> str:
        """The call as two lines. A stop string within typed text is escaped, so that it does not stop the reply."""
        arguments = json.dumps(call.arguments, ensure_ascii=False).replace(STOP, f"\\u002a{STOP[1:]}")
        return f"*FUNCTION*: {call.name}\n*ARGS*: {arguments}"


def connect(space: ActionSpace) -> Notation:
    """The notation for an action space."""
    return FunctionArgs(space)


def _continue(space: ActionSpace) -> str:
    return Template(words("continue")).substitute(names=", ".join(kind.__name__ for kind in space.actions))
