"""The FUNCTION / ARGS / RESULT / RETURN notation of the Qwen2-VL report's visual agent."""

import json
from string import Template

from actions.action import ActionSpace, Call
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, schema, words
from prompts.notations import Notation

STOP = "*RESULT*"
"""The device writes the text after it. Its last token includes the colon, so a model stops one token late."""


_MARK = '[*]{1,3} "ARGS" [*]{1,3} colon?'
_ARGS = f'({_MARK} blank ("```" "json"? blank)?)? (argued | list | parens) | {_MARK} blank "`" argued "`"'
_IN_LINE = f'{_MARK} line? (blank "*RESULT*")?'
_NAMED = f'(name | function | quoted-name) [,.]? (blank ({_ARGS} | {_IN_LINE} | "*RESULT*"))?'
_CALL = f"[*]{{0,2}} colon? blank (json | {_NAMED})"
"""Behind the keyword: the name, and the arguments, which may stand in the line without brackets or be missing."""


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

    def grammar(self) -> Grammar:
        return Grammar(self.keyword, grammar.of_calls(_CALL, self.vocabulary))

    def write_call(self, call: Call) -> str:
        """The call as two lines. A stop string within typed text is escaped, so that it does not stop the reply."""
        arguments = json.dumps(call.arguments, ensure_ascii=False).replace(STOP, f"\\u002a{STOP[1:]}")
        return f"*FUNCTION*: {call.name}\n*ARGS*: {arguments}"


def connect(space: ActionSpace) -> Notation:
    """The notation for an action space."""
    return FunctionArgs(space)


def _continue(space: ActionSpace) -> str:
    return Template(words("continue")).substitute(names=", ".join(kind.__name__ for kind in space.actions))
