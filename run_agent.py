"""Screenhand's command line: puts one environment, one policy and one recorder together and runs them."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import devices
from actions.errors import DeviceFailure, EpisodeFailure, UsageError
from agent import arguments, doctor
from agent.console import print_checks, print_listing, print_step, print_summary
from agent.episode import Ending
from agent.policy import ModelPolicy
from agent.record import gone_if_empty, read_episode, run_folder, stop_records
from agent.replay import first_difference, recorded_turns
from agent.run_info import read_info
from agent.stopping import stoppable
from agent.terminal import Terminal, outlets
from model import engines, profile
from model.engines.scripted import ScriptedEngine
from tasks import calibrate, suites
from tasks.boards import board_for
from tasks.composition import Composition, fitted
from tasks.harness.evaluation import evaluate
from tasks.harness.export import export
from tasks.harness.manifest import read_manifest
from tasks.harness.page import write_comparison, write_page
from tasks.options import Options, SuiteRunOptions
from tasks.rescoring import rescore
from tasks.session import Session
from tasks.task import SuiteOptions


def run_instruction(given: argparse.Namespace, console: Terminal) -> int:
    """One episode of the instruction on the command line."""
    if not given.instruction or not given.instruction.strip():
        raise UsageError(f'Say what to do: {arguments.COMMAND} "find a pizza place". --help lists everything else.')
    with gone_if_empty(run_folder(given.runs, given.instruction, datetime.now())) as record:
        options = session_options(given).model_copy(update={"downloads": record / "downloads"})
        with Session(options, console=console) as session:
            episode = session.episode(given.instruction, lambda step: print_step(console, step), record)
    print_summary(console, episode, record)
    return episode.ending.exit_code


def run_replay(given: argparse.Namespace, console: Terminal) -> int:
    """Decides a recorded run again from its pictures and replies; 1 when a decision differs."""
    info, episode = read_info(given.replay), read_episode(given.replay)
    chosen = profile.adjusted(info.profile, notation=given.notation, context=given.context)
    decided = recorded_turns(episode)
    engine = ScriptedEngine((step.turn.text for step in decided if step.turn.part == 0), chosen)
    difference = first_difference(episode, ModelPolicy(chosen, engine, info.space()))
    console.print(difference or f"All {len(decided)} steps are decided as recorded.")
    return 1 if difference else 0


def run_calibration(given: argparse.Namespace, console: Terminal) -> int:
    """Whether points land on the device where a model would put them; 1 when one is off by more than is allowed."""
    composition = Composition(session_options(given), console)
    chosen, options = composition.profile, composition.device_options()
    with (
        devices.connect(given.device, fitted(options, given.device, chosen)) as device,
        board_for(device, given.device) as board,
    ):
        episode, hits = calibrate.calibrate(chosen, device, board)
    console.print(calibrate.table(hits))
    console.print(calibrate.summary(hits))
    if episode.ending is Ending.FAILED:
        raise DeviceFailure(episode.answer)
    return 0 if calibrate.accurate(hits) else 1


def run_doctor(given: argparse.Namespace, console: Terminal) -> int:
    """What this machine lacks; 1 when the device and engine that the flags name cannot do without it."""
    composition = Composition(session_options(given), console)
    weights = given.weights or composition.profile.weights
    checks = doctor.examine(composition.profile, weights, given.server, given.quantize, given.api_key_file)
    return print_checks(console, checks, needed={"run", given.device, composition.engine_name})


def run_report(given: argparse.Namespace, console: Terminal) -> int:
    """Writes the page of a run, or of two compared."""
    runs = given.report
    if len(runs) > 2:
        raise UsageError(f"--report takes one run, or two to compare, not {len(runs)}.")
    page = write_page(runs[0]) if len(runs) == 1 else write_comparison(runs[0], runs[1])
    console.print(f"Page: {page}", soft_wrap=True)
    return 0


def run_export(given: argparse.Namespace, console: Terminal) -> int:
    """Writes the solved episodes of a run as training data."""
    run, target = given.export
    console.print(f"{export(run, target)} conversations: {target}", soft_wrap=True)
    return 0


def run_listing(given: argparse.Namespace, console: Terminal) -> int:
    """The names there are to choose from."""
    listing = {
        "devices": devices.names(),
        **{f"models, tried: {tried}": names for tried, names in profile.by_trial().items()},
        "engines": engines.names(),
        "suites": suites.names(),
    }
    return print_listing(console, listing)


def run_rescore(given: argparse.Namespace, console: Terminal) -> int:
    """Judges a recorded run of a benchmark, or a public report, again from its replies."""
    rescored = rescore(
        given.rescore,
        given.suite,
        SuiteOptions(data_root=given.data_root, rule=given.rule, seed=given.seed, episodes=given.episodes),
    )
    if given.summary_only:
        print(json.dumps(rescored.figures))
    console.print(rescored.table)
    return 0


def run_suite(given: argparse.Namespace, console: Terminal) -> int:
    """A suite, from its beginning or, with `--resume`, from where it stopped."""
    names = SuiteRunOptions.model_fields.keys() & vars(given).keys()
    return evaluate(SuiteRunOptions.read({name: getattr(given, name) for name in names}), console)


def session_options(given: argparse.Namespace) -> Options:
    """The options of a session that the flags stand for."""
    return Options.read({name: getattr(given, name) for name in Options.model_fields.keys() & vars(given).keys()})


MODES: Mapping[str, Callable[[argparse.Namespace, Terminal], int]] = {
    "list": run_listing,
    "doctor": run_doctor,
    "replay": run_replay,
    "calibrate": run_calibration,
    "rescore": run_rescore,
    "report": run_report,
    "export": run_export,
    "suite": run_suite,
}
"""What each flag that stands instead of an instruction does; the first that is given decides."""


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The flags; with `--resume`, those that the run was begun with, before the ones that are given now.

    Raises:
        UsageError: a word is not UTF-8, which no record and no prompt could hold.
    """
    for word in words:
        if re.search(r"[\ud800-\udfff]", word):
            raise UsageError(f"{word!r} is not UTF-8 text. Write it in UTF-8, and give a file another name.")
    flags = arguments.parser()
    given = flags.parse_args(words)
    if given.resume:
        words = [*read_manifest(given.resume).arguments, *words]
        given = flags.parse_args(words)
    given.arguments = tuple(words)
    return given


def main(arguments_given: Sequence[str] | None = None) -> int:
    """The exit code: 0 done, 1 a limit or a wrong result, 2 wrong use, 3 a failure, 130 stopped."""
    words = sys.argv[1:] if arguments_given is None else arguments_given
    with outlets():
        try:
            given = parsed(words)
            run = next((mode for flag, mode in MODES.items() if getattr(given, flag)), run_instruction)
            with stoppable(stop_records):
                return run(given, Terminal(stderr=given.summary_only))
        except UsageError as error:
            Terminal(stderr=True).print(str(error), style="red", soft_wrap=True)
            return 2
        except EpisodeFailure as error:
            Terminal(stderr=True).print(str(error), style="red", soft_wrap=True)
            return 3
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    sys.exit(main())
