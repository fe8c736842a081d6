"""The `<function=...><parameter=...>` notation, which Qwen3.5's chat template requires for calls.

The functions are those of `tool_call`. A value is text between tags, which may be JSON.
"""

import json
from collections.abc import Mapping
from string import Template

from actions.action import ActionSpace, Call
from actions.geometry import Size
from prompts import tools, words
from prompts.notations.tool_call import ToolCall
from prompts.reading.loose_json import Unreadable
from prompts.reading.tagged_calls import function_call, with_values


class XmlCall(ToolCall):
    """This notation for one action space."""

    advice = (
        "Write a call as the format was described: between tool_call tags, <function=its name> with one "
        "<parameter=name> for each argument."
    )

    def system(self, frame: Size) -> str:
        return Template(words("xml_tools")).substitute(tools=tools.listed(self.space, frame))

    def write_call(self, call: Call) -> str:
        """The call between tags; a value is JSON if its text would be read as another value."""
        as_json = super().write_call(call)
        said = json.loads(as_json.removeprefix("<tool_call>\n").removesuffix("\n</tool_call>"))
        name, arguments = said["name"], said["arguments"]
        values = {word: value if isinstance(value, str) else json.dumps(value) for word, value in arguments.items()}
        written = _written(name, values)
        opening = f"<function={name}>"
        try:
            read, _ = function_call(name, written, written.index(opening) + len(opening))
        except Unreadable:
            return as_json
        return written if with_values(read, self.vocabulary.texts(name)).arguments == arguments else as_json


def _written(name: str, values: Mapping[str, str]) -> str:
    parameters = "".join(f"<parameter={word}>\n{value}\n</parameter>\n" for word, value in values.items())
    return f"<tool_call>\n<function={name}>\n{parameters}</function>\n</tool_call>"


def connect(space: ActionSpace) -> XmlCall:
    """The notation for an action space."""
    return XmlCall(space)
