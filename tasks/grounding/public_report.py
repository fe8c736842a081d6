"""ScreenSpot-Pro's public report file: read back and judged again, and written in the same layout.

The layout is that of likaixin2000/ScreenSpot-Pro-GUI-Grounding (`eval_screenspot_pro.py`): `details`, one row per
item with the verbatim reply and the point in original pixels, and `metrics` over them.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from actions.action import ActionSpace
from actions.errors import ModelMistake, NoCall, UsageError
from actions.geometry import Box, Point, Size, Viewport
from actions.points import read_point
from devices.still import POINTING
from prompts import notations
from tasks.grounding.item import Verdict, judge_point
from tasks.grounding.report import Judged, accuracy
from tasks.grounding.target import BoxTarget

CELLS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "fine_grained": (
        ("plat", "platform"),
        ("app", "application"),
        ("inst_style", "instruction_style"),
        ("gt_type", "gt_type"),
    ),
    "seeclick_style": (("plat", "platform"), ("inst_style", "instruction_style"), ("gt_type", "gt_type")),
    "leaderboard_simple_style": (("group", "group"),),
    "leaderboard_detailed_style": (("app", "application"),),
}
"""The tables of `metrics`: for each, the parts of a cell's name and the row's keys that fill them."""

EVERYWHERE = Viewport(Size(1_000_000, 1_000_000), Size(1_000_000, 1_000_000))
"""The identity mapping of whole pixels."""


class _Row(BaseModel):
    """The fields of a row of `details` that scoring needs."""

    bbox: tuple[float, float, float, float]
    pred: Any = None
    raw_response: Any = None
    group: str | None = None
    ui_type: str = ""
    gt_type: str = "positive"


class _Report(BaseModel):
    details: list[_Row]


def read(path: Path) -> list[Judged]:
    """The items of a public report, each scored again with inclusive edges.

    `pred` decides if a row has it, even as null; otherwise the point in `raw_response`, taken as original pixels.

    Raises:
        UsageError: the file is not such a report, or has negative items, whose replies have no point.
    """
    try:
        report = _Report.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The report {path} cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the file"
        raise UsageError(f"{path} is not a report in ScreenSpot-Pro's layout: {place}: {problem['msg']}.") from error
    if any(row.gt_type != "positive" for row in report.details):
        raise UsageError(f"{path} contains negative items; only positive ones can be scored by their points.")
    return [Judged(row.group or "none", row.ui_type, _verdict(row)) for row in report.details]


def _verdict(row: _Row) -> Verdict:
    point = _point(row.pred) if "pred" in row.model_fields_set else _point_of_reply(row.raw_response)
    return judge_point(BoxTarget(Box(*row.bbox)), point)


def _point_of_reply(reply: object) -> Point | None:
    """The point of a call in any dialect that models write, or of a bare point or box."""
    if not isinstance(reply, str):
        return _point(reply)
    space = ActionSpace(POINTING)
    try:
        call = notations.load("tool_call", space).read_reply(reply).call
    except NoCall:
        return _point(reply)
    except ModelMistake:
        return None
    try:
        return next(iter(space.decode(call, EVERYWHERE).points().values()))
    except ModelMistake:  # not a known click, but its arguments may contain a point
        return next((point for value in call.arguments.values() if (point := _point(value))), None)


def _point(value: object) -> Point | None:
    try:
        point = read_point(value)
    except ValueError:
        return None
    return point if isinstance(point, Point) else None


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes a report; each row has the keys of `Item.details`, and `pred`, `raw_response` and `correctness`."""
    metrics = {style: _cells(rows, keys) for style, keys in CELLS.items()} | {"overall": _cell(rows)}
    text = json.dumps({"details": rows, "metrics": metrics}, indent=4, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")


def _cells(rows: Sequence[Mapping[str, Any]], keys: Sequence[tuple[str, str]]) -> dict[str, Any]:
    names: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        names.setdefault(" ".join(f"{word}:{row[key]}" for word, key in keys), []).append(row)
    return {name: _cell(members) for name, members in names.items()}


def _cell(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    judged = [Judged("", row["ui_type"], Verdict(row["correctness"])) for row in rows]
    return {
        "num_correct_action": sum(one.verdict is Verdict.CORRECT for one in judged),
        "num_total": len(judged),
        "wrong_format_num": sum(one.verdict is Verdict.WRONG_FORMAT for one in judged),
        "action_acc": accuracy(judged) or 0,
        "text_acc": accuracy([one for one in judged if one.ui_type == "text"]) or 0,
        "icon_acc": accuracy([one for one in judged if one.ui_type == "icon"]) or 0,
    }
