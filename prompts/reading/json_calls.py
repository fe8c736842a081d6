"""Reads a call from a JSON object, whatever its words for the name and the arguments."""

from collections.abc import Mapping, Set

from actions.action import Call
from prompts.reading.loose_json import Unreadable, add
from prompts.reading.positional import as_mapping, in_parentheses
from prompts.vocabulary.names import spelled
from prompts.vocabulary.words import ARGUMENTS

_WRAPPERS = ("function", "tool_call", "function_call", "action", "call")
_NAMES = ("name", "function", "function_name", "action", "action_type", "action_name", "tool", "tool_name", "type")
_SURELY_A_NAME = frozenset({"action", "action_type", "action_name", "function_name"})
_ARGUMENTS = ("arguments", "args", "parameters", "params", "input", "action_input", "kwargs")
_THOUGHTS = frozenset({
    "thought", "thoughts", "thinking", "reasoning", "reason", "explanation", "analysis", "plan", "observation",
    "conclusion",
})  # fmt: skip


def json_call(found: object, verbs: Set[str]) -> Call | None:
    """The call of an object, or None if it is not a call; `verbs` as in `find_calls`.

    Raises:
        Unreadable: it contains another call besides it.
    """
    if not isinstance(found, Mapping):
        return None
    for wrapper in _WRAPPERS:
        inner = found.get(wrapper)
        if isinstance(inner, Mapping):
            _check_alone(found, {wrapper}, verbs)
            call = json_call(inner, verbs)
            others = (word for word in found if word not in (wrapper, *_ARGUMENTS, *_NAMES))
            if call and (beside := next((word for word in others if spelled(word) in ARGUMENTS), "")):
                raise Unreadable(f"{beside[:40]!r} stands beside the call; write it among its arguments", 0)
            return call
    call = _named(found, verbs)
    if call:
        _check_alone(found, set(_ARGUMENTS), verbs)
    return call


def _check_alone(found: Mapping[str, object], own: Set[str], verbs: Set[str]) -> None:
    """Refuses an object that contains another call under a foreign key."""
    for word, value in found.items():
        for part in value if isinstance(value, list) else [value]:
            if word not in own and isinstance(part, Mapping) and json_call(part, verbs):
                raise Unreadable(f"it holds another call under {word[:40]!r}; write an object for each call", 0)


def _named(found: Mapping[str, object], verbs: Set[str]) -> Call | None:
    """The call of an object, with the name under this key."""
    key = next((key for key in _NAMES if isinstance(found.get(key), str)), None)
    if key is None:
        return _keyed_by_name(found, verbs)
    name = str(found[key]).strip()
    if "(" in name:
        return _called(name)
    arguments = [word for word in _ARGUMENTS if word in found]
    if arguments:
        return Call(name, _joined(name, found, key, arguments))
    if key not in _SURELY_A_NAME and spelled(name) not in verbs:
        return None
    rest = {word: value for word, value in found.items() if word != key and word not in _THOUGHTS}
    return Call(name, as_mapping(name, rest))


def _joined(name: str, found: Mapping[str, object], key: str, places: list[str]) -> dict[str, object]:
    """The arguments under their keys, and those beside them.

    Raises:
        Unreadable: two of them are for one argument.
    """
    joined: dict[str, object] = {}
    beside = {word: value for word, value in found.items() if spelled(word) in ARGUMENTS and word not in (key, *places)}
    for given in (*(as_mapping(name, found[place]) for place in places), as_mapping(name, beside)):
        for word, value in given.items():
            if not add(joined, word, value):
                raise Unreadable(f"{word[:40]!r} is given twice, with different values; give it once", 0)
    return joined


def _keyed_by_name(found: Mapping[str, object], verbs: Set[str]) -> Call | None:
    """The call in `{"Click": {"point": [348, 291]}}`."""
    names = [word for word in found if word not in _THOUGHTS]
    if len(names) != 1 or spelled(names[0]) not in verbs:
        return None
    value = found[names[0]]
    return Call(names[0], as_mapping(names[0], value)) if isinstance(value, Mapping | list) else None


def _called(text: str) -> Call | None:
    """The call in a name such as `click(start_box='(348,291)')`."""
    name, _, rest = text.partition("(")
    try:
        return Call(name.strip(), in_parentheses(name, rest, 0)[0])
    except Unreadable:
        return None
