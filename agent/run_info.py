"""`RunInfo`: the task, model and environment of a run, as stored in `run.json`."""

import hashlib
import importlib
import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from actions.action import Action, ActionSpace
from actions.errors import UsageError
from actions.geometry import Size
from actions.text_files import read_text
from agent.layouts import layout_of
from agent.loop import Limits
from model.profile import Profile
from prompts import notations

PACKAGES = ("torch", "transformers", "tokenizers", "playwright", "mss", "pyautogui", "adbutils", "pillow", "numpy")

_ABOVE = (__package__ or "").removesuffix("agent")
"""The prefix of our packages: empty in a checkout, `screenhand.` when installed."""
_MOVED = {"devices.games.": "devices.doubles.games."}
"""Modules that earlier records name, and their present names."""


def kind_name(kind: type[Action]) -> str:
    """The name of an action class in a record: `actions.mouse:Click`."""
    return f"{kind.__module__.removeprefix(_ABOVE)}:{kind.__name__}"


def find_kind(name: str) -> type[Action]:
    """The action class of that name; only our own packages are imported for it.

    Raises:
        ValueError: there is no such action.
    """
    module, _, kind = name.partition(":")
    for before, now in _MOVED.items():
        module = now + module.removeprefix(before) if module.startswith(before) else module
    if not re.fullmatch(r"(actions|devices)(\.\w+)+", module):
        raise ValueError(f"{name!r} is not an action of this project")
    try:
        found = getattr(importlib.import_module(f"{_ABOVE}{module}"), kind, None)
    except ImportError as error:
        raise ValueError(f"there is no action {name!r}") from error
    if not (isinstance(found, type) and issubclass(found, Action)):
        raise ValueError(f"there is no action {name!r}")
    return found


class RunInfo(BaseModel):
    """`run.json`: the task, model and environment of a run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    device: str
    address: str | None
    engine: str
    profile: Profile
    quantize: Literal[8, 4] | None = None
    """The bits per weight of the local engine's language model; None where it is not quantised."""
    actions: tuple[str, ...]
    limits: Limits
    started: datetime
    commit: str | None
    versions: dict[str, str]
    hardware: dict[str, str] = {}
    prompt_sha256: str = ""
    """The hash of the system text for this action space and notation, with a frame of 1000x1000."""
    arguments: tuple[str, ...] = ()
    """The command line, which `--resume` reuses; empty for a run that was not started from there."""
    resumed: tuple[datetime, ...] = ()
    """When it was continued."""

    def space(self) -> ActionSpace:
        """The environment's action space."""
        return ActionSpace(map(find_kind, self.actions))


def describe_run(
    instruction: str,
    device: str,
    address: str | None,
    engine: str,
    profile: Profile,
    space: ActionSpace,
    limits: Limits,
    quantize: Literal[8, 4] | None = None,
    arguments: tuple[str, ...] = (),
) -> RunInfo:
    """The description of a run that starts now, with this commit and these packages."""
    return RunInfo(
        instruction=instruction,
        device=device,
        address=address,
        engine=engine,
        profile=profile,
        quantize=quantize,
        actions=tuple(kind_name(kind) for kind in space.actions),
        limits=limits,
        started=datetime.now(UTC),
        commit=commit(),
        versions=versions(),
        hardware=hardware(),
        prompt_sha256=prompt_hash(profile, space),
        arguments=arguments,
    )


def read_info(folder: Path) -> RunInfo:
    """Reads a run's description. Raises UsageError when the folder holds no readable run."""
    try:
        return RunInfo.model_validate_json(read_text(folder / "run.json"))
    except FileNotFoundError as error:
        begun = " Its run was killed before the device was open; delete it." if _barely_begun(folder) else ""
        raise UsageError(f"{folder} holds no recorded run: there is no run.json.{begun}") from error
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder} holds no recorded run: {str(error).splitlines()[0]}.") from error


def _barely_begun(folder: Path) -> bool:
    """Whether a folder holds nothing but what a run makes first."""
    return folder.is_dir() and {path.name for path in folder.iterdir()} <= {"screens", "downloads"}


def prompt_hash(profile: Profile, space: ActionSpace) -> str:
    """The SHA-256 of the system text for this profile and action space."""
    text = layout_of(profile).system(notations.load(profile.notation, space), Size(1000, 1000))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def versions() -> dict[str, str]:
    """The versions of Python, of this system, and of the packages that can affect results."""
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


@cache
def hardware() -> dict[str, str]:
    """Processor, cores, memory, and the GPUs that `nvidia-smi` lists."""
    found = {"machine": platform.machine(), "cores": str(os.cpu_count())}
    cpuinfo = Path("/proc/cpuinfo")
    named = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text()) if cpuinfo.is_file() else None
    found["processor"] = named[1] if named else platform.processor()
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        found["memory"] = f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB"
    if shutil.which("nvidia-smi"):
        asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
        try:
            listing = subprocess.run(asked, capture_output=True, text=True, timeout=20, check=True).stdout
            found["gpu"] = ", ".join(listing.split("\n")).strip(", ")
        except (OSError, subprocess.SubprocessError) as error:
            found["gpu"] = f"unknown: {error}"
    return found


@cache
def commit() -> str | None:
    """The commit of this checkout, with a + when files differ from it; None outside a checkout."""
    here = Path(__file__).parent.parent
    if not (here / ".git").exists():
        return None
    try:
        described = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--dirty=+", "--exclude=*"],
            cwd=here, capture_output=True, text=True, timeout=20, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return described.stdout.strip()
