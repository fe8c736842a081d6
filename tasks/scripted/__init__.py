"""The user's own suites: a TOML or YAML file of tasks with set-up, instruction and checks. See example.toml."""

import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from actions.errors import UsageError
from actions.secrets import read_secret
from tasks.scripted.reading import read_suite_file
from tasks.scripted.scripted_task import ScriptedTask
from tasks.task import Suite
from tasks.worlds.site_server import QuietHandler, serving

ENDINGS = frozenset({".toml", ".yaml", ".yml"})


@contextmanager
def open_suite_file(path: Path) -> Iterator[Suite]:
    """The tasks of a file; its folder of pages is served on loopback for the duration of the block.

    Raises:
        UsageError: the file cannot be read or is invalid (the message names its line), its folder of pages is missing,
            or a secret cannot be read.
    """
    described = read_suite_file(path)
    folder = path.resolve().parent
    secrets = tuple(read_secret(spec, folder) for spec in described.secrets)
    with ExitStack() as stack:
        served = None
        if described.pages:
            if not (folder / described.pages).is_dir():
                raise UsageError(f"{path}: there is no folder {folder / described.pages} for `pages`.")
            pages = functools.partial(QuietHandler, directory=str(folder / described.pages))
            served = stack.enter_context(serving(pages))
        yield [ScriptedTask(task, folder, served, secrets) for task in described.tasks]
