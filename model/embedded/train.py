"""Trains the model in the box: `python -m model.embedded.train --start DIR --shards DIR --out DIR --minutes N`.

Runs on a CPU or a GPU. Every few minutes it measures itself on the validation shards, appends a line to
`train_log.jsonl` and saves the checkpoint and its state. Called again with the same `--out`, it continues until the
minutes, counted over all calls, are used up.

Weights are bfloat16 with a float32 copy that the optimizers update: Muon for the matrices (Jordan et al., 2024, scaled
as in Moonlight), AdamW for the rest. Besides the usual loss, four losses exist in training only: each picture token
predicts its row and column, and the letters in it; in the last two layers, two heads attend to the picture token that
the reply refers to, and two to the token of the instruction that is copied next. In the first part of the minutes only
the vision encoder learns, from the first two losses: its steps take half as long, and replies need what it reads.
"""

import argparse
import io
import itertools
import json
import re
import shutil
import signal
import sys
import threading
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from model.embedded.batches import IGNORED, Batch, Decks, assemble, grid_of
from model.embedded.forward import Forward, Places, Reading, Seen
from model.embedded.shards import Example, Screen, read, screen_of

BATCH, LENGTH = 24, 240
RATE, WARM_UP, FALL_FROM, LEAST = 3.0e-3, 60, 0.55, 0.02
"""The learning rate, its warm-up steps, the fraction of the minutes after which it decays, and its final fraction."""
READ_UNTIL = 0.25
"""The curriculum: until this fraction of the minutes only the vision encoder learns (place and letters)."""
GROUND_UNTIL, GROUND_FIRST = 0.3, "lessons/words.html?forms=0"
"""Until this fraction of the minutes, the page of single words is drawn up to three times as often."""
HARD_WEIGHT = 2.0
"""The loss weight of a reply's digits and of copied tokens, relative to other tokens."""
AUXILIARY = {"place": 0.5, "read": 0.5, "look": 1.0, "copy": 1.0}
"""The weights of the losses that exist in training only."""
NEAR = 8
"""A point within this many pixels of the label is correct in validation."""
CHECK_MINUTES, SAVE_MINUTES = 10.0, 2.0
TYPING = '*FUNCTION*: Type\n*ARGS*: {"text": "'
"""The first token of a reply that types a text."""
ANSWERS = "answers"
STATE, LOG = "training.pt", "train_log.jsonl"


class Losses(NamedTuple):
    """Parts of the loss: place and letters; once replies are trained, also replies, digits, looks and copies."""

    place: Tensor
    read: Tensor
    reply: Tensor | None = None
    digit: Tensor | None = None
    look: Tensor | None = None
    copy: Tensor | None = None
    hit: Tensor | None = None
    """The fraction of looks at the right token."""

    def numbers(self) -> dict[str, float]:
        return {name: float(value.detach()) for name, value in self._asdict().items() if value is not None}


@dataclass
class Run:
    """A training in progress."""

    model: Qwen2_5_VLForConditionalGeneration
    forward: Forward
    places: Places
    reading: Reading
    decks: Decks
    tokenizer: Tokenizer
    masters: list[tuple[nn.Parameter, nn.Parameter]]
    """Pairs of a bfloat16 weight and its float32 copy."""
    optimizers: list[torch.optim.Optimizer]
    minutes: float
    auxiliary: dict[str, float]
    """The weights of the losses that exist in training only."""
    batch: int = BATCH
    step: int = 0
    seconds: float = 0.0
    screens: int = 0
    replies: int = 0

    @property
    def device(self) -> torch.device:
        return self.masters[0][0].device

    @property
    def part(self) -> float:
        """The used fraction of the budget, 0 to 1."""
        return min(self.seconds / 60 / self.minutes, 1.0)

    def rate(self) -> float:
        """The current learning rate: warm-up, plateau, linear decay."""
        fall = max(0.0, (self.part - FALL_FROM) / (1 - FALL_FROM))
        return RATE * min(1.0, (self.step + 1) / WARM_UP) * (1 - (1 - LEAST) * fall)

    def weights(self) -> dict[str, float]:
        return {GROUND_FIRST: 1 + 2 * max(0.0, 1 - self.part / GROUND_UNTIL)}


