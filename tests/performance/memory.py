"""The memory that the local engine counts for every released model: run `python -m tests.performance.memory`.

Counted from the shapes, in bfloat16 on a GPU and with the context of the profile; nothing is loaded.
"""

import torch

from model.engines.local.families import FAMILIES
from model.engines.local.preflight import GIB, Plan


def main() -> None:
    """Prints GiB for each model: its weights, those with the cache of its context, and all that it needs."""
    print(f"{'model':16} weights   and context       all")
    for family in FAMILIES.values():
        for name in family.published:
            need = Plan.released(family, name, None, torch.bfloat16, torch.device("cuda")).need
            sizes = (need.weights, need.weights + need.context, sum(need))
            print(f"{name:16} {sizes[0] / GIB:7.2f} {sizes[1] / GIB:13.2f} {sizes[2] / GIB:9.2f}")


if __name__ == "__main__":
    main()
