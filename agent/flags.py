"""The command line's flags. Each value has the name of the option field that it sets."""

import argparse
import importlib.metadata
import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from actions.errors import UsageError
from actions.geometry import Size
from devices import Permission
from prompts import notations

COMMAND = "run_agent.py" if __package__ == "agent" else "screenhand"
"""How to start this program: the file in a checkout, the command once installed."""


MODES = (
    "list",
    "doctor",
    "replay",
    "calibrate",
    "rescore",
    "report",
    "export",
    "record",
    "serve",
    "resume",
    "do",
    "suite",
    "look",
    "mcp",
)
"""Flags that replace an instruction; `record` takes one. `suite` may accompany `rescore`, where it is the benchmark."""
_DEVICE = frozenset(
    {"device", "address", "headless", "viewport", "scale", "mobile", "user_data", "uploads", "permit", "sites"}
)
_ENGINE = frozenset(
    {
        "model", "weights", "quantize", "engine", "server", "served_model", "api_key_file", "server_wait_s",
        "timeout_s", "allow_server_resize", "replies", "notation", "context", "min_pixels", "max_pixels",
    }
)  # fmt: skip
_RUN = frozenset(
    {
        "max_steps", "max_seconds", "dry_run", "confirm", "policy", "apps", "verify", "secrets", "answer_schema",
        "runs", "as_json",
        "verbose",
    }
)  # fmt: skip
_SUITE = frozenset(
    {
        "suite", "seed", "limit", "episodes", "tasks", "data_root", "zoom", "point_only", "rule", "trials", "baselines",
        "workers", "cluster", "junit", "force", "address", "headless", "uploads", "permit", "sites",
    }
)  # fmt: skip
_RESUMED = _ENGINE | _RUN | {"address", "headless", "user_data", "uploads", "permit", "checks", "live", "frames"}
"""The flags that may change when a single run continues."""
_TAKEN = {
    "instruction": _DEVICE | _ENGINE | _RUN | {"checks", "learn", "parameters", "live", "frames"},
    "do": _DEVICE | _ENGINE | _RUN | {"checks", "learn", "parameters", "live", "frames"},
    "serve": (_DEVICE | _ENGINE | _RUN | {"checks"}) - {"as_json", "verbose", "answer_schema"},
    "suite": _ENGINE | _RUN | _SUITE,
    "resume": _ENGINE | _RUN | _SUITE | _RESUMED,
    "replay": frozenset({"notation", "context"}),
    "calibrate": _DEVICE | _ENGINE | {"runs"},
    "rescore": frozenset({"suite", "data_root", "rule", "seed", "episodes", "as_json"}),
    "record": (_DEVICE - {"headless", "uploads"}) | {"secrets"},
    "doctor": _DEVICE | _ENGINE,
    "report": frozenset(),
    "export": frozenset(),
    "list": frozenset(),
    "look": _DEVICE | {"runs", "as_json"},
    "mcp": (_DEVICE | _ENGINE | _RUN | {"checks"}) - {"as_json", "verbose"},
}
"""The flags that mean something in each mode."""
EXAMPLES = f"""examples:
  {COMMAND} --device browser --address https://example.com "find a pizza place"
  {COMMAND} --device android "find a pizza place" --server http://127.0.0.1:8000/v1
  {COMMAND} --suite press --model embedded --headless
  {COMMAND} --doctor --device android
"""


_Adds = Callable[["argparse._ArgumentGroup"], None]


def parser(every_flag: bool = True) -> argparse.ArgumentParser:
    """The parser of the flags; without `every_flag`, of the common ones only.

    A flag that is not given has no value: defaults belong to the options.
    """
    flags = argparse.ArgumentParser(
        prog=COMMAND,
        description="Lets a vision-language model on your machine operate a browser, a desktop or an Android phone.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        argument_default=argparse.SUPPRESS,
        add_help=False,
        allow_abbrev=False,
    )
    flags.add_argument("instruction", nargs="*", help="what to do, in words")
    groups: list[tuple[str, _Adds, _Adds | None]] = [
        ("instead of an instruction", _add_modes, _add_other_modes),
        ("the device", _add_device, _add_browser),
        ("the model", _add_model, _add_engine),
        ("the run", _add_run, _add_trust),
        ("a suite", _add_suite, _add_benchmark),
    ]
    for title, common, others in groups:
        group = flags.add_argument_group(title)
        common(group)
        if every_flag and others:
            others(group)
    return flags


