"""`Manifest`: `manifest.json` of a suite's run, everything that others need to reproduce the numbers."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from actions.errors import UsageError
from agent.run_info import commit, hardware, read_info, versions
from model.profile import Profile
from model.weights import find_folder
from tasks.composition import Composition
from tasks.harness.bench import suite_name
from tasks.harness.results import Job, Result
from tasks.options import SuiteRunOptions

MANIFEST = "manifest.json"
READ_WHOLE = frozenset({".json", ".jsonl", ".toml", ".yaml", ".yml", ".csv", ".tsv", ".txt", ".html", ".parquet"})


class Counts(BaseModel):
    """The episodes' results in numbers, without the baselines."""

    episodes: int = 0
    environment_errors: int = 0
    crashes: int = 0
    mistakes: dict[str, int] = {}
    prompt_tokens: int = 0
    completion_tokens: int = 0
    seconds: float = 0.0


class Manifest(BaseModel):
    """The run's settings; the counts are added at the end."""

    model_config = ConfigDict(extra="forbid")

    suite: str
    arguments: tuple[str, ...]
    """The command line, which `--resume` reuses."""
    seed: int
    trials: int
    rule: str | None
    data_root: Path | None
    data_sha256: str | None
    items: int
    subset: str
    """`all`, or the selecting flags."""
    items_sha256: str
    """The hash of the sorted item names, one per line: equal for runs of the same items."""
    engine: str
    profile: Profile
    """Includes notation, pixel limits, coordinate frame and context."""
    weights_sha256: str | None
    """None without local weights: a server, or no model."""
    temperature: float = 0.0
    """Every engine decodes greedily."""
    prompt_sha256: tuple[str, ...] = ()
    """Hashes of the system texts, one per kind of action space; each run.json has its own."""
    versions: dict[str, str]
    commit: str | None
    hardware: dict[str, str]
    started: tuple[datetime, ...]
    """The times of the run's start and of each resumption."""
    finished: datetime | None = None
    counts: Counts = Counts()


def described(given: SuiteRunOptions, composition: Composition[SuiteRunOptions], jobs: Sequence[Job]) -> Manifest:
    """The manifest of a run that starts now."""
    chosen = [f"--tasks {','.join(given.tasks)}"] if given.tasks else []
    chosen += [f"--limit {given.limit}"] if given.limit else []
    items = sorted({job.item for job in jobs})
    return Manifest(
        suite=suite_name(given),
        arguments=tuple(given.arguments),
        seed=given.seed,
        trials=given.trials,
        rule=given.rule,
        data_root=given.data_root,
        data_sha256=data_hash(given.data_root) if given.data_root else None,
        items=len(items),
        subset=" ".join(chosen) or "all",
        items_sha256=hashlib.sha256("\n".join(items).encode()).hexdigest(),
        engine=composition.engine_name,
        profile=composition.profile,
        weights_sha256=weights_hash(given.weights or composition.profile.weights)
        if composition.engine_name == "local"
        else None,
        versions=versions(),
        commit=commit(),
        hardware=hardware(),
        started=(datetime.now(UTC),),
    )


def finished(manifest: Manifest, folder: Path, results: Iterable[Result]) -> Manifest:
    """The manifest with the results."""
    results = list(results)
    return manifest.model_copy(
        update={
            "finished": datetime.now(UTC),
            "prompt_sha256": tuple(sorted(_prompts(folder, results))),
            "counts": Counts(
                episodes=len(results),
                environment_errors=sum(result.value is None for result in results),
                crashes=sum(result.crashed for result in results),
                mistakes=sum((Counter(result.mistakes) for result in results), Counter()),
                prompt_tokens=sum(result.prompt_tokens for result in results),
                completion_tokens=sum(result.completion_tokens for result in results),
                seconds=round(sum(result.seconds for result in results), 3),
            ),
        }
    )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a suite's run. Raises UsageError if the folder has none."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise UsageError(f"{folder} has no run of a suite: {str(error).splitlines()[0]}.") from error


def weights_hash(weights: str) -> str | None:
    """SHA-256 over the names and contents of the .safetensors files, sorted by name; None without local files.

    A file of the Hugging Face cache links to a blob named by its SHA-256, so the file need not be read.
    """
    folder = find_folder(weights)
    files = sorted(folder.glob("*.safetensors")) if folder else []
    whole = hashlib.sha256()
    for file in files:
        named = file.resolve().name
        content = named if re.fullmatch(r"[0-9a-f]{64}", named) else _file_hash(file)
        whole.update(f"{file.name} {content}\n".encode())
    return whole.hexdigest() if files else None


def data_hash(root: Path) -> str:
    """SHA-256 over the names and sizes of all files, sorted, and the contents of all but pictures."""
    whole = hashlib.sha256()
    for file in sorted(path for path in root.rglob("*") if path.is_file()):
        content = _file_hash(file) if file.suffix.lower() in READ_WHOLE else ""
        whole.update(f"{file.relative_to(root).as_posix()} {file.stat().st_size} {content}\n".encode())
    return whole.hexdigest()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _prompts(folder: Path, results: Iterable[Result]) -> set[str]:
    runs = (folder / result.place for result in results)
    return {read_info(run).prompt_sha256 for run in runs if (run / "run.json").is_file()}
