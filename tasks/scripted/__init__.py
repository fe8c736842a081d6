"""The user's own suites: a TOML or YAML file of tasks with set-up, instruction and checks. See example.toml."""

import functools
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from actions.errors import UsageError
from actions.secrets import Secrets, read_secret
from agent.answers import read_schema
from tasks.learned.file import path_of, read_learned
from tasks.learned.playing import require_device
from tasks.scripted.fitting import ENDINGS
from tasks.scripted.reading import read_suite_file
from tasks.scripted.schema import DescribedTask, SuiteFile
from tasks.scripted.scripted_task import ScriptedTask
from tasks.scripted.server import running
from tasks.task import Suite, Task
from tasks.worlds.site_server import QuietHandler, serving

__all__ = ["ENDINGS", "open_suite_file"]


@contextmanager
def open_suite_file(path: Path, above: tuple[Path, ...] = (), variables: Mapping[str, str] = {}) -> Iterator[Suite]:
    """The tasks of a file and of those that it includes; `above` are the files that include it, with their variables.

    For the duration of the block its folder of pages is served on loopback, and its server runs.

    Raises:
        UsageError: a file cannot be read or is invalid (the message names its line), its folder of pages is missing, a
            secret or a schema cannot be read, or its server does not start.
    """
    described = read_suite_file(path, variables)
    folder = path.resolve().parent
    with ExitStack() as stack:
        served = None
        if described.pages:
            if not (folder / described.pages).is_dir():
                raise UsageError(f"{path}: there is no folder {folder / described.pages} for `pages`.")
            pages = functools.partial(QuietHandler, directory=str(folder / described.pages))
            served = stack.enter_context(serving(pages))
        if described.server:
            stack.enter_context(running(described.server, folder))
        tasks: list[Task] = [_opened(_with_shared(task, described), folder, served) for task in described.tasks]
        for other in described.include:
            included = (folder / other).resolve()
            if included in (chain := (*above, path.resolve())):
                raise UsageError(f"{path}: {other} includes this file in turn. Leave one of them out.")
            tasks += stack.enter_context(open_suite_file(included, chain, described.variables))
        ids = [task.id for task in tasks]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise UsageError(f"{path}: an included file has another task {twice[0]!r}. Give each its own id.")
        yield tasks


def _with_shared(task: DescribedTask, suite: SuiteFile) -> DescribedTask:
    """The task with what the file has for all."""
    update = {
        "commands": (*suite.commands, *task.commands),
        "cleanup": (*task.cleanup, *suite.cleanup),
        "secrets": (*suite.secrets, *task.secrets),
        "retries": suite.retries if task.retries is None else task.retries,
        "policy": task.policy or suite.policy,
    }
    return task.model_copy(update=update)


def _opened(task: DescribedTask, folder: Path, served: str | None) -> ScriptedTask:
    """The task with what its files hold. Raises UsageError if a secret, a schema or a learned run cannot be read."""
    secrets = {secret.name: secret for secret in (read_secret(spec, folder) for spec in task.secrets)}
    schema = read_schema(folder / task.answer_schema) if task.answer_schema else None
    run = None
    if task.learned:
        run = read_learned(path_of(task.learned, folder), task.parameters, Secrets(secrets.values()))
        require_device(run, task.device)
    return ScriptedTask(task, folder, served, tuple(secrets.values()), schema, learned=run)
