"""`RayWorker`: a worker in a Ray cluster. The code is sent to it, and its records are sent back.

Every machine of the cluster needs the packages of pyproject.toml and a Chromium, and must reach the model's server.
A `--data-root` must have the same path everywhere.
"""

import logging
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import ray
from ray.exceptions import RayActorError, RayError

from actions.errors import AgentError, DeviceFailure
from agent.record import write_whole
from agent.terminal import Terminal
from tasks.composition import Composition
from tasks.harness.bench import open_bench
from tasks.harness.pool import State, Worker, WorkerLost
from tasks.harness.results import Job, Result
from tasks.options import SuiteRunOptions

ROOT = Path(__file__).parents[2]
INSTALLED = __package__ != "tasks.harness"
"""Whether this is the installed package, which is then sent to the workers instead of the checkout."""
NOT_SENT = [".venv", ".git", "runs", "tests", "**/__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"]


class Parcel(NamedTuple):
    """The result, and the files of its record by name."""

    result: Result
    files: dict[str, bytes]


@contextmanager
def cluster(address: str) -> Iterator[int]:
    """Joins the cluster at this address, or starts one on this machine for `local`; returns its number of processors.

    Raises:
        DeviceFailure: there is no cluster.
    """
    sent = {"py_modules": [str(ROOT)]} if INSTALLED else {"working_dir": str(ROOT), "excludes": NOT_SENT}
    try:
        _knock(address)
        ray.init(address=address, runtime_env=sent, log_to_driver=False, logging_level=logging.ERROR)
    except Exception as error:
        if type(error) is not Exception and not isinstance(error, OSError | ValueError | RuntimeError):
            raise  # Ray has no class for a node that does not start in time
        message = f"The cluster {address!r} cannot be joined: {error}. To start one: ray start --head"
        raise DeviceFailure(message) from error
    try:
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        ray.shutdown()


def _knock(address: str) -> None:
    """Raises OSError if nothing listens at HOST:PORT; Ray itself would retry for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), timeout=5).close()


def hires(given: SuiteRunOptions, folder: Path, count: int) -> list[Callable[[], Worker]]:
    """One factory per worker; each worker takes one processor of the cluster."""
    return [partial(RayWorker, given, folder)] * count


class RayWorker:
    """An actor of the cluster with the same flags as this process."""

    def __init__(self, given: SuiteRunOptions, folder: Path) -> None:
        self._folder = folder
        self._actor = ray.remote(num_cpus=1, max_restarts=0)(_Remote).remote(given)
        self._awaited: list[Any] = [self._actor.ready.remote()]

    def begin(self, job: Job) -> None:
        self._awaited.append(self._actor.run.remote(job))

    def poll(self) -> Result | State | None:
        if not self._awaited or not ray.wait(self._awaited[:1], timeout=0)[0]:
            return None
        try:
            said = ray.get(self._awaited.pop(0))
        except AgentError:
            raise
        except RayActorError as error:
            raise WorkerLost(f"the worker died: {str(error).splitlines()[0]}") from error
        except RayError as error:
            raise WorkerLost(f"the worker failed: {error}") from error
        if isinstance(said, Parcel):
            place = self._folder / said.result.job.place
            for name, content in said.files.items():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                write_whole(place / name, content)
            return said.result
        return State.READY

    def kill(self) -> None:
        ray.kill(self._actor)


class _Remote:
    """The actor that runs in the cluster."""

    def __init__(self, given: SuiteRunOptions) -> None:
        self._stack = ExitStack()
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        bench = open_bench(Composition(given, Terminal()), self._folder, None, lambda step: None)
        self._bench = self._stack.enter_context(bench)

    def ready(self) -> None:
        pass

    def run(self, job: Job) -> Parcel:
        result = self._bench.run(job)
        place = self._folder / job.place
        files = [path for path in place.rglob("*") if path.is_file()]
        return Parcel(result, {path.relative_to(place).as_posix(): path.read_bytes() for path in files})
