"""The checkpoints of a training: the last two are kept, each whole, and none with a weight that is not finite."""

import shutil
from pathlib import Path
from typing import Any

import torch

from actions.errors import TrainingFailure
from model.embedded.run import Run

LAST, BEFORE, NEW = "last", "before", "new"
STATE = "training.pt"


def save(run: Run, start_folder: Path, out: Path) -> None:
    """Saves the checkpoint and the state to continue from as `last`; what was there becomes `before`.

    Raises TrainingFailure, and touches neither, if a weight is not finite.
    """
    if not all(bool(copy.isfinite().all()) for _, copy in run.masters):
        raise TrainingFailure(
            f"A weight is not finite at step {run.step}; {out / LAST} holds the last good checkpoint."
        )
    new = out / NEW
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for path in start_folder.iterdir():
        if path.suffix in (".json", ".jinja") and path.name not in ("config.json", "generation_config.json"):
            shutil.copy(path, new)
    untyped: Any = run.model
    untyped.save_pretrained(new)
    state = {
        "copies": [copy.detach() for _, copy in run.masters],
        "objective": run.objective.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in run.optimizers],
        "decks": run.decks.state(),
        "torch": torch.get_rng_state(),
        "counts": (run.step, run.seconds, run.screens, run.replies),
    }
    torch.save(state, new / STATE)
    if (out / LAST).exists():
        shutil.rmtree(out / BEFORE, ignore_errors=True)
        (out / LAST).rename(out / BEFORE)
    new.rename(out / LAST)


def newest(out: Path) -> Path | None:
    """The folder of the newest whole checkpoint; between two renames it is `before`."""
    return next((out / name for name in (LAST, BEFORE) if (out / name / STATE).exists()), None)


def restore(run: Run, folder: Path) -> None:
    """Continues from the checkpoint in `folder`."""
    state = torch.load(folder / STATE, map_location=run.device, weights_only=False)
    with torch.no_grad():
        for (weight, copy), saved in zip(run.masters, state["copies"], strict=True):
            copy.copy_(saved)
            weight.copy_(saved)
    run.objective.load_state_dict(state["objective"])
    for optimizer, saved in zip(run.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(saved)
    run.decks.restore(state["decks"])
    torch.set_rng_state(state["torch"].cpu())
    run.step, run.seconds, run.screens, run.replies = state["counts"]
