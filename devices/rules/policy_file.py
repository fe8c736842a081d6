"""`read_policy`: a policy's TOML file, checked; every error names the file, the key and the value."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from actions.action import Action
from actions.complaints import complaint
from actions.errors import UsageError
from actions.keyboard import KEYBOARD
from actions.mouse import MOUSE
from actions.phone import PHONE
from actions.text_files import read_text
from actions.touch import TOUCH
from actions.web import UPLOAD, WEB
from devices.rules.policy import Policy, Rule
from devices.rules.sites import Site
from devices.rules.verdict import Decision

_ACTING: tuple[type[Action], ...] = (*MOUSE, *TOUCH, *KEYBOARD, *PHONE, *WEB, *UPLOAD)
KINDS = tuple(dict.fromkeys(kind.__name__ for kind in _ACTING))
"""The kinds of actions that a rule can name: those that do something on a device."""
CONDITIONS = ("actions", "hosts", "schemes", "apps", "words")
DECISIONS = tuple(decision.value for decision in Decision)


def read_policy(path: Path) -> Policy:
    """The policy in a file.

    Raises:
        UsageError: it cannot be read, or is not a valid policy.
    """
    try:
        content = tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"The policy {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The policy {path} cannot be read: {error}.") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"The policy {path} is not valid TOML: {error}.") from error
    try:
        _check(content)
        return Policy.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"The policy {path}: {complaint(error, _place)}.") from error
    except ValueError as error:
        raise UsageError(f"The policy {path}: {error}.") from error


def _check(content: Mapping[str, object]) -> None:
    """Raises ValueError for what the types alone do not show."""
    _require_known("", content, Policy.model_fields)
    if "default" in content:
        _require_decision("default", content["default"])
    rules = content.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        raise ValueError("rule: write each rule as a table of its own, under the line [[rule]]")
    for number, rule in enumerate(rules, start=1):
        _check_rule(f"rule {number}", rule)


def _check_rule(place: str, rule: Mapping[str, object]) -> None:
    _require_known(f"{place}: ", rule, Rule.model_fields)
    if "decision" not in rule:
        raise ValueError(f"{place}: decision is missing; it is one of {', '.join(DECISIONS)}")
    _require_decision(f"{place}, decision", rule["decision"])
    given = [name for name in CONDITIONS if name in rule]
    if not given:
        raise ValueError(f"{place}: it has no condition, so it is about everything. Write that as default")
    for name in given:
        values = rule[name]
        if not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            raise ValueError(f'{place}, {name}: must be a list of texts, such as ["one", "two"] (got {values!r})')
        for value in values:
            if fault := _fault(name, value):
                raise ValueError(f"{place}, {name}: {value!r} {fault}")


def _fault(name: str, value: str) -> str:
    """What is wrong with a value of a condition; empty if nothing is."""
    match name:
        case "actions" if value not in KINDS:
            return f"is no kind of action.{_meant(value, KINDS)} They are: {', '.join(KINDS)}"
        case "hosts":
            try:
                Site.read(value)
            except ValueError as error:
                return f"is no host: {error}"
        case "schemes" if not re.fullmatch(r"[a-z][a-z0-9+.-]*", value):
            plain = re.sub(r":?/*$", "", value.strip().lower())
            return f"is no scheme.{f' Did you mean {plain!r}?' if plain else ''} Write it like http"
        case "apps" | "words" if not value.strip("* \t"):
            return "is about everything. Write that as default, or leave this condition out"
    return ""


def _require_known(place: str, given: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for key in given:
        if key not in names:
            raise ValueError(f"{place}there is no key {key!r}.{_meant(key, names)} The keys are: {', '.join(names)}")


def _require_decision(place: str, value: object) -> None:
    if value not in DECISIONS:
        raise ValueError(f"{place}: must be one of {', '.join(DECISIONS)} (got {value!r}).{_meant(value, DECISIONS)}")


def _meant(written: object, known: Iterable[str]) -> str:
    """The question whether a known word was meant; empty if none is similar."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(str(written).lower(), by_lower, n=1)
    return f" Did you mean {by_lower[found[0]]!r}?" if found else ""


def _place(location: Iterable[int | str]) -> str:
    """The place of a fault in the file, such as `rule 2, why`."""
    parts = list(location)
    if len(parts) > 1 and isinstance(parts[1], int):
        parts[:2] = [f"rule {parts[1] + 1}"]
    return ", ".join(map(str, parts))