def parsed(words: Sequence[str]) -> dict[str, Any]:
    """The flags that are given, by name, with the mode under `mode`.

    Raises:
        UsageError: two of them exclude each other, or one has no effect in this mode.
        SystemExit: help was asked for, or argparse found a mistake.
    """
    given = read(words)
    given["mode"] = mode = _mode(given)
    unused = given.keys() - _TAKEN[mode] - {mode, "mode", "instruction"}
    if unused:
        raise UsageError(f"{flag(min(unused))} has no effect {_place(mode)}. {_remedy(min(unused))}")
    return given


def require_for_resumed(given: Mapping[str, Any], suite: bool) -> None:
    """Raises UsageError if a flag has no effect on the run that continues, a suite's or a single one."""
    unused = given.keys() - (_TAKEN["suite"] if suite else _RESUMED) - {"resume", "mode", "instruction"}
    if unused:
        kind = "a suite's run" if suite else "a single run"
        raise UsageError(f"{flag(min(unused))} has no effect when {kind} continues. Leave it out.")


def read(words: Sequence[str]) -> dict[str, Any]:
    """The flags that are given, by name, whether or not they are compatible. Unquoted words form one instruction."""
    given = vars(parser().parse_intermixed_args(words))
    if "parameters" in given:
        given["parameters"] = dict(given["parameters"])
    return given | {"instruction": " ".join(given.get("instruction", ())).strip()}


def flag(name: str) -> str:
    """The flag whose value has this name."""
    found = next(action for action in parser()._actions if action.dest == name)
    return next(spelling for spelling in found.option_strings if spelling.startswith("--"))


