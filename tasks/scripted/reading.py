"""`read_suite_file`: a TOML or YAML file, checked as a whole before anything runs; errors name the line."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from actions import complaints
from actions.errors import UsageError
from actions.text_files import read_text
from tasks.scripted.checks import KINDS
from tasks.scripted.fitting import KEYS, alike, misfits
from tasks.scripted.lines import LineOf, Location, toml_line, yaml_line
from tasks.scripted.schema import SuiteFile
from tasks.scripted.variables import Misfit, expanded


def read_suite_file(path: Path, above: Mapping[str, str] = {}) -> SuiteFile:
    """The tasks of a file, variables filled in; `above` are the variables of the file that includes it.

    Raises:
        UsageError: it cannot be read or is not a valid suite; the message names file and line.
    """
    try:
        text = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The suite {path} cannot be read: {error}.") from error
    content, line_of = _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)
    try:
        content, origins = expanded(content, above)
    except Misfit as misfit:
        raise UsageError(f"{path}, line {line_of(misfit.place)}: {misfit}") from misfit

    def written(place: Location) -> Location:
        """A place in the expanded content as a place in the file."""
        if len(place) > 1 and place[0] == "tasks" and isinstance(place[1], int):
            return ("tasks", origins[place[1]], *place[2:])
        return place

    try:
        found = SuiteFile.model_validate(content)
    except ValidationError as error:
        raise UsageError("\n".join(_complaints(path, error, lambda place: line_of(written(place)), written))) from error
    wrong = [f"{path}, line {line_of(written(place))}: {why}" for place, why in misfits(found, path.resolve().parent)]
    if wrong:
        raise UsageError("\n".join(dict.fromkeys(wrong)))  # once for all rows of a task
    return found


def _complaints(
    path: Path, error: ValidationError, line_of: LineOf, written: Callable[[Location], Location]
) -> list[str]:
    """A line for each fault, once for all rows of a task; a list whose parts are wrong is not wrong as well."""

    def said(problem: ErrorDetails) -> str:
        # The place of a check has its kind after its index, which is no key of the file.
        place = [part for at, part in enumerate(written(problem["loc"])) if at != 4 or part not in KINDS]
        key = ".".join(map(str, place)) or "the suite"
        fault = _fault(problem)
        end = "" if fault.endswith("?") else "."
        return (
            f"{path}, line {line_of(problem['loc'])}: {key}: {fault}{end} tasks/scripted/example.toml shows every key."
        )

    problems = error.errors(include_url=False)
    places = [problem["loc"] for problem in problems]
    inmost = [one for one in problems if not any(one["loc"] == at[: len(one["loc"])] != at for at in places)]
    return list(dict.fromkeys(map(said, inmost)))


def _fault(problem: ErrorDetails) -> str:
    """What is wrong, in our own words."""
    match problem["type"]:
        case "extra_forbidden":
            return f"there is no such key here{alike(str(problem['loc'][-1]), KEYS)}"
        case "union_tag_invalid":
            return f"there is no kind {problem['ctx']['tag']!r}{alike(str(problem['ctx']['tag']), KINDS)}"
        case "union_tag_not_found":
            return f"`kind` is missing; the kinds are {', '.join(KINDS)}"
        case "value_error":
            return str(problem["ctx"]["error"])
        case "model_type" | "model_attributes_type":
            return f"must be a table of keys, not {problem['input']!r}"
    return complaints.fault(problem)


def _toml(path: Path, text: str) -> tuple[object, LineOf]:
    try:
        return tomllib.loads(text), lambda location: toml_line(text, location)
    except tomllib.TOMLDecodeError as error:
        line = found[1] if (found := re.search(r"line (\d+)", str(error))) else 1
        raise UsageError(f"{path}, line {line}: not valid TOML: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error


def _yaml(path: Path, text: str) -> tuple[object, LineOf]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return yaml.safe_load(text), lambda location: yaml_line(root, location)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}, line {line}: not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
