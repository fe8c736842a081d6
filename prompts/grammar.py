"""The grammars of calls, to which an engine holds a model while it writes one.

A grammar allows every call that is read, and holds a model to two things: the call names an action that there is, and
its arguments can be read. What they say is not held. If a point lies outside the picture, or a word is missing, the
model is told. A grammar would make another point, or another word, of it, which the model did not mean.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from string import Template

from actions.action import Action, ActionSpace
from actions.errors import UsageError
from actions.geometry import PARTS, UP_TO_999, Size
from prompts import schema
from prompts.reading.loose_json import QUOTATIONS, QUOTES
from prompts.vocabulary import Vocabulary
from prompts.vocabulary.functions import ALSO_CALLED, FUNCTIONS, chosen
from prompts.vocabulary.names import words_in

_FILE = Path(__file__).parent / "calls.gbnf"
_RULES = "\n".join(line for line in _FILE.read_text(encoding="utf-8").splitlines() if "::=" in line) + "\n"
_QUOTED = re.compile(r"quoted\(([^()]*)\)")
_IN_KEY = "\"\u201d\u201c\uff02'\u2019\u2018\uff07\\\\"


ANY_SEPARATOR = "[ _.-]?"
"""What stands between the words of an action's name."""
IN_CODE = "[_.]?"
"""The same where a name is an identifier in code."""


def of_calls(call: str, vocabulary: Vocabulary, separator: str = ANY_SEPARATOR) -> str:
    """The grammar whose whole text is `call`, a rule in terms of those in `calls.gbnf`.

    `separator` is the rule of what may stand between the words of an action's name.
    """
    names = {name for kind in vocabulary.space.actions for name in vocabulary.names(kind)}
    if vocabulary.buttons:
        names.add("system_button")
    if chosen(vocabulary.space):
        functions, actions = any_of(map(literal, (*FUNCTIONS, *ALSO_CALLED))), "name"
    else:  # there, `action` is an argument like others
        functions, actions = "name", "name | bare"
    named = any_of(map(_name, sorted(names)))
    rules = Template(_QUOTED.sub(lambda found: quoted(found[1]), _RULES)).substitute(
        call=call, separator=separator, names=named, functions=functions, actions=actions
    )
    keys = {f"in-not-{word}": other_than(word, _IN_KEY) for word in ("action", "arguments")}
    keys |= {f"not-{word}": f"{quoted(f'in-not-{word}')} | odd-key" for word in ("action", "arguments")}
    keys |= {"not-action-tag": other_than("action", "<>"), "up-to-parameter": up_to("</parameter>")}
    keys["other-said"] = any_of(map(_in_other_quotes, QUOTES))
    return rules + "".join(f"{name} ::= {rule}\n" for name, rule in keys.items())


def literal(text: str) -> str:
    """The rule of this text alone."""
    return json.dumps(text, ensure_ascii=False)


def quoted(rule: str) -> str:
    """The rule of a text in quotes."""
    return f"({any_of(f'{literal(opens)} {rule} [{ends}]' for opens, ends in QUOTES.items())})"


def _in_other_quotes(opens: str) -> str:
    """The rule of the texts that this quote opens, but those whose both quotes are the same ASCII one.

    What cannot follow a text does not follow a quote that is the text's own; ASCII quotes may hold a whole quotation.
    """
    ends = QUOTES[opens]
    left, right = QUOTATIONS.get(opens, ("", ""))
    both = f"{left}{ends}\\\\"
    quotation = f"| {literal(left)} [^{both}]* {literal(right)} " if left else ""
    last = literal(right) if right else f"[{ends}]+"
    own = rf'[{ends}]+ " "? [^ \n\t\r,}})\]{both}]'
    return f"{literal(opens)} ([^{both}] | escape {quotation}| {own})* {last}"


def any_of(rules: Iterable[str]) -> str:
    """The rule of one of several."""
    return " | ".join(dict.fromkeys(rules))


def other_than(word: str, without: str) -> str:
    """The rule of the texts that are not `word` and have none of the characters of a class, `without`."""
    rule = f"[^{without}]+"
    for letter in reversed(word):
        rule = f'([^{without}{letter}] [^{without}]* | "{letter}" {rule})?'
    return rule


def up_to(end: str) -> str:
    """The rule of any text and this end, which the text does not hold. The end's first character is not repeated."""
    first, rest = end[0], end[1:]
    begun, broken = "", f"[^{rest[-1]}{first}]"
    for letter in reversed(rest[:-1]):
        begun = f'("{letter}" {begun})?'
        broken = f'([^{letter}{first}] | "{letter}" {broken})'
    some = f'"{first}" ({begun} "{first}")*'
    return f"([^{first}] | {some} {broken})* ({some} {begun})? {literal(end)}"


def pointing(space: ActionSpace) -> type[Action]:
    """The action that only says where.

    Raises:
        UsageError: the space has none.
    """
    for kind in space.actions:
        if schema.parameters(kind)["required"] == ["point"]:
            return kind
    names = ", ".join(kind.__name__ for kind in space.actions)
    raise UsageError(f"None of the actions {names} takes a point and nothing else. Ground on a device with a screen.")


def place(frame: Size) -> tuple[str, str]:
    """The rules of a point's two numbers."""
    if frame == PARTS:
        part = '("0" ("." [0-9] [0-9]? [0-9]? [0-9]?)? | "1" ".0"?)'
        return part, part
    beyond = 0 if frame == UP_TO_999 else 1
    return f'("0" | {whole(frame.width - beyond)})', f'("0" | {whole(frame.height - beyond)})'


def whole(highest: int) -> str:
    """The rule of the numbers from 1 to `highest`, written without leading zeros."""
    digits = str(highest)
    shorter = ["[1-9]" + " [0-9]" * extra for extra in range(len(digits) - 1)]
    lower = [
        f'"{digits[:place]}" [{int(place == 0)}-{int(digit) - 1}]' + " [0-9]" * (len(digits) - place - 1)
        for place, digit in enumerate(digits)
        if int(digit) > int(place == 0)
    ]
    return any_of([*shorter, *lower, f'"{digits}"'])


def _name(name: str) -> str:
    """The rule of a name's spellings: in any case, its words joined or with a separator between them."""
    return " separator ".join("".join(map(_letter, word)) for word in words_in(name))


def _letter(letter: str) -> str:
    return f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else f'"{letter}"'
