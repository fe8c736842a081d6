"""Screenhand's command line: reads the flags and runs the mode that they choose."""

import os
import signal
import sys

if __name__.endswith("__main__") and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # The imports take seconds. Until they are done, Ctrl-C has nothing to put in order, and ends with a line.
    signal.signal(signal.SIGINT, lambda *_: (os.write(2, b"Stopped.\n"), os._exit(130)))

import contextlib
import json
import re
import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import devices
from actions.errors import DeviceFailure, EpisodeFailure, UsageError
from agent import doctor, flags
from agent.console import print_checks, print_listing
from agent.episode import Ending
from agent.keys import Keys
from agent.policy import ModelPolicy
from agent.record import read_episode, stop_records
from agent.replay import first_difference, recorded_turns
from agent.run_info import read_info
from agent.stopping import STOPPED_CODE, finishing, stoppable
from agent.terminal import Terminal, outlets
from agent.verifying import Verifier
from devices.watching import Watch
from devices.wrappers.settled import Settled
from model import engines, profile
from model.engines.scripted import ScriptedEngine
from tasks import suites
from tasks.calibration import measure
from tasks.calibration.targets import board_for
from tasks.composition import Composition, fitted
from tasks.harness.evaluation import evaluate
from tasks.harness.export import export
from tasks.harness.film import SUFFIXES, film
from tasks.harness.manifest import MANIFEST, read_manifest
from tasks.harness.page import write_comparison, write_page
from tasks.harness.rescoring import rescore
from tasks.live.showing import require_packages
from tasks.options import Options, SuiteRunOptions
from tasks.scripted.recorded_file import write_recorded
from tasks.scripted.recording import WAYS, record
from tasks.single_run import Flags, run_instruction, run_learned, run_resumed
from tasks.task import SuiteOptions


def run_serve(given: Flags, console: Terminal) -> int:
    """Serves the page of all runs until it is interrupted."""
    require_packages()
    from tasks.live.runs import Runs
    from tasks.live.server import Server  # packages of an extra

    options = Options.chosen(given)
    with Server(Runs(options.runs, Options.among(given)), given["serve"]) as server:
        console.print(f"Page of all runs: {server.link}", soft_wrap=True)
        threading.Event().wait()
    return 0


def run_replay(given: Flags, console: Terminal) -> int:
    """Decides a recorded run again from its pictures and replies; returns 1 if a decision differs."""
    info, episode = read_info(given["replay"]), read_episode(given["replay"])
    chosen = profile.adjusted(info.profile, notation=given.get("notation"), context=given.get("context"))
    decided = recorded_turns(episode)
    engine = ScriptedEngine((step.turn.text for step in decided if step.turn.part == 0), chosen)
    made = (step.turn.verification for step in decided)
    verdicts = ScriptedEngine((each.reply for each in made if each and each.reply is not None), chosen)
    verifier = Verifier(chosen, verdicts, info.space())
    difference = first_difference(episode, ModelPolicy(chosen, engine, info.space()), verifier)
    same = "The only step is" if len(decided) == 1 else f"All {len(decided)} steps are"
    console.print(difference or f"{same} decided as recorded.")
    return 1 if difference else 0


def run_calibration(given: Flags, console: Terminal) -> int:
    """Checks that points land on the device where a model puts them; returns 1 if one is too far off."""
    options = Options.chosen(given)
    composition = Composition(options, console, asking=False)
    wanted = fitted(composition.device_options(), options.device, composition.profile)
    with devices.connect(options.device, wanted) as device, board_for(device, options.device) as board:
        episode, hits = measure.calibrate(composition.profile, device, board)
    console.print(measure.table(hits))
    console.print(measure.summary(hits))
    if not measure.accurate(hits):
        console.print(measure.cause(composition.profile, episode))
    if episode.ending is Ending.FAILED:
        raise DeviceFailure(episode.answer)
    return 0 if measure.accurate(hits) else 1


