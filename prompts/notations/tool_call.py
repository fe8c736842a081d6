"""The `<tool_call>` JSON notation, on which the released Qwen2.5-VL checkpoints were tuned.

The surrounding text is the checkpoints' chat template, which the weights know by heart. A reply is followed by the end
of the turn, and a result is a user message: there is no stop string.
"""

import json
from string import Template

from actions.action import Action, ActionSpace, Call
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, tools, words
from prompts.notations import Notation
from prompts.vocabulary.functions import chosen, write_function

_CALL = '(blank (json | tags) | [ ]* "\\n" (name | function) parens) (blank "</tool_call>")?'
"""Behind the keyword."""


class ToolCall(Notation):
    """This notation for one action space."""

    result_frame = ("<tool_response>\n", "\n</tool_response>")
    keyword = "<tool_call>"
    advice = (
        "Write a call as the functions were described: between tool_call tags, one JSON object with the function's "
        '"name" and its "arguments".'
    )

    def called(self, kind: type[Action]) -> str:
        return tools.called(self.space, kind)

    def system(self, frame: Size) -> str:
        return Template(words("tools")).substitute(tools=tools.listed(self.space, frame))

    def term(self, kind: type[Action], field: str) -> str:
        return tools.term(chosen(self.space), kind, field)

    def grammar(self) -> Grammar:
        return Grammar(self.keyword, grammar.of_calls(_CALL, self.vocabulary))

    def write_call(self, call: Call) -> str:
        """The call of the screen's function if that has the gesture, else of a function with the action's name."""
        name = chosen(self.space)
        arguments = write_function(name, call) if name else None
        if not name or arguments is None or self.vocabulary.ours(Call(name, arguments)) != [call]:
            name, arguments = call.name, dict(call.arguments)
        written = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
        return f"<tool_call>\n{written}\n</tool_call>"


def connect(space: ActionSpace) -> Notation:
    """The notation for an action space."""
    return ToolCall(space)