def words(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The flags that give these values, the inverse of `read`; a value that no flag gives is left out."""
    found: list[str] = []
    for action in parser()._actions:
        value = values.get(action.dest)
        if not action.option_strings or value is None:
            continue
        name = flag(action.dest)
        if value is False:
            found += [each for each in action.option_strings if each.startswith("--no-")]
        elif value is True:
            found.append(name)
        elif isinstance(action, argparse._AppendAction):
            found += [word for each in value for word in (name, str(each))]
        elif action.nargs == "+":
            found += [name, *map(str, value)]
        elif isinstance(value, Size):
            found += [name, str(value)]
        else:
            found += [name, ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)]
    return tuple(found)


def _mode(given: Mapping[str, Any]) -> str:
    modes = [mode for mode in MODES if mode in given]
    if modes in (["rescore", "suite"], ["resume", "suite"]):
        modes.pop()
    if len(modes) > 1:
        raise UsageError(f"{' and '.join(map(flag, modes))} exclude each other. Pass one of them.")
    if modes and modes != ["record"] and given["instruction"]:
        raise UsageError(f"{flag(modes[0])} takes no instruction, but there is one: {given['instruction']!r}.")
    return modes[0] if modes else "instruction"


def _place(mode: str) -> str:
    return "for a single instruction" if mode == "instruction" else f"with {flag(mode)}"


def _remedy(name: str) -> str:
    takers = [flag(mode) for mode, taken in _TAKEN.items() if name in taken and mode != "instruction"]
    alone = name in _TAKEN["instruction"]
    return f"Leave it out; it is for {', '.join(['an instruction'] * alone + takers)}."


class _Help(argparse.Action):
    """`--help` for the common flags, `--help all` for every one."""

    def __call__(self, parser_: argparse.ArgumentParser, *rest: Any) -> None:
        print(parser(every_flag=rest[1] == "all").format_help(), end="")
        parser_.exit()


def _add_modes(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--suite", metavar="NAME", help="run a suite of tasks, or your own in a .toml or .yaml file")
    recorded = "note what you do on the device, as a suite file; an instruction in words may follow"
    group.add_argument("--record", metavar="FILE", type=Path, help=recorded)
    group.add_argument(
        "--do", metavar=("NAME", "KEY=VALUE"), nargs="+", help="repeat a learned run, without a model while it can be"
    )
    group.add_argument("--resume", metavar="RUN", type=Path, help="continue an interrupted run")
    group.add_argument(
        "--report", metavar="RUN", type=Path, nargs="+", help="write a run as an HTML page, or compare two runs"
    )
    group.add_argument("--look", metavar="FILE", type=Path, help="write one screenshot of the device, without a model")
    served = "serve the device to a client of the Model Context Protocol, on standard streams or on a local port"
    group.add_argument("--mcp", metavar="PORT", type=_port, nargs="?", help=served)
    group.add_argument(
        "--serve",
        metavar="PORT",
        type=_port,
        nargs="?",
        const=0,
        help="a page of all runs on this machine, to start some",
    )
    group.add_argument("--calibrate", action="store_true", help="check that clicks land where the model points")
    group.add_argument("--list", action="store_true", help="list the devices, models, engines and suites")
    group.add_argument("--doctor", action="store_true", help="check what this machine lacks for the given flags")
    group.add_argument("--version", action="version", version=f"Screenhand {_version()}", help="print the version")
    group.add_argument(
        "-h", "--help", nargs="?", choices=("all",), action=_Help, help="print this help; `--help all` lists every flag"
    )


def _add_other_modes(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--replay", metavar="RUN", type=Path, help="decide a recorded run again, without a device or model"
    )
    exported = "export a run as a .gif or .mp4, or its solved episodes as training data"
    group.add_argument("--export", metavar=("RUN", "FILE"), type=Path, nargs=2, help=exported)
    group.add_argument("--rescore", metavar="RUN", type=Path, help="score recorded replies, or a public report, again")


def _add_device(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--device", metavar="NAME", help="browser (default), android, desktop or another one of --list")
    group.add_argument("--address", metavar="WHERE", help="a URL, an adb serial, or a display")
    group.add_argument("--headless", action="store_true", help="run the browser without a window")
    group.add_argument(
        "--site",
        metavar="HOST,...",
        dest="sites",
        type=_names,
        help="sites to open besides those that the address and the instruction name; '*' opens all",
    )


def _add_browser(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--viewport", metavar="WxH", type=_size, help="size of the browser's page")
    group.add_argument("--scale", metavar="S", type=_positive, help="device pixels per page pixel (default: 1)")
    group.add_argument("--mobile", action="store_true", help="emulate a phone's browser")
    group.add_argument("--user-data", metavar="DIR", type=Path, help="browser profile folder, kept between runs")
    group.add_argument(
        "--upload", metavar="DIR", dest="uploads", type=Path, help="folder whose files may be uploaded to pages"
    )
    group.add_argument(
        "--permit",
        metavar="A,B",
        type=_names,
        help=f"permissions granted to pages: {', '.join(get_args(Permission))} (default: none)",
    )


def _add_model(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--model", metavar="NAME", help="a profile of --list, or a .toml file")
    group.add_argument("--server", metavar="URL", help="an OpenAI-compatible server, such as http://127.0.0.1:8000/v1")
    group.add_argument("--weights", metavar="DIR", help="folder or name of other weights than the profile's")


def _add_engine(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--quantize", metavar="BITS", type=int, choices=(8, 4), help="quantise local weights to 8 or 4 bits"
    )
    group.add_argument("--engine", metavar="NAME", help="how the model runs: local, server or scripted")
    group.add_argument("--served-model", metavar="NAME", help="the model's name on that server")
    group.add_argument(
        "--api-key-file",
        metavar="FILE",
        type=Path,
        help="file with the server's API key (default: OPENAI_API_KEY, if set)",
    )
    group.add_argument(
        "--server-wait",
        metavar="S",
        dest="server_wait_s",
        type=_positive,
        help="seconds to wait for an unreachable server (default: 600, but 3 before its first answer)",
    )
    group.add_argument(
        "--timeout", metavar="S", dest="timeout_s", type=_positive, help="seconds to wait for a reply (default: 120)"
    )
    group.add_argument("--allow-server-resize", action="store_true", help="accept a server that resizes pictures")
    said = "replies of the scripted engine, separated by ---; points in pixels of the screen"
    group.add_argument("--replies", metavar="FILE", type=Path, help=said)
    group.add_argument("--notation", choices=notations.names(), help="the form in which the model writes calls")
    group.add_argument(
        "--context", metavar="N", type=_count, help="context length in tokens (default: the profile's, 32768)"
    )
    group.add_argument(
        "--min-pixels", metavar="N", type=_count, help="enlarge smaller pictures (default: the profile's)"
    )
    group.add_argument("--max-pixels", metavar="N", type=_count, help="shrink larger pictures (default: the profile's)")


def _add_run(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--max-steps", metavar="N", type=_count, help="(default: 40, or the task's)")
    group.add_argument("--max-seconds", metavar="S", type=_positive, help="(default: 900, or the task's)")
    group.add_argument("--live", action="store_true", help="a page on this machine to watch and steer the run")
    group.add_argument("--frames", action="store_true", help="draw each screenshot in the terminal")
    group.add_argument("--dry-run", action="store_true", help="look and decide, but perform no action")
    group.add_argument("--confirm", action="store_true", help="ask before every action")
    group.add_argument("--policy", metavar="FILE", type=Path, help="a .toml file of rules on what may be done")
    apps = "the phone's packages, or the desktop's window classes, to use without asking"
    group.add_argument("--app", metavar="A,B", dest="apps", type=_names, help=apps)
    group.add_argument(
        "--check",
        metavar="CHECK",
        dest="checks",
        action="append",
        help="what must hold when it is done, such as 'url contains /thanks'; may be given again",
    )
    group.add_argument(
        "--learn", metavar="NAME", type=Path, help="keep the run, if it is verified, as NAME.toml, for --do NAME"
    )
    group.add_argument("--runs", metavar="DIR", type=Path, help="folder for records (default: runs)")
    group.add_argument("--json", dest="as_json", action="store_true", help="print only the result, as one JSON object")
    group.add_argument("-v", "--verbose", action="store_true", help="print the timings of each step")


def _add_trust(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--secret",
        metavar="SPEC",
        dest="secrets",
        action="append",
        help="a value that is typed and not shown: NAME=env:VARIABLE@HOST or NAME=file:PATH@HOST; may be given again",
    )
    group.add_argument(
        "--parameter",
        metavar="KEY=VALUE",
        dest="parameters",
        type=pair,
        action="append",
        help="with --learn: a value that is a parameter of the learned run; may be given again",
    )
    group.add_argument(
        "--answer-schema", metavar="FILE", type=Path, help="JSON schema that the answer must fit, as JSON text"
    )
    group.add_argument(
        "--verify",
        action=argparse.BooleanOptionalAction,
        help="check the model's word that it is done, in published benchmarks too; or take it unchecked",
    )


def _add_suite(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--tasks", metavar="A,B", type=_names, help="only tasks of these kinds")
    group.add_argument("--limit", metavar="N", type=_count, help="only the first N tasks")
    group.add_argument("--episodes", metavar="N", type=_count, help="tasks of each kind, one seed each")
    group.add_argument("--workers", metavar="N", type=_count, help="run in N processes")
    group.add_argument("--junit", metavar="FILE", type=Path, help="also write the results as JUnit XML")


def _add_benchmark(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--seed", metavar="N", type=int, help="the first seed (default: 0)")
    group.add_argument("--trials", metavar="N", type=_count, help="attempts at each task (default: 1)")
    group.add_argument("--data-root", metavar="DIR", type=Path, help="folder of a benchmark's data")
    group.add_argument("--rule", metavar="NAME", help="the benchmark's scoring rule")
    group.add_argument(
        "--zoom", action="store_true", help="grounding: ask again about the region around the first point"
    )
    group.add_argument("--point-only", action="store_true", help="still pictures: let the model write only coordinates")
    group.add_argument("--baselines", action="store_true", help="also run a random actor and an idle one on each task")
    group.add_argument("--cluster", metavar="ADDRESS", help="run on a Ray cluster: local, auto, HOST:PORT or ray://...")
    group.add_argument(
        "--force",
        action="store_true",
        help="run a benchmark even if the model's frame seems wrong or pictures are missing",
    )


def _version() -> str:
    try:
        return importlib.metadata.version("screenhand")
    except importlib.metadata.PackageNotFoundError:  # a checkout that was not installed
        return "of a checkout"


def _size(text: str) -> Size:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if not match or not all(map(int, match.groups())):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size; write it like 1280x800")
    return Size(int(match[1]), int(match[2]))


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; it is 0 (any free one) to 65535")
    return int(text)


def pair(text: str) -> tuple[str, str]:
    """A name and its value. Raises UsageError if there are none."""
    name, given, value = text.partition("=")
    if not given or not name.isidentifier():
        raise UsageError(f"{text!r} is no value of a parameter. Write it like query=tea.")
    return name, value


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive whole number")
    return int(text)
