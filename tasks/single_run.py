"""`run_instruction`, `run_learned`, `run_resumed`: the command line's ways to carry out one run."""

import contextlib
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any

from actions.errors import UsageError
from actions.secrets import Secrets, read_secret
from agent import flags
from agent.console import print_step, print_summary
from agent.control import Control
from agent.episode import Episode, Step
from agent.frames import print_frame
from agent.keys import Keys
from agent.loop import Limits
from agent.record import gone_if_empty, run_folder
from agent.resuming import INTERRUPTED, read_past
from agent.terminal import Terminal
from tasks.approving import Person
from tasks.harness.page import write_page
from tasks.learned.file import LearnedRun, options_of, path_of, read_learned
from tasks.learned.learning import told
from tasks.live.showing import shown
from tasks.options import Options
from tasks.session import Session

Flags = Mapping[str, Any]
"""The flags that are given, by name."""
Run = Callable[[Session, Callable[[Step], None], Path], Episode]
"""Carries out a run in a session, reporting each step, with its record in a folder."""


def run_instruction(given: Flags, console: Terminal) -> int:
    """One episode of the instruction on the command line."""
    instruction = given["instruction"]
    if not instruction:
        raise UsageError(f'Say what to do: {flags.COMMAND} "find a pizza place". --help lists the flags.')
    options = Options.chosen(given)
    masked = Secrets(options.secrets).masked(instruction)
    return _new(given, console, options, masked, lambda session, step, record: session.episode(masked, step, record))


def run_learned(given: Flags, console: Terminal) -> int:
    """Repeats a learned run, on the device and the page that it was learned on unless the flags say otherwise."""
    run = _learned_run(given)
    options = Options.chosen(options_of(run.content, given))

    def repeated(session: Session, step: Callable[[Step], None], record: Path) -> Episode:
        episode = session.repeat(run, step, record)
        console.print(told(episode))
        return episode

    return _new(given, console, options, Secrets(options.secrets).masked(run.content.instruction), repeated)


def run_resumed(given: Flags, console: Terminal) -> int:
    """Continues a single run where it stopped."""
    record, run = given["resume"], _learned_run(given) if "do" in given else None
    options = Options.chosen(options_of(run.content, given) if run else given)
    past = read_past(record, options.limits(Limits()))  # before loading weights, which takes minutes
    elsewhere = given.get("address") != flags.read(past.info.arguments).get("address")
    location = None if elsewhere else past.location or None
    viewport = options.viewport or (past.screen if past.info.device == "browser" else None)
    options = options.model_copy(update={"location": location, "viewport": viewport})

    def resumed(session: Session, step: Callable[[Step], None], record: Path) -> Episode:
        return session.resume(record, step, run)

    return _carried_out(given, console, options, past.info.instruction, record, resumed)


def _new(given: Flags, console: Terminal, options: Options, instruction: str, run: Run) -> int:
    with gone_if_empty(run_folder(options.runs, instruction, datetime.now())) as record:
        return _carried_out(given, console, options, instruction, record, run)


def _carried_out(given: Flags, console: Terminal, options: Options, task: str, record: Path, run: Run) -> int:
    """Carries out a run, reports how it ended, and returns its exit code."""
    console.print(f"Task: {task}", style="bold", soft_wrap=True)

    def shown_step(step: Step) -> None:
        if given.get("frames"):
            print_frame(console, step)
        print_step(console, step, options.verbose)

    options = options.model_copy(update={"downloads": record / "downloads"})
    with _at_page(given, record, console) as person:
        with Session(options, console=console, person=person, late="do" in given) as session, _keys(session, record):
            episode = run(session, shown_step, record)
        print_summary(console, episode, write_page(record))
        if episode.ending in INTERRUPTED:
            console.print(f"Continue with: {flags.COMMAND} --resume {record}", soft_wrap=True)
        if given.get("as_json"):
            ending, steps = episode.ending.value, len(episode.steps)
            print(json.dumps({"ending": ending, "answer": episode.answer, "steps": steps, "run": str(record)}))
        return episode.ending.exit_code


def _at_page(given: Flags, record: Path, console: Terminal) -> AbstractContextManager[Person | None]:
    """The person at the run's live page, if there is to be one."""
    return shown(record, console) if given.get("live") else contextlib.nullcontext()


def _keys(session: Session, record: Path) -> Keys:
    """Listens to the keys of a run."""
    control = Control(record, secrets=Secrets(session.options.secrets))
    return Keys(control, session.console, session.reads_messages)


def _learned_run(given: Flags) -> LearnedRun:
    """The learned run that the flags name, with its values. Raises UsageError."""
    name, *pairs = given["do"]
    values = dict(flags.pair(each) for each in pairs)
    return read_learned(path_of(name), values, Secrets(map(read_secret, given.get("secrets", ()))))
