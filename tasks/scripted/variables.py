"""`expanded`: a suite file with its variables filled in, and one task for each row of a table.

`variables` of the file and of a task, and the cells of a row, replace `{{name}}` in every text of the task. Any other
`{{x}}` stays as it is written.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Any

MISSPELT = 0.75
"""How alike, 0 to 1, an unknown name must be to a variable's to be taken for a spelling mistake."""


_PLAIN = (("tasks", "id"), ("tasks", "address"))
"""The places, without a task's index, in which no secret can be."""


class Misfit(Exception):
    """Variables or rows that cannot be used, with their place in the file."""

    def __init__(self, place: Sequence[str | int], why: str) -> None:
        super().__init__(why)
        self.place = tuple(place)


def expanded(content: Any, above: Mapping[str, str]) -> tuple[Any, list[int]]:
    """The content of a file, and for each task now in it the index of the task that it comes from.

    The file's own variables come before those of `above`; `variables` of the content are then all of them.
    Content of the wrong form is left for the schema to refuse.

    Raises:
        Misfit: variables or rows are not tables of plain values, or a variable's name is misspelt in a task.
    """
    if not isinstance(content, dict):
        return content, []
    shared = {**above, **_values(content.get("variables", {}), ("variables",))}
    rest = {key: _filled(value, shared) for key, value in content.items() if key not in ("variables", "tasks")}
    rest["variables"] = shared
    tasks = content.get("tasks")
    if not isinstance(tasks, list):
        return rest | ({"tasks": tasks} if tasks is not None else {}), []
    made: list[object] = []
    origins: list[int] = []
    for index, task in enumerate(tasks):
        for each in _of_task(task, shared, index) if isinstance(task, dict) else [task]:
            made.append(each)
            origins.append(index)
    return rest | {"tasks": made}, origins


def _of_task(task: Mapping[str, object], shared: dict[str, str], index: int) -> list[dict[str, object]]:
    """A task, once for each of its rows."""
    own = shared | _values(task.get("variables", {}), ("tasks", index, "variables"))
    rest = {key: value for key, value in task.items() if key not in ("variables", "rows")}
    if "rows" not in task:
        _refuse_unknown(rest, own, ("tasks", index))
        return [_filled(rest, own)]
    rows = task["rows"]
    if not isinstance(rows, list) or not rows:
        raise Misfit(("tasks", index, "rows"), '`rows` must be a list of tables, such as [{ word = "tea" }]')
    cells = [_values(row, ("tasks", index, "rows")) for row in rows]
    _refuse_unknown(rest, own | cells[0], ("tasks", index))
    made = [_filled(rest, own | row) for row in cells]
    ids = [each.get("id") for each in made]
    if len(set(map(str, ids))) < len(ids):  # the id does not name the row
        return [each | {"id": f"{each.get('id')}-{number}"} for number, each in enumerate(made, 1)]
    return made


def _values(given: object, place: Sequence[str | int]) -> dict[str, str]:
    if not isinstance(given, dict):
        raise Misfit(place, f"{place[-1]}: must be a table of names and values, not {given!r}")
    for name, value in given.items():
        if not isinstance(name, str) or not re.fullmatch(r"\w+", name):
            raise Misfit(place, f"{place[-1]}: {name!r} is no name: use letters, digits and '_'")
        if isinstance(value, list | dict) or value is None:
            raise Misfit(place, f"{place[-1]}: the value of {name} must be a text or a number, not {value!r}")
    return {name: _text(value) for name, value in given.items()}


def _refuse_unknown(value: object, values: Mapping[str, str], place: Sequence[str | int]) -> None:
    """Raises Misfit if a name in the texts is nearly that of a variable; other names may be those of secrets, except
    in a task's id and address.
    """
    if isinstance(value, list):
        for index, part in enumerate(value):
            _refuse_unknown(part, values, (*place, index))
    elif isinstance(value, dict):
        for key, part in value.items():
            _refuse_unknown(part, values, (*place, key))
    elif isinstance(value, str):
        for name in re.findall(r"\{\{(\w+)\}\}", value):
            near = difflib.get_close_matches(name, values, 1, MISSPELT)
            if name not in values and (near or (place[0], *place[2:]) in _PLAIN):
                meant = f"; did you mean {near[0]!r}?" if near else "."
                raise Misfit(place, f"{place[-1]}: there is no variable {name!r}{meant}")


def _text(value: object) -> str:
    """A value as it is put into a text; true and false as TOML, YAML and JSON write them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(value: object, values: Mapping[str, str]) -> Any:
    """The value with every variable replaced, in one pass: what a variable contains is not searched again."""
    if isinstance(value, str):
        return re.sub(r"\{\{(\w+)\}\}", lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, list):
        return [_filled(part, values) for part in value]
    if isinstance(value, dict):
        return {key: _filled(part, values) for key, part in value.items()}
    return value
