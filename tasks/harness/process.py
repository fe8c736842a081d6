"""`ProcessWorker`: a worker process on this machine, with its own device and engine."""

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
"""How long a worker may take to close its device when asked to end; then it is killed, with its children."""
DYING_S = 10.0
"""How long to wait for the exit code of a worker that has closed its pipe."""


class ProcessWorker:
    """A process with this process's flags. Its output goes to a file."""

    def __init__(self, given: SuiteRunOptions, folder: Path, address: str | None, log: Path) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._connection, theirs = spawn.Pipe()
        self._log = log
        self._process = spawn.Process(target=_serve, args=(given, folder, address, log, theirs))
        self._process.start()
        theirs.close()
        self.process_id = self._process.pid
        """None once it has been ended."""

    def begin(self, job: Job) -> None:
        try:
            self._connection.send(job)
        except OSError:
            pass  # it has died, which the next poll reports

    def poll(self) -> Result | State | None:
        try:
            said = self._connection.recv() if self._connection.poll() else None
        except (EOFError, OSError) as error:
            self._process.join(DYING_S)
            code = self._process.exitcode
            raise WorkerLost(f"the worker died with exit code {code}; see {self._log}") from error
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
    """Runs incoming jobs until the other end is closed."""
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
        pass  # the parent needs no more results
    except AgentError as error:
        connection.send(error)


def _unshown(step: Step) -> None:
    """A worker's steps are recorded, not printed."""


def _end_with_the_parent() -> None:
    """An orphan would keep writing to a run that may be resumed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _redirect(log: Path) -> None:
    """Redirects all output of this process and its children to the file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
