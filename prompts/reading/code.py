"""Calls as pyautogui's Python code. Only literal values are read; code is never run."""

import re
from collections.abc import Mapping, Sequence

from prompts.reading.loose_json import Unreadable
from prompts.vocabulary.names import spelled
from prompts.vocabulary.words import SPARE

_LIBRARY = r"(?:pyautogui|computer|mobile|browser)\."
IS_CODE = re.compile(rf"\b{_LIBRARY}\w+\(")
OF_A_LIBRARY = re.compile(rf"{IS_CODE.pattern}$")
"""A certain call, even of an unknown function."""
COMMENTED = re.compile(rf"[^\w\n]*#[^\w\n]*{_LIBRARY}")
FLOW = re.compile(
    r"^[^\S\n]*(?:for\s[^\n]{1,80}\sin\s|while\s|(?:el)?if\s|with\s|def\s|try|else|except|finally)[^\n]{0,200}:"
    rf"[^\S\n]*(?:#[^\n]{{0,200}})?\n(?:[^\S\n]{{1,80}}[^\n]{{0,200}}\n){{0,20}}?[^\S\n]+(?:{_LIBRARY}|\w{{1,40}}\()",
    re.MULTILINE,
)
"""A block that may run its calls never or several times."""
STATEMENT = re.compile(
    r"^[^\w\n#]{0,8}+(?:(?i:(?:next\s)?action)[^\w\n]{1,8})?(?:\w{1,40}[^\S\n]{0,3}=[^\S\n]{0,3})?"
    r"(?!print\()(?P<name>(?:[A-Za-z_]\w{0,40}\.){0,4}[A-Za-z_]\w{0,40})"
    r"(?!\([\d.,\s]*\),\s*\()\([^\n]{0,400}\)[;`]{0,3}[^\S\n]{0,9}"
    r"(?:#[^\n]{0,200})?$",
    re.MULTILINE,
)
"""A line that calls a function, other than `print`. `label(1,2),(3,4)` is none but a box that lost its marks."""
REPEATED = re.compile(
    r"[\s)]{0,20}(?:for\s{1,4}[\w, ()*]{1,60}\sin\s[^\n\])]{1,200}[\])]|for\s{1,4}_\sin\b|if\s[^\n]{1,200}?\selse\b)"
)
"""The text after a call that a comprehension repeats or a condition guards."""
COMPUTED_TEXT = re.compile(r"""\s*(?:"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')\s*(?:[+%*]\s*[\w"']|\.\w+\()""")
"""A string that is joined, repeated or formatted."""
_OWN_MEANING = frozenset({"move", "drag", "press"})
"""Names with another meaning in pyautogui: its move and drag are aliases of moveRel and dragRel."""
_CLICK = ("x", "y", "interval", "button")
_SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "click": ("x", "y", "clicks", "interval", "button"),
    "doubleclick": _CLICK, "rightclick": _CLICK, "middleclick": _CLICK, "tripleclick": _CLICK,
    "moveto": ("x", "y", "duration", "tween"),
    "dragto": ("x", "y", "duration", "tween", "button"),
    "scroll": ("clicks", "x", "y"), "vscroll": ("clicks", "x", "y"), "hscroll": ("clicks", "x", "y"),
    "write": ("message", "interval"), "typewrite": ("message", "interval"),
    "press": ("keys", "presses", "interval"),
    "mousedown": ("x", "y", "button"), "mouseup": ("x", "y", "button"),
}  # fmt: skip
"""The positional arguments of pyautogui's functions (pyautogui 0.9.54), by name as `spelled`."""


def function_name(verb: str) -> str:
    """Our name of a function of pyautogui, with the library if the verb alone has another meaning."""
    return f"pyautogui.{verb}" if verb in _OWN_MEANING else verb


def positional(verb: str, values: Sequence[object]) -> dict[str, object] | None:
    """The values under the function's parameter names, or None if it is unknown or takes a pair.

    Raises:
        Unreadable: there are more values than the function takes.
    """
    words = _SIGNATURES.get(spelled(verb))
    if not words or not values:
        return None
    if words[0] == "x" and isinstance(values[0], list):
        return None
    if len(values) > len(words):
        raise Unreadable(f"{verb} takes at most {len(words)} values without names", 0)
    return dict(zip(words, values, strict=False))


def check_literal(word: str, value: object) -> None:
    """Refuses an unquoted name in place of a value, such as a variable; allowed for superfluous words.

    Raises:
        Unreadable: it is not a literal.
    """
    if isinstance(value, str) and spelled(word) not in SPARE:
        raise Unreadable(f"{value[:40]!r} is no value, and code is not run; write the value itself", 0)
