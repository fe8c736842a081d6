"""What is wrong with the arguments of a call, in one line for the model: our own words for what pydantic finds."""

from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

MOST = 4
"""How many faults are named."""
_SHOWN = 60
"""Characters of a wrong value that are shown."""
_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no argument of this action",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must not be empty",
    "too_long": "must have at most {max_length} parts",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "value_error": "{error}",
}
"""By the type of pydantic's error, with its context."""
_OTHERWISE = "cannot be used"
_BY_BEGINNING: Mapping[str, str] = {
    "int_": "must be a whole number",
    "float_": "must be a number",
    "finite_": "must be a number",
    "decimal_": "must be a number",
    "list_": "must be a list",
    "tuple_": "must be a list",
    "set_": "must be a list",
    "dict_": "must be an object",
    "mapping_": "must be an object",
    "enum": "must be {expected}",
    "string_pattern": "does not have the form {pattern}",
}


Named = Callable[[Sequence[int | str]], str]
"""What the prompt calls the place of a fault."""


def complaint(error: ValidationError, named: Named) -> str:
    """The faults, each with the argument's name and the wrong value."""
    problems = error.errors(include_url=False)[:MOST]
    return "; ".join(
        f"{place}: {fault(problem)}" if (place := named(problem["loc"])) else fault(problem) for problem in problems
    )


def fault(problem: ErrorDetails) -> str:
    """One fault in our own words, with the wrong value."""
    kind = problem["type"]
    words = _WORDS.get(kind) or next((text for begins, text in _BY_BEGINNING.items() if kind.startswith(begins)), "")
    said = (words or ("is missing" if problem["input"] is None else _OTHERWISE)).format_map(problem.get("ctx", {}))
    of_a_whole = kind == "value_error" and isinstance(problem["input"], Mapping)  # its message names what is wrong
    given = "" if kind == "missing" or of_a_whole else f" (got {repr(problem['input'])[:_SHOWN]})"
    return f"{said}{given}"
