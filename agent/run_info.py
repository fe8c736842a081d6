"""`RunInfo`: what a run was asked to do and with what, as `run.json` keeps it."""

import importlib
import importlib.metadata
import platform
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from actions.action import Action, ActionSpace
from actions.errors import UsageError
from agent.loop import Limits
from model.profile import Profile

PACKAGES = ("torch", "transformers", "tokenizers", "playwright", "mss", "pyautogui", "adbutils", "pillow", "numpy")


def kind_name(kind: type[Action]) -> str:
    """An action class as it is named in a record: `actions.mouse:Click`."""
    return f"{kind.__module__}:{kind.__name__}"


def find_kind(name: str) -> type[Action]:
    """The action class of that name; only our own rooms are ever imported for it.

    Raises:
        ValueError: there is no such action.
    """
    module, _, kind = name.partition(":")
    if not re.fullmatch(r"(actions|devices)(\.\w+)+", module):
        raise ValueError(f"{name!r} is no action of ours")
    found = getattr(importlib.import_module(module), kind, None)
    if not (isinstance(found, type) and issubclass(found, Action)):
        raise ValueError(f"there is no action {name!r}")
    return found


class RunInfo(BaseModel):
    """`run.json`: what a run was asked to do, and with what."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instruction: str
    device: str
    address: str | None
    engine: str
    profile: Profile
    actions: tuple[str, ...]
    limits: Limits
    started: datetime
    commit: str | None
    versions: dict[str, str]

    def space(self) -> ActionSpace:
        """The action space of the environment that was acted on."""
        return ActionSpace(map(find_kind, self.actions))


def describe_run(
    instruction: str,
    device: str,
    address: str | None,
    engine: str,
    profile: Profile,
    space: ActionSpace,
    limits: Limits,
) -> RunInfo:
    """The description of a run that starts now, in this environment of packages and commit."""
    return RunInfo(
        instruction=instruction,
        device=device,
        address=address,
        engine=engine,
        profile=profile,
        actions=tuple(kind_name(kind) for kind in space.actions),
        limits=limits,
        started=datetime.now(UTC),
        commit=_commit(),
        versions=_versions(),
    )


def read_info(folder: Path) -> RunInfo:
    """What a recorded run was asked to do. Raises UsageError when the folder holds no readable run."""
    try:
        return RunInfo.model_validate_json((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder} holds no recorded run: {str(error).splitlines()[0]}.") from error


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "system": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
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