def run_doctor(given: Flags, console: Terminal) -> int:
    """Prints what this machine lacks; returns 1 if the chosen device or engine needs it."""
    options = Options.chosen(given)
    composition = Composition(options, console, asking=False)
    weights = options.weights or composition.profile.weights
    checks = doctor.examine(composition.profile, weights, options.server, options.quantize, options.api_key_file)
    return print_checks(console, checks, needed={"run", options.device, options.engine_name})


def run_report(given: Flags, console: Terminal) -> int:
    """Writes the page of a run, or of a comparison of two."""
    runs = given["report"]
    if len(runs) > 2:
        raise UsageError(f"--report takes one run, or two to compare, not {len(runs)}.")
    page = write_page(runs[0]) if len(runs) == 1 else write_comparison(runs[0], runs[1])
    console.print(f"Page: {page}", soft_wrap=True)
    return 0


def run_export(given: Flags, console: Terminal) -> int:
    """Writes a run as an animation, or its solved episodes as training data: the file's extension decides."""
    run, target = given["export"]
    if target.suffix.lower() in SUFFIXES:
        console.print(f"{film(run, target)} frames: {target}", soft_wrap=True)
    else:
        console.print(f"{export(run, target)} conversations: {target}", soft_wrap=True)
    return 0


def run_listing(given: Flags, console: Terminal) -> int:
    """Prints the names of devices, models, engines and suites."""
    listing = {
        "devices": {"": devices.names()},
        "without a phone": {"": ["--device android --address simphone"]},
        "models": profile.by_trial(),
        "engines": {"": engines.names()},
        "suites": {"": suites.names()},
    }
    return print_listing(console, listing)


def run_rescore(given: Flags, console: Terminal) -> int:
    """Scores a recorded run of a benchmark, or a public report, again from its replies."""
    chosen = {name: given[name] for name in ("seed", "episodes", "data_root", "rule") if name in given}
    rescored = rescore(given["rescore"], given.get("suite"), SuiteOptions(**chosen))
    if given.get("as_json"):
        print(json.dumps(rescored.figures))
    console.print(rescored.table)
    return 0


def run_record(given: Flags, console: Terminal) -> int:
    """Notes what a person does on the device, and writes it as a suite file."""
    path, options = given["record"], Options.chosen(given)
    if path.suffix != ".toml" or path.exists() or not path.parent.is_dir():
        wrong = "exists already" if path.exists() else "must end with .toml, in a folder that there is"
        raise UsageError(f"{path} {wrong}. Pass another file with --record.")

    def begun() -> None:
        where, other = WAYS.get(options.device, WAYS["browser"])
        console.print(f"Do the task {where}. Then press Ctrl-C here, or {other}.", soft_wrap=True)

    def at_page(phone: devices.Environment) -> contextlib.AbstractContextManager[Watch]:
        from tasks.live.at_page import at_page  # packages of an extra

        return at_page(phone, over, console)

    with finishing() as over:
        recording = record(options.device, options.device_options(), over, begun, at_page)
        play = f"{flags.COMMAND} --suite {shlex.quote(str(path))} --engine scripted"
        variables = write_recorded(path, recording, given["instruction"], play)
    console.print(f"{len(recording.done)} steps: {path}. Play them again with: {play}", soft_wrap=True)
    if variables:
        console.print(f"Set the variables of its secrets first: {', '.join(variables)}.", soft_wrap=True)
    return 0


def continue_run(given: Flags, console: Terminal) -> int:
    """Continues a suite's run, or a single one, where it stopped."""
    return run_suite(given, console) if "suite" in given else run_resumed(given, console)


def run_suite(given: Flags, console: Terminal) -> int:
    """Runs a suite from its beginning, or from where it stopped."""
    return evaluate(SuiteRunOptions.chosen(given), console)


