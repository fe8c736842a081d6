"""Suites of the user's own: a TOML or YAML file of tasks with set-up, instruction and checks. See example.toml."""

import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from actions.errors import UsageError
from tasks.scripted.reading import read_suite_file
from tasks.scripted.scripted_task import ScriptedTask
from tasks.task import Suite
from tasks.worlds.site_server import QuietHandler, serving

ENDINGS = frozenset({".toml", ".yaml", ".yml"})


@contextmanager
def open_suite_file(path: Path) -> Iterator[Suite]:
    """The tasks of a file; its folder of pages is served on loopback for as long as the block runs.

    Raises:
        UsageError: the file cannot be read, or is wrong (the message names its line), or it has no folder of pages
            where it says.
    """
    described = read_suite_file(path)
    folder = path.resolve().parent
    with ExitStack() as stack:
        served = None
        if described.pages:
            if not (folder / described.pages).is_dir():
                raise UsageError(f"{path}: there is no folder {folder / described.pages} to take `pages` from.")
            pages = functools.partial(QuietHandler, directory=str(folder / described.pages))
            served = stack.enter_context(serving(pages))
        yield [ScriptedTask(task, folder, served) for task in described.tasks]
