"""The notation of pyautogui's Python code, on which OpenCUA and Aguvis were tuned. Code is read, never run.

What pyautogui lacks are functions of `computer` and `mobile`, as these families call them; other actions are functions
of `computer` with our names.
"""

from collections.abc import Mapping

from actions.action import ActionSpace
from actions.mouse import Drag, Scroll
from model.engine import Grammar
from prompts import grammar
from prompts.by_verb import EXAMPLES, ByVerb, literal
from prompts.vocabulary.functions import USUAL_NOTCHES
from prompts.vocabulary.verbs import PYAUTOGUI, Verb

_CODE = '("pyautogui." | "computer." | "mobile." | "browser.")? (name | function) parens ";"?'
_COMMENT = '[ \\t]* ("#" [^\\n]*)?'
_LINE = f"([ \\t]* {_CODE})? {_COMMENT}"
_CALL = f'[ \\t]* ("\\n" {_LINE})* "\\n" [ \\t]* {_CODE} {_COMMENT} ("\\n" {_LINE})* ("\\n```")?'
"""Behind the keyword: calls, a line each, at least one of them."""
_SIGNS: Mapping[object, tuple[str, int]] = {
    "up": ("scroll", 1), "down": ("scroll", -1), "right": ("hscroll", 1), "left": ("hscroll", -1),
}  # fmt: skip
_AT = "x={}, y={}"


class PyAutoGui(ByVerb):
    """This notation for one action space."""

    verbs = PYAUTOGUI
    words = "pyautogui"
    around = ("```python\n", "\n```")
    examples = {**EXAMPLES, "keys": ["ctrl", "c"]}
    keyword = "```python"
    advice = (
        "Write a call as the format was described: what you think, then a block of Python code with one of the listed "
        "calls."
    )

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        said, name, moved = dict(fields), verb.name, ""
        if verb.action is Drag and isinstance(start := said.pop("start", None), list):
            moved = f"pyautogui.moveTo({_AT.format(*start)})\n"
        if verb.action is Scroll:
            function, sign = _SIGNS[said.pop("direction", "up")]
            notches = said.pop("notches", USUAL_NOTCHES)
            name, said = f"pyautogui.{function}", {"notches": sign * notches if isinstance(notches, int) else 0} | said
        words = {ours: word for word, ours in verb.words.items()}
        if not said.keys() <= words.keys():
            return None
        return f"{moved}{name}({', '.join(_argument(words[field], value) for field, value in said.items())})"

    def by_name(self, name: str, fields: Mapping[str, object]) -> str:
        return f"computer.{super().by_name(name, fields)}"

    def grammar(self) -> Grammar:
        return Grammar(self.keyword, grammar.of_calls(_CALL, self.vocabulary, grammar.IN_CODE))


def _argument(word: str, value: object) -> str:
    return _AT.format(*value) if word == "x, y" and isinstance(value, list) else f"{word}={literal(value)}"


def connect(space: ActionSpace) -> PyAutoGui:
    """The notation for an action space."""
    return PyAutoGui(space)
