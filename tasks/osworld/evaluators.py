"""OSWorld's evaluator functions and getters, as far as our tasks use them, under OSWorld's own names.

The functions behave like OSWorld's (`desktop_env/evaluators/metrics/general.py`, `vscode.py`), with one difference: a
file is passed as its text instead of its path, and a missing file is None.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Run = Callable[..., str]
"""Runs a program, given as a list of words, on the task's machine; returns its output."""


def exact_match(result: str | None, rules: Mapping[str, str]) -> float:
    """1 if the result equals the expected one exactly."""
    return float(result == rules["expected"])


def check_include_exclude(result: str | None, rules: Mapping[str, list[str]]) -> float:
    """1 if the result contains all of `include` and none of `exclude`."""
    if result is None:
        return 0.0
    held = all(part in result for part in rules.get("include", []))
    return float(held and not any(part in result for part in rules.get("exclude", [])))


def is_in_list(result: list[str] | str | None, rules: Mapping[str, str]) -> float:
    """1 if the expected value is one of the results."""
    return float(result is not None and rules["expected"] in result)


def compare_text_file(
    actual: str | None, expected: str, ignore_blanks: bool = False, ignore_case: bool = False
) -> float:
    """1 if two files have the same text. `ignore_blanks` collapses every run of white space to one space."""
    if actual is None:
        return 0.0
    texts = [actual, expected]
    if ignore_blanks:
        texts = [re.sub(r"\s+", " ", text).strip() for text in texts]
    if ignore_case:
        texts = [text.lower() for text in texts]
    return float(texts[0] == texts[1])


def vm_file(run: Run, path: str, dest: str = "") -> str | None:
    """The text of a file. `dest`, OSWorld's target of the copy, is ignored."""
    file = Path(path)
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else None


def vm_command_line(run: Run, command: list[str]) -> str:
    """The output of a program."""
    return run(*command)


def rule(run: Run, rules: Any) -> Any:
    """A value from the task itself."""
    return rules


def inline_file(run: Run, content: str) -> str:
    """A file's text from the task itself, in place of OSWorld's `cloud_file`."""
    return content


def conjoined(scores: list[float], conj: str) -> float:
    """Combines scores: `and` gives their mean if none is 0, `or` the best."""
    if conj == "or":
        return max(scores)
    return sum(scores) / len(scores) if all(scores) else 0.0


METRICS: Mapping[str, Callable[..., float]] = {
    function.__name__: function for function in (exact_match, check_include_exclude, is_in_list, compare_text_file)
}
GETTERS: Mapping[str, Callable[..., Any]] = {
    getter.__name__: getter for getter in (vm_file, vm_command_line, rule, inline_file)
}