def start(folder: Path, shards: Path, minutes: float, seed: int, without: Collection[str] = ()) -> Run:
    """Starts from the weights in a folder, or from random ones if it holds only a configuration.

    `without` names parts of `AUXILIARY`, or `muon`, to switch off for an ablation.
    """
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model: Any = _model(folder, tokenizer.get_vocab_size())
    decks = Decks.of(sorted(shards.glob("*.jsonl.gz")), seed)
    if not decks.pages:
        raise SystemExit(
            f"There are no shards in {shards}. Draw some: python -m tasks.training_data {shards} PAGE:COUNT"
        )
    first = screen_of(next(iter(decks.pages.values()))[0])
    grid = grid_of(first.examples[0][0], model.config.image_token_id, _size(first))
    model.to(device).train()
    copies = [nn.Parameter(weight.detach().clone().float()) for weight in model.parameters()]
    model.bfloat16()
    masters = list(zip(model.parameters(), copies, strict=True))
    embeddings = model.get_input_embeddings().weight
    matrices = [copy for weight, copy in masters if weight.dim() == 2 and weight is not embeddings]
    if "muon" in without:
        matrices = []
    width = model.config.text_config.hidden_size
    places, reading = Places(width, grid).to(device), Reading(width).to(device)
    rest = [copy for _, copy in masters if all(copy is not matrix for matrix in matrices)]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(
            [*rest, *places.parameters(), *reading.parameters()], RATE, betas=(0.9, 0.98), weight_decay=0.01
        ),
    ]
    if matrices:
        optimizers.append(
            torch.optim.Muon(matrices, RATE, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        )
    decks.typing, decks.letters = tokenizer.get_vocab().get(TYPING, -1), _letters(tokenizer)
    auxiliary = {name: weight for name, weight in AUXILIARY.items() if name not in without}
    return Run(model, Forward(model, grid), places, reading, decks, tokenizer, masters, optimizers, minutes, auxiliary)


def _model(folder: Path, rows: int) -> Qwen2_5_VLForConditionalGeneration:
    """The folder's model in float32, with a row of the embedding for every token; new rows begin as the mean row."""
    if (folder / "model.safetensors").exists():
        model: Any = Qwen2_5_VLForConditionalGeneration.from_pretrained(
            folder, dtype=torch.float32, attn_implementation="sdpa"
        )
    else:
        model = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig.from_pretrained(folder))
    old = model.get_input_embeddings().weight.detach().clone()
    if len(old) < rows:
        model.resize_token_embeddings(rows, mean_resizing=False)
        with torch.no_grad():
            added = model.get_input_embeddings().weight[len(old) :]
            added.copy_(old.mean(0) + torch.randn_like(added) * old.std() / 4)
    found: Qwen2_5_VLForConditionalGeneration = model
    return found


def _size(screen: Screen) -> tuple[int, int]:
    return Image.open(io.BytesIO(screen.png)).size


def losses(run: Run, batch: Batch) -> Losses:
    """The parts of a batch's loss; only those of the picture in the first phase."""
    picture = run.forward.picture(batch)
    seen_in_it = run.places.loss(picture), run.reading.loss(picture, batch.letters)
    if run.part < READ_UNTIL and {"place", "read"} & run.auxiliary.keys():
        return Losses(*seen_in_it)
    seen = run.forward(batch, picture)
    asked = batch.targets != IGNORED
    targets = batch.targets[asked]
    # For all tokens, though few are needed: a product of a new size is compiled, and cached, at each step.
    logits = run.forward.logits(seen.hidden).flatten(0, 1)
    each = F.cross_entropy(logits, batch.targets.flatten(), ignore_index=IGNORED, reduction="none")[asked.flatten()]
    digits = torch.isin(targets, torch.tensor(_digits(run.tokenizer), device=targets.device))
    weight = 1 + (HARD_WEIGHT - 1) * (digits | (batch.sources >= 0)[asked])
    looking = batch.looks >= 0
    wanted = batch.looks[looking]
    looked = [head[looking].float() for layer in seen.attention for head in layer.unbind(1)]
    return Losses(
        *seen_in_it,
        (each * weight).sum() / weight.sum(),
        each[digits].mean(),
        torch.stack([F.cross_entropy(scores, wanted) for scores in looked]).mean(),
        _copy_loss(batch, seen),
        (looked[-1].argmax(-1) == wanted).float().mean(),
    )


def _copy_loss(batch: Batch, seen: Seen) -> Tensor:
    """The loss of the copying heads; 0 where nothing is copied."""
    copies = batch.sources >= 0
    if not copies.any():
        return torch.zeros((), device=copies.device)
    heads = [head[copies].float() for layer in seen.copying for head in layer.unbind(1)]
    return torch.stack([F.cross_entropy(scores, batch.sources[copies]) for scores in heads]).mean()


def _letters(tokenizer: Tokenizer) -> list[int]:
    """The tokens of letters, digits and the marks of addresses, from which random texts are made."""
    return sorted(id for token, id in tokenizer.get_vocab().items() if re.fullmatch(r"[A-Za-z0-9@.:'-]{1,4}", token))


def _digits(tokenizer: Tokenizer) -> list[int]:
    return [id for digit in "0123456789" if (id := tokenizer.token_to_id(digit)) is not None]