def run_look(given: Flags, console: Terminal) -> int:
    """Writes one screenshot, and prints what else is known about the screen."""
    options, target = Options.chosen(given), given["look"]
    composition = Composition(options, console, asking=False)
    wanted = fitted(composition.device_options(), options.device, composition.profile)
    with devices.connect(options.device, wanted) as device:
        seen = Settled(device).observe()
    try:
        seen.image.save(target)
    except (OSError, ValueError) as error:
        raise UsageError(f"{target} cannot be written: {error}.") from error
    facts = {"picture": str(target), "width": seen.size.width, "height": seen.size.height}
    facts |= {"location": seen.location, "text": seen.text}
    if given.get("as_json"):
        print(json.dumps(facts))
    else:
        console.print("\n".join(f"{name}: {fact}" for name, fact in facts.items() if fact), soft_wrap=True)
    return 0


def run_mcp(given: Flags, console: Terminal) -> int:
    """Serves the device to a client of the Model Context Protocol until that goes away."""
    try:
        from tasks.mcp_server.serve import serve
    except ModuleNotFoundError as error:
        raise UsageError(f"--mcp needs the package {error.name!r}. Install it with: pip install '.[mcp]'") from error
    serve(Options.chosen(given), given["mcp"], Terminal(stderr=True))
    return 0


MODES: Mapping[str, Callable[[Flags, Terminal], int]] = {
    "instruction": run_instruction,
    "list": run_listing,
    "doctor": run_doctor,
    "replay": run_replay,
    "calibrate": run_calibration,
    "rescore": run_rescore,
    "report": run_report,
    "export": run_export,
    "record": run_record,
    "suite": run_suite,
    "serve": run_serve,
    "resume": continue_run,
    "look": run_look,
    "mcp": run_mcp,
    "do": run_learned,
}
"""The function that runs each mode."""


def parsed(words: Sequence[str]) -> dict[str, Any]:
    """The flags; with `--resume`, those of the interrupted run, overridden by the ones given now.

    Raises:
        UsageError: they are incompatible, or a word is not UTF-8, so that no record or prompt can hold it.
    """
    for word in words:
        if re.search(r"[\ud800-\udfff]", word):
            raise UsageError(f"{word!r} is not UTF-8 text. Write it in UTF-8; rename a file with such a name.")
    given = flags.parsed(words)
    if given["mode"] == "resume":
        before, suite = earlier_arguments(given["resume"])
        flags.require_for_resumed(given, suite)
        words = [*before, *words]
        given = flags.read(words) | given
    return given | {"arguments": tuple(words)}


def earlier_arguments(run: Path) -> tuple[tuple[str, ...], bool]:
    """The command line of the run that continues, and whether it is a suite's. Raises UsageError."""
    if (run / MANIFEST).exists():
        return read_manifest(run).arguments, True
    arguments = read_info(run).arguments
    if not arguments:
        raise UsageError(
            f"{run} was not started by this command line, or by an older version of it. Continue the run of a task "
            "with its suite, and the one of a session with Session.resume."
        )
    return arguments, False


def last_words() -> None:
    """What a stopped process does first."""
    Keys.release()
    stop_records()


def main(arguments_given: Sequence[str] | None = None) -> int:
    """Returns the exit code: 0 done, 1 a limit or a wrong result, 2 wrong usage, 3 a failure, 130 stopped."""
    words = sys.argv[1:] if arguments_given is None else arguments_given
    with outlets():
        try:
            given = parsed(words)
            with contextlib.nullcontext() if given["mode"] == "record" else stoppable(last_words):
                return MODES[given["mode"]](given, Terminal(stderr=given.get("as_json", False)))
        except UsageError as error:
            Terminal(stderr=True).print(str(error), style="red", soft_wrap=True)
            return 2
        except EpisodeFailure as error:
            Terminal(stderr=True).print(str(error), style="red", soft_wrap=True)
            return 3
        except KeyboardInterrupt:
            return STOPPED_CODE


def program() -> None:
    """Ends the process with the exit code of `main`.

    A stopped run is complete by then, and so is a server whose client has gone away. The interpreter's own end may take
    seconds on a busy machine: it is skipped.
    """
    words = sys.argv[1:]
    code = main(words)
    if code == STOPPED_CODE or any(word.partition("=")[0] == "--mcp" for word in words):
        for stream in filter(None, (sys.stdout, sys.stderr)):  # None if it is closed
            with contextlib.suppress(OSError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    program()
