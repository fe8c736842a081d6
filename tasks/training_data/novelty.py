"""`python -m tasks.training_data.novelty RUN SHARDS...`: success by whether an episode's first screen was trained on.

The shards' folders have lists of the hashes of all screens that were trained on.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from PIL import Image

from tasks.harness.results import MODEL, Result, Results
from tasks.harness.summary import cell, percent
from tasks.training_data import digest
from tasks.training_data.__main__ import SCREENS

FIRST = Path("screens") / "0000.png"


def known_screens(folders: Iterable[Path]) -> set[str]:
    """The hashes of all screens in these folders of shards."""
    return {line for folder in folders for line in (folder / SCREENS).read_text(encoding="utf-8").split()}


def apart(run: Path, known: set[str]) -> tuple[list[Result], list[Result]]:
    """The model's results on known first screens, and on others; interrupted episodes may have none."""
    found: tuple[list[Result], list[Result]] = ([], [])
    for result in Results(run / "results.jsonl"):
        if result.actor == MODEL and result.value is not None:
            with Image.open(run / result.place / FIRST) as image:
                found[digest(image) not in known].append(result)
    return found


def main(arguments: Sequence[str]) -> int:
    run, *folders = map(Path, arguments)
    for name, results in zip(("trained on", "new"), apart(run, known_screens(folders)), strict=True):
        numbers = cell(results)
        print(f"first screen {name}: {numbers.episodes} episodes, success {percent(numbers.success_rate)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
