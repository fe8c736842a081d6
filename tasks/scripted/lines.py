"""`toml_line` and `yaml_line`: the line of a part of a file, for the messages about it."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import yaml

Location = Sequence[str | int]
LineOf = Callable[[Location], int]
"""The line, from 1, of the nearest part of the file to a location such as `tasks`, 0, `checks`."""
_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\])*"|\'[^\']*\'|#[^\n]*|[\[\]{},=]|[^\s\[\]{},=#"\']+',
    re.DOTALL,
)
"""A text, a comment, a sign, or any other word of a TOML value."""


class _Entry(NamedTuple):
    """An element of an inline array, or a pair of an inline table."""

    key: str
    start: int
    value: int
    """Where the value begins; where the entry does in an array."""


def toml_line(text: str, location: Location) -> int:
    """The line of a location in a valid TOML text; missing parts have their owner's."""
    lines = text.split("\n")
    at, end = 0, len(lines)
    owner: list[str] = []
    for index, part in enumerate(location):
        if isinstance(part, int):
            continue
        name = re.escape(".".join([*owner, part]))
        following = location[index + 1] if index + 1 < len(location) else ""
        if isinstance(following, int):
            found = _matching(lines, rf"\s*\[\[\s*{name}\s*\]\]", at, end)
            if following < len(found):
                at, end = found[following], [*found, end][following + 1]
                owner.append(part)
                continue
        if found := _matching(lines, rf"\s*\[\[?\s*{name}\s*\]", at, end):
            at = found[0]
            owner.append(part)
        elif found := _matching(lines, rf"\s*{re.escape(part)}\s*[=.]", at, end):
            start = sum(len(line) + 1 for line in lines[: found[0]])
            inside = _inline(text, text.index("=", start) + 1, location[index + 1 :])
            return text.count("\n", 0, start if inside is None else inside) + 1
    return at + 1


def _matching(lines: list[str], pattern: str, start: int, end: int) -> list[int]:
    return [number for number in range(start, end) if re.match(pattern, lines[number])]


def _inline(text: str, start: int, location: Location) -> int | None:
    """The position of the nearest part to a location within the value at a position; None if no part is there."""
    nearest = None
    for part in location:
        entries = list(_entries(text, start))
        if isinstance(part, int):
            entries = entries[part : part + 1]
        else:
            entries = [entry for entry in entries if entry.key == part]
        if entries:
            nearest, start = entries[0].start, entries[0].value
    return nearest


def _entries(text: str, start: int) -> Iterator[_Entry]:
    """The entries of the inline array or table that begins at a position, or behind space and comments after it."""
    depth, begins = 0, False
    tokens = (found for found in _TOKEN.finditer(text, start) if not found[0].startswith("#"))
    for found in tokens:
        sign = found[0]
        if depth == 1 and begins and sign not in "]}":
            yield _entry(text, found)
        begins = (depth == 0 and sign in "[{") or (depth == 1 and sign == ",")
        depth += (sign in "[{") - (sign in "]}")
        if depth == 0:
            return


def _entry(text: str, first: re.Match[str]) -> _Entry:
    following = _TOKEN.search(text, first.end())
    if following and following[0] == "=":
        return _Entry(first[0].strip("\"'"), first.start(), following.end())
    return _Entry("", first.start(), first.start())


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
