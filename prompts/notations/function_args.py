"""The FUNCTION / ARGS / RESULT / RETURN notation of the Qwen2-VL report's visual agent."""

import json
from collections.abc import Iterable
from string import Template

from actions.action import Action, ActionSpace, Call, own_term
from actions.control import Answer, Finish
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.dialects import verbs
from prompts.notations import Notation, Reply
from prompts.reading import replies

ADVICE = (
    "Write a call as the actions were described: a FUNCTION line with the action's name, then an ARGS line with "
    "its arguments as one JSON object."
)
STOP = "*RESULT*"
"""What follows it is the device's to write. A tokenizer ends it with the colon, so a model stops one token late."""


class FunctionArgs:
    """This notation for one action space."""

    stop = (STOP,)
    one_turn = True
    result_frame = ("*RESULT*: ", "")

    def __init__(self, space: ActionSpace) -> None:
        self._space = space
        self._verbs = verbs(space)
        self._ending = schema.ending(kind.__name__ for kind in (Answer, Finish) if kind in space)

    def system(self, frame: Size) -> str:
        parts = (schema.listed(self._space), schema.frame_line(self._space, frame), _continue(self._space))
        return Template(words("system")).substitute(actions="\n\n".join(part for part in parts if part))

    def read_reply(self, text: str) -> Reply:
        """Takes a reply apart. Raises MalformedReply and NoCall."""
        return replies.read_reply(text, self._verbs, ADVICE, self._ending)

    def term(self, kind: type[Action], field: str) -> str:
        return own_term(kind, field)

    def grammar(self, frame: Size) -> Grammar:
        return Grammar("*FUNCTION*", f": {self._calls(self._space.actions, frame)}")

    def pointing(self, frame: Size) -> Grammar:
        return Grammar("", rf"\*FUNCTION\*: {self._calls([grammar.pointing(self._space)], frame)}")

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
