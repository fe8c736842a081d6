"""`hired`: the workers that the flags request, on this machine or in a cluster."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from actions.errors import UsageError
from tasks.composition import Composition
from tasks.harness.pool import Worker
from tasks.harness.process import ProcessWorker
from tasks.options import SuiteRunOptions

Hires = Sequence[Callable[[], Worker]]


@contextmanager
def hired(composition: Composition[SuiteRunOptions], folder: Path) -> Iterator[Hires]:
    """One factory per worker; none if this process runs all jobs.

    Raises:
        UsageError: the flags are incompatible, or Ray is not installed. DeviceFailure: there is no such cluster.
    """
    given = composition.options
    addresses = given.address.split(",") if given.address else [None]
    count = given.workers or (len(addresses) if len(addresses) > 1 else 0)
    _refuse(composition, count, len(addresses))
    if given.cluster:
        try:
            ray = importlib.import_module(f"{__package__}.cluster")
        except ModuleNotFoundError as error:
            raise UsageError("--cluster needs Ray. Install it with: pip install '.[cluster]'") from error
        with ray.cluster(given.cluster) as processors:
            yield ray.hires(given, folder, count or processors)
    else:
        logs = folder / "workers"
        yield [
            partial(ProcessWorker, given, folder, addresses[index % len(addresses)], logs / f"{index}.log")
            for index in range(count)
        ]


def _refuse(composition: Composition[SuiteRunOptions], count: int, devices: int) -> None:
    """Raises UsageError if the flags are incompatible."""
    given = composition.options
    if devices > 1 and (given.cluster or count > devices):
        raise UsageError(f"The {devices} devices of --address need exactly as many workers on this machine, one each.")
    if given.confirm and (count or given.cluster):
        raise UsageError(
            "--confirm asks on this terminal, which workers do not have. Leave out --workers and --cluster."
        )
    if given.cluster and given.secrets:
        raise UsageError("Secrets do not leave this machine. Leave out --cluster or --secret.")
    if (count > 1 or given.cluster) and composition.engine_name == "local" and composition.profile.name != "embedded":
        raise UsageError(
            f"Each worker would load its own copy of {composition.profile.name}. Serve the model and pass "
            "--server URL, or use --workers 1."
        )
