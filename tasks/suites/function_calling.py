"""Function calling on our own 72 pictures: receipts, tickets, cards, menus, charts and forms, Latin and Chinese.

The Qwen2-VL report's FnCall set is unpublished; a score here does not predict its score.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.functions.function_task import FunctionTask
from tasks.functions.samples import samples
from tasks.task import Suite, SuiteOptions


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per picture; `--tasks menu` and the like pick a kind."""
    yield [FunctionTask(sample) for sample in samples()]
