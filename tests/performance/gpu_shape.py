"""One shape's tables, each value with its prediction: `python -m tests.performance.gpu_shape SHAPE RESULTS [TABLE...]`.

`gpu.py` runs it. Every value goes to the file RESULTS as one line of JSON as soon as it is known. Random weights.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from model import profile as profiles
from model.engine import Completion
from model.engines.local.families import FAMILIES
from model.engines.local.preflight import GIB, Plan
from tests.model import tiny
from tests.performance import decode, grounding_batch, prefix_reuse, shapes, step_latency
from tests.performance.costs import Chip, Costs
from tests.performance.prefix_reuse import STEPS, Episode
from tests.performance.shapes import Loaded

SCREEN = "1280x800"
DONE = "seconds for this table"
"""What is told last of a table."""
SHOWN = (2, 20)
"""Steps of which the split is shown."""
LIBRARY_STEPS = (1, 19)
"""Counted from 0, those that the library does as well: all twenty would take it minutes."""


class Tables:
    """A shape's model, and where its values go."""

    def __init__(self, shape: str, results: Path) -> None:
        scale = next(scale for scale in (*shapes.REAL, shapes.EIGHTH) if scale.name == shape)
        self._results = results
        self._loaded: Loaded = shapes.loaded(scale)
        self._on_gpu = torch.cuda.is_available()
        self._chip = Chip.measured(shapes.device())
        self._costs = Costs(self._loaded.model, self._chip)
        self._replies: list[Completion] = []

    def _twenty(self) -> tuple[prefix_reuse.Cost, list[Completion]]:
        """A whole episode of ours. In the first one of a process graphs are captured and kernels chosen."""
        cost, self._replies = prefix_reuse.ours(self._loaded.engine, self._loaded.scale, SCREEN)
        return cost, self._replies

    def told(self, table: str, what: str, measured: float | str, predicted: float | None = None, **more: Any) -> None:
        row = {"part": self._loaded.scale.name, "table": table, "what": what, "predicted": predicted}
        row |= {"measured": measured, **more}
        with self._results.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        print(row, flush=True)

    def chip(self) -> None:
        self.told("chip", "hardware", shapes.hardware())
        self.told("chip", "copy, TB/s", self._chip.bytes_per_s / 1e12, 3.0 if self._on_gpu else None)
        self.told("chip", "matrix products, TFLOP/s", self._chip.flop_per_s / 1e12, 790 if self._on_gpu else None)

    def memory(self) -> None:
        """An episode that fills most of the context, and the largest picture that the profile allows."""
        scale, model, engine = self._loaded
        largest = profiles.load("qwen2.5-vl-7b").max_pixels if self._on_gpu else 28 * 28 * 400
        profile = shapes.profile().model_copy(update={"max_pixels": largest})
        family = FAMILIES[type(model).__name__]
        plan = Plan.of(family, shapes.config(scale), profile, None, model.dtype, engine.model.device)
        if self._on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        self._twenty()
        side = int((largest / profile.patch**2) ** 0.5)
        engine.model.embed(engine.vocabulary.lay_out(tiny.question("", tiny.picture(0, side, side))), 0)
        self.told("memory", "preflight", str(plan.need))
        if not self._on_gpu:
            return
        for what, used in {
            "peak of tensors, GiB": torch.cuda.max_memory_allocated(),
            "peak held by torch, GiB": torch.cuda.max_memory_reserved(),
            "held on the GPU in the end, GiB": torch.cuda.mem_get_info()[1] - torch.cuda.mem_get_info()[0],
        }.items():
            self.told("memory", what, used / GIB, sum(plan.need) / GIB, error=used / sum(plan.need) - 1)

    def split(self) -> None:
        """The parts of a step in the middle of an episode, decoded token by token; the best of three."""
        engine, episode = self._loaded.engine, Episode(self._loaded.scale, SCREEN)
        said = self._replies or self._twenty()[1]
        engine.model.forget()
        for step in range(1, STEPS + 1):
            if step in SHOWN:
                tokens = engine.vocabulary.lay_out(episode.prompt())
                engine.model.prefill(tokens)  # what the step before would have left
                seeds = range(step * 10, step * 10 + 3)  # pictures that no other step has seen
                every = [step_latency.parts(engine, episode, seed, guessing=False) for seed in seeds]
                best = [min(kind) * 1000 for kind in zip(*every, strict=True)]
                self._step(step, best, len(tokens.ids), tokens.pictures[-1], episode.reply_tokens)
            if step < STEPS:
                episode.grow(said[step - 1], step)

    def _step(self, step: int, found: list[float], length: int, newest: Any, replied: int) -> None:
        costs, seen = self._costs, newest.end - newest.start
        python, picture, prompt, reply = found
        # The newest picture is another one, so what stands before it is all that is known.
        new, each = length - newest.start, reply / (replied - 1)
        rows = [
            ("layout and digests", python, 2.0, None),
            (f"picture of {seen} tokens", picture, costs.picture(seen) * 1000, costs.least_picture(seen)),
            (f"prompt, {new} new tokens of {length}", prompt, costs.prompt(new, length - new) * 1000,
             costs.least_prompt(new, length - new)),
            ("a token of the reply", each, costs.token(length) * 1000, costs.least_token(length)),
        ]  # fmt: skip
        for what, measured, predicted, least in rows:
            share = {"share_of_the_chip": least * 1000 / measured} if least else {}
            self.told("split", f"step {step}: {what}, ms", measured, predicted, **share)
        whole = 2.0 + sum(row[2] for row in rows[1:3]) + (replied - 1) * rows[3][2]
        self.told("split", f"step {step}: whole with {replied} tokens of reply, ms", sum(found), whole)

    def episode(self) -> None:
        """Against transformers' `generate` without reuse, which is not timed on its preprocessing."""
        if not self._replies:
            self._twenty()
        mine, replies = self._twenty()
        whole = prefix_reuse.theirs(self._loaded, SCREEN, replies, LIBRARY_STEPS)
        for step, seconds in zip(LIBRARY_STEPS, whole.steps, strict=True):
            row = f"step {step + 1}: ours with lookup, ms"
            self.told("episode", row, mine.steps[step] * 1000, library_ms=seconds * 1000)
        ratio = sum(whole.steps) / sum(mine.steps[step] for step in LIBRARY_STEPS)
        self.told("episode", "generate over ours, of these steps", ratio, 5.0)
        self.told("episode", "step 20 over step 2", mine.steps[-1] / mine.steps[1], 1.3)
        self.told("episode", "twenty steps, s", sum(mine.steps), tokens=mine.tokens, pictures=mine.pictures)

    def decoding(self) -> None:
        size = shapes.screen(SCREEN, self._loaded.scale)
        expected = {"free": 1 / self._costs.token(size.width * size.height)}
        ratios, speeds = decode.measured(self._loaded, 2)
        for way, speed in speeds.items():
            self.told("decoding", f"{way}, tokens/s", speed, expected.get(way))
        for name, ratio in ratios._asdict().items():
            if ratio is not None:
                self.told("decoding", name, ratio)

    def grounding(self) -> None:
        generate, one_by_one = grounding_batch.measured(self._loaded, 2)
        self.told("grounding", "generate over a batch", generate, 3.0)
        self.told("grounding", "one by one over a batch", one_by_one, 2.0)

    def kernels(self) -> None:
        """Where the time of one step goes, for the log."""
        engine, scale = self._loaded.engine, self._loaded.scale
        prompt = Episode(scale, SCREEN).prompt()
        engine.generate(prompt, (), 16)
        engine.model.forget()
        kinds = [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if self._on_gpu else [])]
        with profile(activities=kinds) as seen:
            engine.generate(prompt, (), 16)
        key = "self_device_time_total" if self._on_gpu else "self_cpu_time_total"
        print(seen.key_averages().table(sort_by=key, row_limit=30, max_name_column_width=70))


TABLES: dict[str, Callable[[Tables], None]] = {
    "chip": Tables.chip,
    "memory": Tables.memory,
    "split": Tables.split,
    "decoding": Tables.decoding,
    "kernels": Tables.kernels,
    "grounding": Tables.grounding,
    "episode": Tables.episode,
}
"""In the order of their worth, as time may run out: memory before anything that is not the engine's, what the library
takes long for last."""


def main() -> None:
    shape, results, *names = sys.argv[1:]
    tables = Tables(shape, Path(results))
    for name in names or TABLES:
        started = time.monotonic()
        TABLES[name](tables)
        tables.told(name, DONE, time.monotonic() - started)


if __name__ == "__main__":
    main()
