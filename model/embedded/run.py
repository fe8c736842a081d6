"""A training in progress, and one step of it."""

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from actions.errors import TrainingFailure, UsageError
from model.embedded.batches import Batch
from model.embedded.decks import Decks
from model.embedded.forward import Forward, Places, Reading
from model.embedded.losses import Losses, Objective
from model.embedded.muon import Muon

RATE, WARM_UP, FALL_FROM, LEAST = 3.0e-3, 60, 0.55, 0.02
"""The learning rate, its warm-up steps, the fraction of the minutes after which it decays, and its final fraction."""
READ_UNTIL = 0.25
"""The curriculum: until this fraction of the minutes only the vision encoder learns (place and letters)."""
AUXILIARY = {"place": 0.5, "read": 0.5, "look": 1.0, "copy": 1.0}
"""The weights of the losses that exist in training only."""
MOST_BROKEN = 3
"""So many steps in a row without a finite loss and gradient end the training."""
TYPING = '*FUNCTION*: Type\n*ARGS*: {"text": "'
"""The first token of a reply that types a text."""


@dataclass
class Run:
    """A training in progress."""

    model: Qwen2_5_VLForConditionalGeneration
    forward: Forward
    objective: Objective
    decks: Decks
    tokenizer: Tokenizer
    masters: list[tuple[nn.Parameter, nn.Parameter]]
    """Pairs of a bfloat16 weight and its float32 copy."""
    optimizers: list[torch.optim.Optimizer]
    minutes: float
    auxiliary: dict[str, float]
    """The weights of the losses that exist in training only."""
    step: int = 0
    seconds: float = 0.0
    screens: int = 0
    replies: int = 0
    broken: int = 0
    """The last steps in a row that were left out, as their loss or gradient was not finite."""

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

    def losses(self, batch: Batch) -> Losses:
        """The parts of a batch's loss; only those of the picture in the first phase."""
        reading = self.part < READ_UNTIL and {"place", "read"} & self.auxiliary.keys()
        return self.objective.seen(batch) if reading else self.objective.all(batch)

    def total(self, found: Losses) -> torch.Tensor:
        """The loss that is minimized."""
        weights = {"reply": 1.0} | self.auxiliary
        parts = [weight * part for name, weight in weights.items() if (part := getattr(found, name)) is not None]
        return torch.stack(parts).sum()


def start(folder: Path, shards: Path, minutes: float, seed: int, without: Collection[str] = ()) -> Run:
    """Starts from the weights in a folder, or from random ones if it holds only a configuration.

    `without` names parts of `AUXILIARY`, or `muon`, to switch off for an ablation.
    """
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model: Any = _model(folder, tokenizer.get_vocab_size())
    decks = Decks.of(sorted(shards.glob("*.jsonl.gz")), seed, model.config.image_token_id)
    if not decks.pages:
        raise UsageError(
            f"There are no shards in {shards}. Draw some: python -m tasks.training_data {shards} PAGE:COUNT"
        )
    decks.typing, decks.letters = tokenizer.get_vocab().get(TYPING, -1), _letters(tokenizer)
    decks.pieces = [tokenizer.decode([token], skip_special_tokens=False) for token in range(tokenizer.get_vocab_size())]
    model.to(device).train()
    copies = [nn.Parameter(weight.detach().clone().float()) for weight in model.parameters()]
    model.bfloat16()
    masters = list(zip(model.parameters(), copies, strict=True))
    embeddings = model.get_input_embeddings().weight
    matrices = [copy for weight, copy in masters if weight.dim() == 2 and weight is not embeddings]
    if "muon" in without:
        matrices = []
    width, grids = model.config.text_config.hidden_size, decks.grids.values()
    places = Places(width, max(grid.rows for grid in grids), max(grid.columns for grid in grids))
    forward = Forward(model)
    objective = Objective(forward, places, Reading(width), _digits(tokenizer)).to(device)
    rest = [copy for _, copy in masters if all(copy is not matrix for matrix in matrices)]
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW([*rest, *objective.parameters()], RATE, betas=(0.9, 0.98), weight_decay=0.01)
    ]
    if matrices:
        optimizers.append(Muon(matrices, RATE, weight_decay=0.01, momentum=0.95))
    auxiliary = {name: weight for name, weight in AUXILIARY.items() if name not in without}
    return Run(model, forward, objective, decks, tokenizer, masters, optimizers, minutes, auxiliary)


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


def _letters(tokenizer: Tokenizer) -> list[int]:
    """The tokens of letters, digits and the marks of addresses, from which random texts are made."""
    return sorted(id for token, id in tokenizer.get_vocab().items() if re.fullmatch(r"[A-Za-z0-9@.:'-]{1,4}", token))


def _digits(tokenizer: Tokenizer) -> list[int]:
    return [id for digit in "0123456789" if (id := tokenizer.token_to_id(digit)) is not None]


def learn(run: Run, batch: Batch) -> dict[str, float]:
    """One step; returns the parts of the loss.

    A step whose loss or gradient is not finite changes no weight: clipping would spread it to all of them. Raises
    TrainingFailure at the last of MOST_BROKEN such steps in a row.
    """
    batch = batch.to(run.device)
    found = run.losses(batch)
    run.total(found).backward()  # type: ignore[no-untyped-call]
    for weight, copy in run.masters:
        copy.grad = weight.grad.float() if weight.grad is not None else None
        weight.grad = None
    norm = torch.nn.utils.clip_grad_norm_([copy for _, copy in run.masters], 1.0)
    extra = torch.nn.utils.get_total_norm([one.grad for one in run.objective.parameters() if one.grad is not None])
    numbers = found.numbers()
    values = numbers | {"gradient": float(norm), "gradient of the auxiliary heads": float(extra)}
    if all(map(math.isfinite, values.values())):
        _update(run)
        run.broken = 0
    else:
        _leave_out(run, batch, values)
    run.step += 1
    run.screens += len(batch.pages)
    run.replies += int(batch.branch.amax(1).sum())
    return numbers


def _update(run: Run) -> None:
    for optimizer in run.optimizers:
        optimizer.param_groups[0]["lr"] = run.rate()
        optimizer.step()
        optimizer.zero_grad()
    with torch.no_grad():
        torch._foreach_copy_([weight for weight, _ in run.masters], [copy for _, copy in run.masters])


def _leave_out(run: Run, batch: Batch, values: dict[str, float]) -> None:
    for optimizer in run.optimizers:
        optimizer.zero_grad()
    run.broken += 1
    pages = ", ".join(f"{page} {count}" for page, count in sorted(Counter(batch.pages).items()))
    message = f"Step {run.step} is not finite: {values}. Its screens by page: {pages}."
    print(message, flush=True)
    if run.broken >= MOST_BROKEN:
        raise TrainingFailure(f"{MOST_BROKEN} steps in a row are not finite. {message}")
