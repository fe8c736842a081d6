"""Scores a recorded run of a benchmark again from the stored replies, without a model or device."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table

from actions.errors import UsageError
from actions.geometry import Size
from actions.keyboard import Type
from agent.episode import Step, Turn
from agent.policy import ModelPolicy
from agent.record import read_episode
from agent.run_info import RunInfo, read_info
from model.engine import Completion
from model.engines.scripted import ScriptedEngine
from tasks import suites
from tasks.functions import scoring
from tasks.functions.function_task import FunctionTask
from tasks.grounding import public_report
from tasks.grounding import report as grounding_report
from tasks.grounding.grounding_task import GroundingTask, meant
from tasks.grounding.item import Item, Verdict, judge
from tasks.offline import report as offline_report
from tasks.offline.offline_task import OfflineTask, decided
from tasks.offline.report import Matched
from tasks.offline.step import kind
from tasks.task import Suite, SuiteOptions, Task

CAN = ("a grounding suite", "a suite of offline steps", "function-calling", "a public report file of ScreenSpot-Pro")
CANNOT = (
    "This suite scores the state of a device, which a reply does not contain. Runs that can be scored again: "
    f"{', '.join(CAN[:-1])}, or {CAN[-1]}."
)
QWEN2_NOTATION = "function_args"
"""The notation of the Qwen2-VL report, which was not used for the published figures of Qwen2.5-VL."""
PUBLIC_REPORT = "report.json"
"""A run of ScreenSpot-Pro is also written in its public layout, to this file of the run's folder."""


class Rescored(NamedTuple):
    """The figures as plain values, and as a table for the terminal."""

    figures: dict[str, Any]
    table: Table


class Answer(NamedTuple):
    """A task and its replies, step by step."""

    task: Task
    turns: tuple[Turn, ...]
    screen: Size
    """The size of the first look."""
    notation: str
    """The notation that the prompt requested."""


def rescore(path: Path, suite_name: str | None, options: SuiteOptions) -> Rescored:
    """Scores a public report file, or a suite's run folder against the data that its suite loads.

    Without a suite's name, it is taken from the folder's name; the rule and the data come from the options.

    Raises:
        UsageError: there is nothing at that path that can be scored again.
    """
    if path.is_file():
        figures = grounding_report.summary(public_report.read(path))
        return Rescored(figures, grounding_report.table(figures))
    if not path.is_dir():
        raise UsageError(f"There is no run or report {path}. Pass a suite's folder or a report file to --rescore.")
    named = re.search(r"-suite-(.+)$", path.resolve().name)
    name = suite_name or (named and named[1])
    if not name:
        raise UsageError(f"The folder's name {path.name!r} does not contain its suite. Pass --suite.")
    with suites.open_suite(name, options) as suite:
        return rescore_run(path, suite)


def judged_again(tasks: Sequence[Task]) -> bool:
    """Whether `rescore_run` has figures for a suite of these tasks."""
    return {type(task) for task in tasks} in ({GroundingTask}, {OfflineTask}, {FunctionTask})


def rescore_run(folder: Path, suite: Suite) -> Rescored:
    """Scores the tasks of a suite that have a reply below this folder; `missing` counts the others.

    Raises:
        UsageError: no task has a reply, or the suite scores the device's state and not replies.
    """
    answers = list(_answers(folder, suite))
    if not answers:
        raise UsageError(f"{folder} has no reply to any task of the suite. Is this the run's folder, and its data?")
    kinds = {type(answer.task) for answer in answers}
    if kinds == {GroundingTask}:
        rescored = _grounding(folder, answers)
    elif kinds == {OfflineTask}:
        rescored = _offline(answers)
    elif kinds == {FunctionTask}:
        rescored = _functions(answers)
    else:
        raise UsageError(CANNOT)
    missing = rescored.figures["missing"] = len(suite) - len(answers)
    notation = rescored.figures["notation"] = ", ".join(sorted({answer.notation for answer in answers}))
    notes = [str(rescored.table.caption or ""), f"notation {notation}"]
    if notation == QWEN2_NOTATION:
        notes.append("published figures of Qwen2.5-VL need --notation tool_call")
    if missing:
        notes.append(f"{missing} of the suite's tasks have no reply here and are not counted")
    rescored.table.caption = "; ".join(filter(None, notes))
    return rescored


def _grounding(folder: Path, answers: Iterable[Answer]) -> Rescored:
    judged, rows = [], []
    for task, turns, screen, _notation in answers:
        assert isinstance(task, GroundingTask)
        turn = meant(turns, screen)
        verdict = judge(task.item.target, turn)
        judged.append(grounding_report.Judged(task.item.group, task.item.ui_type, verdict))
        rows.append(_row(task.item, turn, verdict))
    if all(row.get("application") for row in rows):
        public_report.write(folder / PUBLIC_REPORT, rows)
    figures = grounding_report.summary(judged)
    return Rescored(figures, grounding_report.table(figures))


def _row(item: Item, turn: Turn, verdict: Verdict) -> dict[str, Any]:
    """A row of the public report."""
    point = next(iter(turn.action.points().values()), None) if turn.action else None
    return {
        **item.details,
        "pred": list(point) if point else None,
        "raw_response": turn.text,
        "correctness": verdict.value,
    }


def _offline(answers: Iterable[Answer]) -> Rescored:
    matched = []
    rule = ""
    for task, (*_, turn), _screen, _notation in answers:
        assert isinstance(task, OfflineTask)
        rule, step = task.rule.name, task.step
        action = decided(turn)
        match = task.match(action)
        blank = isinstance(action, Type) and not action.text.strip()
        matched.append(Matched(step.episode, step.group, kind(step.gold), match, action is not None, blank))
    figures = offline_report.summary(matched, rule)
    return Rescored(figures, offline_report.table(figures))


def _functions(answers: Iterable[Answer]) -> Rescored:
    called = []
    for task, turns, _screen, _notation in answers:
        assert isinstance(task, FunctionTask)
        called.append(task.called(turns))
    figures = scoring.summary(called)
    return Rescored(figures, scoring.table(figures))


def _answers(folder: Path, suite: Suite) -> Iterable[Answer]:
    """The tasks with a reply, with that reply read and decoded again."""
    policies: dict[str, ModelPolicy] = {}
    for task in suite:
        place = folder / task.id
        if not (place / "run.json").is_file():
            continue
        info, episode = read_info(place), read_episode(place)
        if not episode.steps:
            continue
        policy = _policy(info, policies)
        turns = tuple(_read_again(policy, episode.steps[: step.index], step) for step in episode.steps)
        yield Answer(task, turns, episode.steps[0].observation.screen, info.profile.notation)


def _read_again(policy: ModelPolicy, before: Sequence[Step], step: Step) -> Turn:
    """The turn of a recorded reply, read again. Only its recorded mistake shows that it was cut off."""
    said = step.turn
    if said.part:
        return policy.continued(before, step.observation) or said
    cut_off = said.mistake is not None and "was cut off" in said.mistake.text
    completion = Completion(said.text, said.ids, 0, said.usage.completion_tokens if said.usage else 0, cut_off)
    return Turn(said.text, *policy.read(completion, policy.viewport(step.observation)), said.ids, said.usage)


def _policy(info: RunInfo, known: dict[str, ModelPolicy]) -> ModelPolicy:
    """A policy that reads like the recorded one, shared by all runs of the same model and actions."""
    key = f"{info.profile.model_dump_json()} {info.actions}"
    if key not in known:
        known[key] = ModelPolicy(info.profile, ScriptedEngine((), info.profile), info.space())
    return known[key]
