"""`Runs`: the runs that a server shows, and the processes that it has started."""

import contextlib
import itertools
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from actions.errors import UsageError
from actions.secrets import Secrets
from agent.episode import Ending
from agent.flags import words
from agent.record import read_result, run_folder
from agent.run_info import read_info
from devices import DeviceOptions
from tasks.harness.story import model_of
from tasks.learned.file import MODEL_OPTIONS, options_of, path_of, read_learned
from tasks.live.attached import Attached
from tasks.live.channel import Channel, Message
from tasks.live.following import Follower
from tasks.options import Options

ENDING_S = 3.0
"""How long the processes of runs get to end when the server ends; then they are killed."""
NAME = re.compile(r"[\w-][\w.-]*", re.ASCII)


KEPT = ("policy", "apps", "confirm", "dry_run")
"""Options that limit what runs may do: a request may set them, but not undo those that the server was started with."""


class ListedRun(BaseModel):
    """A line of the list of runs."""

    name: str
    instruction: str
    device: str
    model: str
    started: datetime | None
    going_on: bool
    ending: Ending | None


class Runs:
    """All runs of a folder, or a single one."""

    def __init__(self, folder: Path, defaults: Mapping[str, Any] | None, only: str | None = None) -> None:
        """`defaults` are the options of what is started; without them nothing can be started."""
        self.folder = folder
        self._defaults = defaults
        self._only = only
        self._attached: dict[str, Attached] = {}
        self._sessions: dict[str, Attached] = {}
        self._numbers = itertools.count(1)
        self._processes: list[subprocess.Popen[bytes]] = []

    @property
    def starting(self) -> bool:
        """Whether runs can be started."""
        return self._defaults is not None

    def attach(self, name: str, attached: Attached) -> None:
        """A run has this process."""
        self._attached[name] = attached

    def attached(self, name: str) -> Attached | None:
        return self._attached.get(name)

    def find(self, name: str) -> Path | None:
        """The folder of a run; None if there is none of that name."""
        if not NAME.fullmatch(name) or self._only not in (None, name):
            return None
        run = self.folder / name
        return run if name in self._attached or (run / "run.json").is_file() else None

    def listed(self) -> list[ListedRun]:
        """The runs, the newest first. What cannot be read is left out."""
        names = {path.parent.name for path in self.folder.glob("*/run.json")} | set(self._attached)
        return [line for name in sorted(names, reverse=True) if (line := self._line(name))]

    def start(self, instruction: str, given: Mapping[str, Any]) -> str:
        """Starts a run in a process of its own; returns its name.

        Raises:
            UsageError: an option is wrong. RecordFailure: the folder cannot be written.
        """
        if not instruction.strip():
            raise UsageError('The instruction is empty. Pass one, such as "find a pizza place".')
        return self._start(instruction, self._options(given), {"do": "run", "instruction": instruction})

    def repeat(self, name: Path, parameters: Mapping[str, str], given: Mapping[str, Any]) -> str:
        """Starts a learned run with these values in a process of its own; returns its name.

        Raises:
            UsageError: an option, a value or the learned run is wrong. RecordFailure: the folder cannot be written.
        """
        path, defaults = path_of(name), self._defaults or {}
        run = read_learned(path, parameters, Secrets(Options.read(defaults).secrets))
        chosen = {**{key: defaults[key] for key in MODEL_OPTIONS & defaults.keys()}, **given}
        words = [str(name), *(f"{key}={value}" for key, value in parameters.items())]
        values = self._options(options_of(run.content, chosen), words)
        request = {"do": "repeat", "learned": str(path), "parameters": dict(parameters)}
        return self._start(run.content.instruction, values, request)

    def _start(self, instruction: str, values: Mapping[str, Any], request: Mapping[str, Any]) -> str:
        secrets = Secrets(Options.read(values).secrets)
        record = run_folder(self.folder, secrets.masked(instruction), datetime.now())
        attached = self._worker()
        self.attach(record.name, attached)
        attached.request("open", options=_plain(values), record=str(record), late=request["do"] == "repeat")
        done = attached.request(**request, record=str(record))
        done.add_done_callback(lambda reply: attached.close())
        return record.name

    def open_session(self, given: Mapping[str, Any]) -> tuple[str, Future[Message]]:
        """Opens a device and a model in a process of its own, for questions; returns its name and its reply."""
        values = self._options(given)
        attached = self._worker()
        name = f"session-{next(self._numbers)}"
        self._sessions[name] = attached
        return name, attached.request("open", options=_plain(values), record=None, late=False)

    def session(self, name: str) -> Attached | None:
        return self._sessions.get(name)

    def close_session(self, name: str) -> bool:
        """Ends a session; whether there was one."""
        session = self._sessions.pop(name, None)
        if session:
            session.close()
        return session is not None

    def close(self) -> None:
        """Stops every process that was started here."""
        for process in self._processes:
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_S)
            process.kill()
            process.wait()

    def _options(self, given: Mapping[str, Any], do: Sequence[str] | None = None) -> dict[str, Any]:
        """The options with those that are given; the device's defaults hold only for the same device.

        `do` are the words of the learned run that is repeated.

        Raises:
            UsageError: an option is wrong, or would lift a limit that the server was started with.
        """
        defaults = dict(self._defaults or {})
        for name, value in given.items():
            if name in KEPT and defaults.get(name) and value != defaults[name]:
                raise UsageError(
                    f"{name}: the server was started with {defaults[name]}, which a request cannot change."
                )
        if given.get("device", defaults.get("device", "browser")) != defaults.get("device", "browser"):
            defaults = {name: value for name, value in defaults.items() if name not in DeviceOptions.model_fields}
        values = {**defaults, **given, "runs": self.folder}
        Options.read(values)
        return values | {"arguments": words({**values, "do": do})}

    def _worker(self) -> Attached:
        """A process for a session, which ends with its channel."""
        channel, process = Channel.to(f"{__package__}.worker")
        self._processes = [each for each in self._processes if each.poll() is None] + [process]
        return Attached(channel)

    def _line(self, name: str) -> ListedRun | None:
        run = self.folder / name
        going_on = Follower(run, self.attached(name)).state().going_on
        try:
            info, ended = read_info(run), read_result(run)
        except UsageError:
            return None
        return ListedRun(
            name=name,
            instruction=info.instruction,
            device=info.device,
            model=model_of(info),
            started=info.started,
            going_on=going_on,
            ending=ended.ending if ended else None,
        )


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Options as JSON has them."""
    return {name: str(value) if isinstance(value, Path) else value for name, value in values.items()}