def learn(run: Run) -> Losses:
    """One step."""
    screens = run.decks.draw(run.batch, run.weights())
    batch = assemble(
        screens, [run.decks.chosen(screen) for screen in screens], run.forward.grid, LENGTH, run.decks.typing
    )
    batch = batch.to(run.device)
    found = losses(run, batch)
    parts = [(getattr(found, name), weight) for name, weight in ({"reply": 1.0} | run.auxiliary).items()]
    loss: Any = sum(weight * part for part, weight in parts if part is not None)
    loss.backward()
    for weight, copy in run.masters:
        copy.grad = weight.grad.float() if weight.grad is not None else None
        weight.grad = None
    torch.nn.utils.clip_grad_norm_([copy for _, copy in run.masters], 1.0)
    for optimizer in run.optimizers:
        optimizer.param_groups[0]["lr"] = run.rate()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        for weight, copy in run.masters:
            weight.copy_(copy)
    run.step += 1
    run.screens += len(screens)
    run.replies += int(batch.branch.amax(1).sum())
    return found


@torch.inference_mode()
def validate(run: Run, screens: Sequence[Screen]) -> dict[str, float]:
    """For each page, the fraction of lessons whose next step is correct (teacher-forced).

    `ANSWERS` is the fraction of correct answers to the questions that are answered in words.
    """
    run.model.train(False)
    asked = [(screen.page, screen, screen.examples[0]) for screen in screens]
    for screen in screens:
        asked += [(ANSWERS, screen, example) for example in screen.examples[1:] if _answers(run, example)]
    right: dict[str, list[bool]] = {}
    for at in range(0, len(asked), BATCH):
        names, shown, examples = zip(*asked[at : at + BATCH], strict=True)
        batch = assemble(shown, [[example] for example in examples], run.forward.grid, LENGTH, -1).to(run.device)
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


def save(run: Run, start_folder: Path, out: Path) -> None:
    """Saves the checkpoint and the state to continue from; each file is replaced atomically."""
    out.mkdir(parents=True, exist_ok=True)
    for path in start_folder.iterdir():
        if path.suffix in (".json", ".jinja") and path.name not in ("config.json", "generation_config.json"):
            shutil.copy(path, out)
    untyped: Any = run.model
    untyped.save_pretrained(out)
    state = {
        "copies": [copy.detach() for _, copy in run.masters],
        "places": run.places.state_dict(),
        "reading": run.reading.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in run.optimizers],
        "decks": run.decks.state(),
        "torch": torch.get_rng_state(),
        "counts": (run.step, run.seconds, run.screens, run.replies),
    }
    torch.save(state, out / f"{STATE}.new")
    (out / f"{STATE}.new").replace(out / STATE)


def restore(run: Run, out: Path) -> None:
    """Continues from the run saved in `out`."""
    state = torch.load(out / STATE, map_location=run.device, weights_only=False)
    with torch.no_grad():
        for (weight, copy), saved in zip(run.masters, state["copies"], strict=True):
            copy.copy_(saved)
            weight.copy_(saved)
    run.places.load_state_dict(state["places"])
    run.reading.load_state_dict(state["reading"])
    for optimizer, saved in zip(run.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    run.decks.restore(state["decks"])
    torch.set_rng_state(state["torch"].cpu())
    run.step, run.seconds, run.screens, run.replies = state["counts"]


def train(run: Run, validation: Sequence[Screen], start_folder: Path, out: Path) -> None:
    """Trains until the minutes are used up, or until SIGTERM or Ctrl-C, after which it saves and can continue."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    means: dict[str, float] = {}
    while run.part < 1 and not stopped.is_set():
        before, began = run.seconds, time.monotonic()
        found = learn(run)
        means = {name: 0.95 * means.get(name, new) + 0.05 * new for name, new in found.numbers().items()}
        run.seconds += time.monotonic() - began
        if run.step % 20 == 0:
            print(_line(run, means), flush=True)
        if _due(CHECK_MINUTES, before, run):
            _log(run, means, validate(run, validation), out)
        if _due(SAVE_MINUTES, before, run) or stopped.is_set():
            save(run, start_folder, out)


def _due(minutes: float, before: float, run: Run) -> bool:
    """Whether the run, timed over all calls, has just passed a multiple of this many minutes, or its end."""
    return before // (60 * minutes) < run.seconds // (60 * minutes) or run.part >= 1


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
    given = flags.parse_args(arguments)
    run = start(given.start, given.shards, given.minutes, given.seed, given.without)
    run.seconds = 60 * given.done
    if (given.out / STATE).exists():
        restore(run, given.out)
    paths = sorted(given.validation.glob("*.jsonl.gz")) if given.validation else []
    validation = [screen for path in paths for screen in itertools.islice(read(path), BATCH)]
    count = sum(len(screens) for screens in run.decks.pages.values())
    print(f"{count} screens of {len(run.decks.pages)} pages, at step {run.step}, on {run.device}", flush=True)
    train(run, validation, given.start, given.out)


if __name__ == "__main__":
    main(sys.argv[1:])
