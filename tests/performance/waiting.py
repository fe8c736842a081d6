"""How long the model in the box takes for a step beside a browser: `python -m tests.performance.waiting`.

Twenty pages of the suite press, once with threads that sleep while they wait for each other and once with threads that
spin, as libgomp has them by itself; three times each in turn. The words are asked too, where no browser is beside it.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
KINDS: Mapping[str, Mapping[str, str]] = {
    "sleeping": {},
    "spinning": {"GOMP_SPINCOUNT": "300000", "OMP_WAIT_POLICY": "ACTIVE"},
}
"""libgomp spins 300,000 times where no policy is set (its documentation of GOMP_SPINCOUNT)."""
SUITES = {"press": "20", "words": "2"}
ROUNDS = 3


def model_seconds(suite: str, environment: Mapping[str, str]) -> list[float]:
    """What the model took for each step of the suite, in seconds."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "run_agent.py", "--suite", suite, "--model", "embedded", "--headless"]
        flags = ["--episodes", SUITES[suite], "--runs", runs]
        subprocess.run(
            [*command, *flags], cwd=ROOT, env=os.environ | environment, check=False, stdout=subprocess.DEVNULL
        )
        steps = [json.loads(line) for path in Path(runs).rglob("trajectory.jsonl") for line in path.open()]
    return [step["seconds"][1] for step in steps]


def main() -> None:
    for suite in SUITES:
        took: dict[str, list[float]] = {kind: [] for kind in KINDS}
        for _ in range(ROUNDS):
            for kind, environment in KINDS.items():
                took[kind] += model_seconds(suite, environment)
        middle = {kind: statistics.median(seconds) for kind, seconds in took.items()}
        pairs = " ".join(f"{kind}_s={seconds:.3f}" for kind, seconds in middle.items())
        print(f"{suite}: {pairs} ratio={middle['spinning'] / middle['sleeping']:.2f}", flush=True)


if __name__ == "__main__":
    main()
