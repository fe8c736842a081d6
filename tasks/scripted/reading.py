"""`read_suite_file`: a TOML or YAML file checked against the schema, errors name the line."""

import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from pydantic import ValidationError

from actions.errors import UsageError
from tasks.scripted.schema import SuiteFile

Location = Sequence[str | int]
LineOf = Callable[[Location], int]
"""The line, from 1, of the nearest part of the file to a location such as `tasks`, 0, `checks`."""


def read_suite_file(path: Path) -> SuiteFile:
    """The tasks of a file.

    Raises:
        UsageError: it cannot be read or is not a valid suite; the message names file and line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The suite {path} cannot be read: {error}.") from error
    content, line_of = _toml(path, text) if path.suffix == ".toml" else _yaml(path, text)
    try:
        found = SuiteFile.model_validate(content)
    except ValidationError as error:
        raise UsageError("\n".join(_complaints(path, error, line_of))) from error
    ids = [task.id for task in found.tasks]
    for index, name in enumerate(ids):
        if name in ids[:index]:
            line = line_of(("tasks", index, "id"))
            raise UsageError(f"{path}, line {line}: there is another task {name!r}. Give each its own id.")
    return found


def _complaints(path: Path, error: ValidationError, line_of: LineOf) -> list[str]:
    return [
        f"{path}, line {line_of(problem['loc'])}: {'.'.join(map(str, problem['loc'])) or 'suite'}: "
        f"{problem['msg'].removeprefix('Value error, ')}. tasks/scripted/example.toml shows every key."
        for problem in error.errors()
    ]


def _toml(path: Path, text: str) -> tuple[object, LineOf]:
    try:
        return tomllib.loads(text), lambda location: toml_line(text, location)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error


def _yaml(path: Path, text: str) -> tuple[object, LineOf]:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        return yaml.safe_load(text), lambda location: yaml_line(root, location)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise UsageError(f"{path}, line {line}: not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {error}.") from error


def toml_line(text: str, location: Location) -> int:
    """The line of a location in a TOML text; parts without their own line have their owner's."""
    lines = text.split("\n")
    at, end = 0, len(lines)
    owner: list[str] = []
    for part, following in zip(location, [*location[1:], ""], strict=True):
        if isinstance(part, int):
            continue
        name = re.escape(".".join([*owner, part]))
        if isinstance(following, int):
            found = _matching(lines, rf"\s*\[\[\s*{name}\s*\]\]", at, end)
            if following < len(found):
                at, end = found[following], [*found, end][following + 1]
                owner.append(part)
                continue
        found = _matching(lines, rf"\s*\[\s*{name}\s*\]|\s*{re.escape(part)}\s*[=.]", at, end)
        if found:
            at = found[0]
            owner.append(part)
    return at + 1


def _matching(lines: list[str], pattern: str, start: int, end: int) -> list[int]:
    return [number for number in range(start, end) if re.match(pattern, lines[number])]


def yaml_line(node: yaml.Node | None, location: Location) -> int:
    """The line of a location in a YAML document; missing parts have their owner's."""
    line = node.start_mark.line + 1 if node else 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            pairs = [pair for pair in node.value if pair[0].value == part]
            if not pairs:
                continue
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
