"""`run_pool`: distributes jobs to workers; each job has a time limit after which its worker is killed.

A free worker takes the next job, so slow tasks and devices delay nothing else. A worker that dies or is killed is
replaced, and its job counts as failed by the environment.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from enum import Enum
from typing import NamedTuple, Protocol

from tasks.harness.results import Job, Result

POLL_S = 0.02
START_S = 900.0
"""A worker that is not ready by then is lost: a large model can take minutes to load."""
GRACE_S = 150.0
"""Added to a task's time limit, for its set-up, its score and the model call during which the limit passed."""


class State(Enum):
    """A worker's message other than a result."""

    READY = "ready"


class WorkerLost(Exception):
    """The worker's process has ended; the message says how."""


class Worker(Protocol):
    """One process, here or on another machine, that runs one job at a time."""

    def begin(self, job: Job) -> None: ...

    def poll(self) -> Result | State | None:
        """The worker's next message, without waiting.

        Raises:
            WorkerLost: it has ended. AgentError: it cannot run such jobs at all.
        """
        ...

    def kill(self) -> None:
        """Ends it unconditionally."""
        ...


class Lost(NamedTuple):
    """A job without a result, and the reason."""

    job: Job
    why: str


class _Seat:
    """A slot: its worker, the worker's job, and the job's start time."""

    def __init__(self, hire: Callable[[], Worker]) -> None:
        self._hire = hire
        self._worker: Worker | None = None
        self._ready = False
        self._since = 0.0
        self.job: Job | None = None

    def begin(self, job: Job) -> None:
        if self._worker is None:
            self._worker, self._ready = self._hire(), False
        self.job, self._since = job, time.monotonic()
        self._worker.begin(job)

    def outcome(self, allowed_s: float) -> Result | Lost | None:
        """The job's result, once there is one."""
        assert self._worker is not None and self.job is not None, "only a busy seat is polled"
        try:
            said = self._worker.poll()
        except WorkerLost as lost:
            return self._lost(str(lost))
        if said is State.READY:
            self._ready, self._since = True, time.monotonic()
        elif isinstance(said, Result):
            self.job = None
            return said
        limit = allowed_s if self._ready else START_S
        return self._lost(f"killed after {limit:g} s") if time.monotonic() - self._since > limit else None

    def wait(self, seconds: float) -> None:
        """This time does not count for the job."""
        self._since += seconds

    def clear(self) -> None:
        if self._worker:
            self._worker.kill()
            self._worker = None

    def _lost(self, why: str) -> Lost:
        job, self.job = self.job, None
        assert job is not None
        self.clear()
        return Lost(job, why)


def run_pool(
    jobs: Sequence[Job],
    hires: Sequence[Callable[[], Worker]],
    allowed_s: Callable[[Job], float],
    paused: Callable[[], bool] = lambda: False,
) -> Iterator[Result | Lost]:
    """The result of each job, in order of completion. Workers are started when first needed.

    The time during which the run is `paused` counts for no job, and none begins then.

    Raises:
        AgentError: a worker cannot run such jobs.
    """
    waiting = deque(jobs)
    seats = [_Seat(hire) for hire in hires]
    looked = time.monotonic()
    try:
        while waiting or any(seat.job for seat in seats):
            before, looked, standing = looked, time.monotonic(), paused()
            for seat in seats:
                if standing:
                    seat.wait(looked - before)
                if seat.job is None and waiting and not standing:
                    seat.begin(waiting.popleft())
                elif seat.job and (made := seat.outcome(allowed_s(seat.job))):
                    yield made
            time.sleep(POLL_S)
    finally:
        with ThreadPoolExecutor(
            len(seats)
        ) as threads:  # in parallel, because each worker takes a while to close its device
            list(threads.map(_Seat.clear, seats))
