"""`ProcessWorker`: a worker that is a process of this machine, with its own device and its own engine."""

import multiprocessing
import os
import signal
import threading
from multiprocessing.connection import Connection
from pathlib import Path

from actions.errors import AgentError
from agent.episode import Step
from agent.record import stop_records
from agent.stopping import stoppable
from agent.terminal import Terminal
from tasks.composition import Composition
from tasks.harness.bench import open_bench
from tasks.harness.pool import State, WorkerLost
from tasks.harness.results import Job, Result
from tasks.options import SuiteRunOptions

CLOSING_S = 0.6
"""How long a worker that is told to end may take to close its device; then it is killed, and its helpers with it."""
DYING_S = 10.0
"""How long a worker that has hung up may take until its exit code is known."""


class ProcessWorker:
    """A process with the same flags as this one. What it prints goes to a file."""

    def __init__(self, given: SuiteRunOptions, folder: Path, address: str | None, log: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._log = log
        self._process = spawn.Process(target=_serve, args=(given, folder, address, log, theirs))
        self._process.start()
        theirs.close()
        self.process_id = self._process.pid
        """None when it has been ended."""

    def begin(self, job: Job) -> None:
        try:
            self._connection.send(job)
        except OSError:
            pass  # it has died, which the next poll says

    def poll(self) -> Result | State | None:
        try:
            said = self._connection.recv() if self._connection.poll() else None
        except (EOFError, OSError) as error:
            self._process.join(DYING_S)
            code = self._process.exitcode
            raise WorkerLost(f"the worker died with exit code {code}; {self._log} says more") from error
        if isinstance(said, AgentError):
            raise said
        assert said is None or isinstance(said, Result | State), said
        return said

    def kill(self) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.join(CLOSING_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        self.process_id = None


def _serve(given: SuiteRunOptions, folder: Path, address: str | None, log: Path, connection: Connection) -> None:
    """Runs the jobs that come, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends its workers itself
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _redirect(log)
    try:
        with stoppable(stop_records), open_bench(Composition(given, Terminal()), folder, address, _unshown) as bench:
            connection.send(State.READY)
            while True:
                job = connection.recv()
                assert isinstance(job, Job), job
                connection.send(bench.run(job))
    except (EOFError, OSError, KeyboardInterrupt):
        pass  # the parent wants no more of it
    except AgentError as error:
        connection.send(error)


def _unshown(step: Step) -> None:
    """A worker's steps are on record; nobody watches them."""


def _end_with_the_parent() -> None:
    """An orphan would go on to write to a run that somebody resumes."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _redirect(log: Path) -> None:
    """Everything that this process and its children print goes to the file from now on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
