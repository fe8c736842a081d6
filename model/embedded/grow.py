"""More layers for a checkpoint: `python -m model.embedded.grow FOLDER OUT` copies the middle ones.

A copy comes right after its layer, and its output projections are zero, so the function stays the same (as in
Net2Net, Chen et al., 2016). They get a gradient in the first step, and the rest of the copy from the second.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

COPIED = (1, 2)
"""The layers that get a copy, of the vision encoder and of the language model."""
OUTPUTS = ("attn.proj.", "mlp.down_proj.", "self_attn.o_proj.")
"""How the names of a layer's output projections begin."""
Config = dict[str, Any]


def grown(config: Config, weights: dict[str, Tensor]) -> tuple[Config, dict[str, Tensor]]:
    """The configuration and the weights with the copies."""
    config = json.loads(json.dumps(config))
    vision, text = config["vision_config"], config["text_config"]
    more = {name: weight for name, weight in weights.items() if ".blocks." not in name and ".layers." not in name}
    more |= _spread(weights, lambda layer: f"visual.blocks.{layer}.", vision["depth"])
    more |= _spread(weights, lambda layer: f"model.layers.{layer}.", text["num_hidden_layers"])
    vision["depth"] += len(COPIED)
    vision["fullatt_block_indexes"] = list(range(vision["depth"]))
    text["num_hidden_layers"] += len(COPIED)
    text["layer_types"] = ["full_attention"] * text["num_hidden_layers"]
    text["max_window_layers"] = text["num_hidden_layers"]
    return config, more


def _spread(weights: dict[str, Tensor], prefix: Callable[[int], str], depth: int) -> dict[str, Tensor]:
    found: dict[str, Tensor] = {}
    new = 0
    for old in range(depth):
        layer = {
            name.removeprefix(prefix(old)): weight for name, weight in weights.items() if name.startswith(prefix(old))
        }
        copy = {name: weight * 0 if name.startswith(OUTPUTS) else weight.clone() for name, weight in layer.items()}
        for part in (layer, copy) if old in COPIED else (layer,):
            found |= {f"{prefix(new)}{name}": weight for name, weight in part.items()}
            new += 1
    return found


def grow(folder: Path, out: Path) -> None:
    """Writes the checkpoint of a folder with more layers into another folder."""
    out.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.suffix in (".json", ".jinja"):
            shutil.copy(path, out)
    config, weights = grown(json.loads((folder / "config.json").read_text()), load_file(folder / "model.safetensors"))
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file(weights, out / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    grow(Path(sys.argv[1]), Path(sys.argv[2]))
