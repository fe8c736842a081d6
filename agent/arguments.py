"""The command line's flags. Their values are named like the fields of the options that they stand for."""

import argparse
import math
import re
from pathlib import Path
from typing import get_args

from actions.geometry import Size
from devices import Permission
from prompts import notations

COMMAND = "run_agent.py" if __package__ == "agent" else "screenhand"
"""What starts this program: the file in a checkout, the command where it is installed."""


def parser() -> argparse.ArgumentParser:
    """Every flag, with what it means."""
    flags = argparse.ArgumentParser(
        prog=COMMAND,
        description="Lets a vision-language model on your machine operate a browser, a desktop or an Android phone.",
    )
    flags.add_argument("instruction", nargs="?", help="what to do, in words")
    _add_modes(flags.add_argument_group("instead of an instruction"))
    _add_device(flags.add_argument_group("the device"))
    _add_model(flags.add_argument_group("the model"))
    _add_run(flags.add_argument_group("the run"))
    _add_suite(flags.add_argument_group("a suite"))
    return flags


def _add_modes(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--suite", metavar="NAME", help="run a suite of tasks, or your own in a .toml or .yaml file")
    group.add_argument("--resume", metavar="RUN", type=Path, help="run what is missing of a suite's run")
    group.add_argument("--replay", metavar="RUN", type=Path, help="decide a recorded run again, without a device")
    group.add_argument("--report", metavar="RUN", type=Path, nargs="+", help="a run as a page, or two runs compared")
    group.add_argument("--export", metavar=("RUN", "FILE"), type=Path, nargs=2, help="solved episodes as training data")
    group.add_argument("--calibrate", action="store_true", help="touch nine targets and tell how far off each was")
    group.add_argument("--rescore", metavar="RUN", type=Path, help="judge a suite's run, or a public report, again")
    group.add_argument("--list", action="store_true", help="list the devices, models, engines and suites there are")
    group.add_argument("--doctor", action="store_true", help="look for what this machine lacks for such a run")


def _add_device(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--device", metavar="NAME", default="browser", help="which device (default: %(default)s)")
    group.add_argument("--address", metavar="WHERE", help="a URL, an adb serial, or a display")
    group.add_argument("--headless", action="store_true", help="a browser without a window")
    group.add_argument("--viewport", metavar="WxH", type=_size, help="the size of a browser's page")
    group.add_argument("--scale", metavar="S", type=_positive, default=1.0, help="device pixels per page pixel")
    group.add_argument("--mobile", action="store_true", help="a browser that behaves like a phone's")
    group.add_argument("--user-data", metavar="DIR", type=Path, help="a browser profile that is kept")
    group.add_argument(
        "--upload", metavar="DIR", dest="uploads", type=Path, help="a folder whose files a browser may give to pages"
    )
    group.add_argument(
        "--permit",
        metavar="A,B",
        type=_names,
        default=(),
        help=f"what pages may use, of {', '.join(get_args(Permission))} (default: nothing)",
    )


def _add_model(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--model", metavar="NAME", help="a profile's name, or a .toml file")
    group.add_argument("--weights", metavar="DIR", help="other weights than the profile names")
    group.add_argument("--quantize", metavar="BITS", type=int, choices=(8, 4), help="hold local weights in 8 or 4 bits")
    group.add_argument("--engine", metavar="NAME", help="what runs the model: local, server or scripted")
    group.add_argument("--server", metavar="URL", help="an OpenAI-compatible server, such as http://127.0.0.1:8000/v1")
    group.add_argument("--served-model", metavar="NAME", help="the model's name on that server")
    group.add_argument(
        "--api-key-file", metavar="FILE", type=Path, help="the server's key (default: OPENAI_API_KEY, if it is set)"
    )
    group.add_argument(
        "--server-wait",
        metavar="S",
        dest="server_wait_s",
        type=_positive,
        help="seconds to wait for a server that is not there (default: 600, but 3 before its first answer)",
    )
    group.add_argument(
        "--timeout", metavar="S", dest="timeout_s", type=_positive, default=120.0, help="seconds to wait for a reply"
    )
    group.add_argument("--allow-server-resize", action="store_true", help="go on with a server that resizes pictures")
    group.add_argument("--replies", metavar="FILE", type=Path, help="a scripted model's replies, separated by ---")
    group.add_argument("--notation", choices=notations.names(), help="how the model writes calls")
    group.add_argument("--context", metavar="N", type=_count, help="tokens of context (default: the profile's, 32768)")


def _add_run(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--max-steps", metavar="N", type=_count, help="(default: 40, or the task's)")
    group.add_argument("--max-seconds", metavar="S", type=_positive, help="(default: 900, or the task's)")
    group.add_argument("--dry-run", action="store_true", help="look and decide, but only pretend to act")
    group.add_argument("--confirm", action="store_true", help="ask before every action")
    group.add_argument("--runs", metavar="DIR", type=Path, default=Path("runs"), help="where records go")


def _add_suite(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--seed", metavar="N", type=int, default=0, help="a suite's first seed (default: 0)")
    group.add_argument("--limit", metavar="N", type=_count, help="only a suite's first N tasks")
    group.add_argument("--episodes", metavar="N", type=_count, help="a suite's tasks of each kind, a seed for each")
    group.add_argument("--tasks", metavar="A,B", type=_names, help="only these kinds of a suite's tasks")
    group.add_argument("--data-root", metavar="DIR", type=Path, help="where a benchmark's data lie")
    group.add_argument("--zoom", action="store_true", help="grounding: ask again on the part around the first point")
    group.add_argument(
        "--point-only", action="store_true", help="still pictures: have the model write coordinates alone"
    )
    group.add_argument("--rule", metavar="NAME", help="which of a benchmark's rules decides what is right")
    group.add_argument("--trials", metavar="N", type=_count, default=1, help="attempts at each task (default: 1)")
    group.add_argument("--baselines", action="store_true", help="also let chance, and doing nothing, try each task")
    group.add_argument(
        "--workers", metavar="N", type=_count, help="run in N processes, which are killed when they hang"
    )
    group.add_argument("--cluster", metavar="ADDRESS", help="run on a Ray cluster: local, auto, HOST:PORT or ray://...")
    group.add_argument("--junit", metavar="FILE", type=Path, help="also write the results as JUnit XML")
    group.add_argument(
        "--json",
        dest="summary_only",
        action="store_true",
        help="print the summary as one JSON object, and nothing else",
    )
    group.add_argument(
        "--force",
        action="store_true",
        help="run a benchmark though the model's frame seems wrong or pictures are missing",
    )


def _size(text: str) -> Size:
    match = re.fullmatch(r"(\d+)x(\d+)", text)
    if not match or not all(map(int, match.groups())):
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write it like 1280x800")
    return Size(int(match[1]), int(match[2]))


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return number


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above zero")
    return int(text)
