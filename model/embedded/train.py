"""Trains the model in the box: `python -m model.embedded.train --start DIR --shards DIR --out DIR --minutes N`.

Runs on a CPU or a GPU. At the start, at each quarter of the minutes and at the end it measures itself on the validation
shards and appends a line to `train_log.jsonl`; every minute it saves the checkpoint and its state in `last`, and keeps
the one before. Called again with the same `--out`, it continues until the minutes, counted over all calls, are used up.
It ends with an error, and saves nothing, if the loss or the gradient is not finite in three steps in a row, or if the
loss of the first batch has not fallen after twenty steps.

Weights are bfloat16 with a float32 copy that the optimizers update: Muon for the matrices (Jordan et al., 2024, scaled
as in Moonlight), AdamW for the rest. Besides the usual loss, four losses exist in training only: each picture token
predicts its row and column, and the letters in it; in the last two layers, two heads attend to the picture token that
the reply refers to, and two to the token of the instruction that is copied next. In the first part of the minutes only
the vision encoder learns, from the first two losses: its steps take half as long, and replies need what it reads.
"""

import argparse
import itertools
import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch.utils.data import DataLoader

from actions.errors import AgentError, TrainingFailure
from model.embedded.batches import IGNORED, Batch, assemble, grid_of
from model.embedded.checkpoint import newest, restore, save
from model.embedded.decks import Batches
from model.embedded.run import AUXILIARY, Run, learn, start
from model.embedded.shards import Example, Screen, read

BATCH, BATCH_ON_GPU = 24, 256
"""Screens of the smallest size in a step."""
FIRST_STEPS = 20
"""After so many steps the loss of the first batch must have fallen."""
CHECKS, SAVE_SECONDS = 4, 60
"""How often it measures itself after the start, and how many seconds of training lie between two checkpoints."""
NEAR = 8
"""A point within this many pixels of the label is correct in validation."""
ANSWERS = "answers"
LOG = "train_log.jsonl"


@torch.no_grad()
def validate(run: Run, screens: Sequence[Screen]) -> dict[str, float]:
    """For each page, the fraction of lessons whose next step is correct (teacher-forced).

    `ANSWERS` is the fraction of correct answers to the questions that are answered in words.
    """
    run.model.train(False)
    asked = [(screen.page, screen, screen.examples[0]) for screen in screens]
    for screen in screens:
        asked += [(ANSWERS, screen, example) for example in screen.examples[1:] if _answers(run, example)]
    pad: int = run.model.config.image_token_id
    right: dict[str, list[bool]] = {}
    by_grid = itertools.groupby(sorted(asked, key=lambda one: grid_of(one[1], pad)), lambda one: grid_of(one[1], pad))
    for grid, alike in by_grid:
        while part := list(itertools.islice(alike, BATCH)):
            names, shown, examples = zip(*part, strict=True)
            batch = assemble(shown, [[example] for example in examples], grid, -1).to(run.device)
            written = run.forward.logits(run.forward(batch, run.forward.picture(batch)).hidden).argmax(-1)
            for row, name in enumerate(names):
                wanted = batch.targets[row] != IGNORED
                texts = [
                    run.tokenizer.decode(ids[row][wanted].tolist(), skip_special_tokens=False)
                    for ids in (written, batch.targets)
                ]
                right.setdefault(name, []).append(_same(*texts))
    run.model.train()
    return {name: sum(found) / len(found) for name, found in sorted(right.items())}


def _answers(run: Run, example: Example) -> bool:
    return run.tokenizer.decode(example[1], skip_special_tokens=False).startswith("*FUNCTION*: Answer")


def _same(written: str, wanted: str) -> bool:
    """Whether two calls agree: points near each other, all else equal."""
    number = re.compile(r"(?<=\[)\d+|\d+(?=\])")
    points = [list(map(int, number.findall(text))) for text in (written, wanted)]
    if len(points[1]) == 2 and len(points[0]) == 2:
        near = max(abs(a - b) for a, b in zip(*points, strict=True)) <= NEAR
        return near and number.sub("", written) == number.sub("", wanted)
    return written == wanted


def train(run: Run, batches: Iterator[Batch], validation: Sequence[Screen], start_folder: Path, out: Path) -> None:
    """Trains until the minutes are used up, or until SIGTERM or Ctrl-C, after which it saves and can continue.

    Raises TrainingFailure where it does not learn; the checkpoints in `out` stay.
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    means: dict[str, float] = {}
    if run.step == 0:
        _log(run, means, validate(run, validation), out)
        batches = _watched(run, batches)
    saved = run.seconds
    while run.part < 1 and not stopped.is_set():
        before, began = run.part, time.monotonic()
        found = learn(run, next(batches))
        means = {name: 0.95 * means.get(name, new) + 0.05 * new for name, new in found.items()}
        run.seconds += time.monotonic() - began
        if run.step % 20 == 0:
            print(_line(run, means), flush=True)
        if run.seconds - saved > SAVE_SECONDS or run.part >= 1 or stopped.is_set():
            save(run, start_folder, out)
            saved = run.seconds
        if int(before * CHECKS) < int(run.part * CHECKS) and not stopped.is_set():
            _log(run, means, validate(run, validation), out)


def _watched(run: Run, batches: Iterator[Batch]) -> Iterator[Batch]:
    """The same batches; raises TrainingFailure if the loss of the first has not fallen after FIRST_STEPS steps."""
    first = next(batches)
    before = _minimized(run, first)
    yield first
    yield from itertools.islice(batches, FIRST_STEPS - 1)
    after = {name: value for name, value in _minimized(run, first).items() if name in before}
    if not sum(after.values()) < sum(before.values()):
        raise TrainingFailure(f"After {FIRST_STEPS} steps the loss of the first batch is {after}; it was {before}.")
    yield from batches


@torch.no_grad()
def _minimized(run: Run, batch: Batch) -> dict[str, float]:
    """The parts of a batch's loss that are minimized."""
    numbers = run.losses(batch.to(run.device)).numbers()
    return {name: numbers[name] for name in ("reply", *run.auxiliary) if name in numbers}


def _line(run: Run, means: dict[str, float]) -> str:
    shown = " ".join(f"{name} {mean:.3f}" for name, mean in means.items())
    return f"step {run.step} {run.seconds / 60:.1f} min {run.screens} screens {shown}"


def _log(run: Run, means: dict[str, float], right: dict[str, float], out: Path) -> None:
    line = {
        "minutes": round(run.seconds / 60, 1), "step": run.step, "screens": run.screens, "replies": run.replies,
        "rate": run.rate(), **{name: round(mean, 4) for name, mean in means.items()},
        "right": round(sum(right.values()) / len(right), 4) if right else None,
        "pages": {page: round(part, 3) for page, part in right.items()},
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    with (out / LOG).open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")
    print(json.dumps(line), flush=True)


def main(arguments: Sequence[str]) -> None:
    flags = argparse.ArgumentParser(prog="python -m model.embedded.train")
    flags.add_argument("--start", type=Path, required=True, help="folder of the initial weights")
    flags.add_argument("--shards", type=Path, required=True)
    flags.add_argument("--validation", type=Path, help="folder of validation shards")
    flags.add_argument("--out", type=Path, required=True)
    flags.add_argument("--minutes", type=float, required=True)
    flags.add_argument(
        "--done",
        type=float,
        default=0.0,
        help="minutes that count as used, for weights that were trained before",
    )
    flags.add_argument("--without", nargs="+", choices=(*AUXILIARY, "muon"), default=(), help="parts to switch off")
    flags.add_argument("--seed", type=int, default=0)
    flags.add_argument("--batch", type=int, help=f"screens of a step, default {BATCH}, on a GPU {BATCH_ON_GPU}")
    flags.add_argument("--workers", type=int, help="processes that make batches, default 0, on a GPU one a core")
    given = flags.parse_args(arguments)
    try:
        _run(given)
    except AgentError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error


def _run(given: argparse.Namespace) -> None:
    run = start(given.start, given.shards, given.minutes, given.seed, given.without)
    run.seconds = 60 * given.done
    if folder := newest(given.out):
        restore(run, folder)
    on_gpu = run.device.type == "cuda"
    count = given.batch or (BATCH_ON_GPU if on_gpu else BATCH)
    workers = given.workers if given.workers is not None else (os.cpu_count() or 1) - 1 if on_gpu else 0
    paths = sorted(given.validation.glob("*.jsonl.gz")) if given.validation else []
    validation = [screen for path in paths for screen in itertools.islice(read(path), BATCH)]
    screens = sum(len(screens) for screens in run.decks.pages.values())
    print(f"{screens} screens of {len(run.decks.pages)} pages, at step {run.step}, on {run.device}", flush=True)
    loader = DataLoader(Batches(run.decks, count), batch_size=None, num_workers=workers, pin_memory=on_gpu)
    train(run, iter(loader), validation, given.start, given.out)


if __name__ == "__main__":
    main(sys.argv[1:])
