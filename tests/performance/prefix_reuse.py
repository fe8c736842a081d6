"""A 20-step episode with and without reuse: run `python -m tests.performance.prefix_reuse [--quick]`.

Every step adds a screenshot, a thought and a call. Ours is `LocalEngine`; the other is the library's `generate` on the
whole prompt, whose pictures' preprocessing is done before its clock starts, while ours is timed with all that it does.
Ours runs three times: the episode counts as the median, a step as its fastest.
"""

import argparse
import statistics
from collections.abc import Collection
from typing import NamedTuple

from model.engine import Completion, Generated, Message, Part, Prompt, Text
from model.engines.local.engine import LocalEngine
from tests.model import tiny
from tests.performance import shapes
from tests.performance.shapes import Loaded, Scale

STEPS, REPEATS = 20, 3
SYSTEM_TOKENS, REPLY_TOKENS = 658, 80
"""Of system text and task, and of a thought and a call, with the vocabulary of the released checkpoints."""


class Cost(NamedTuple):
    """Of an episode, and of each of its steps in seconds."""

    tokens: int
    pictures: int
    steps: list[float]


class Episode:
    """A conversation that grows by a screenshot and the reply to it."""

    def __init__(self, scale: Scale, screen: str) -> None:
        self.reply_tokens = REPLY_TOKENS // scale.divisor
        self._words = "0" * (SYSTEM_TOKENS // scale.divisor)  # digits are single tokens
        self._size = shapes.screen(screen, scale)
        self._screens = [tiny.picture(step, *self._size) for step in range(STEPS)]
        self._parts: list[Part] = []

    def prompt(self, newest: int | None = None) -> Prompt:
        """The conversation so far, with another newest screenshot if the seed of one is given."""
        parts = list(self._parts)
        if newest is not None:
            parts[-2] = tiny.picture(newest, *self._size)
        user = Message("user", (self._screens[0], Text("Go.")))
        return Prompt((Message("system", (Text(self._words),)), user, Message("assistant", tuple(parts))))

    def grow(self, said: Completion, step: int) -> None:
        said_so = Generated(said.text, said.ids)
        self._parts += [said_so, Text("\n*RESULT*: "), self._screens[step], Text("\n*RETURN*:")]


def main() -> None:
    """Prints one line a screen and shape, and the ratios of the least favourable one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one screen only")
    screens = ["1280x800"] if parser.parse_args().quick else list(shapes.SCREENS)
    print(f"{STEPS} steps, {shapes.hardware()}, random weights")
    print("shape            screen     tokens: all / ours   pictures    seconds: all / ours  step 2, 20: ours")
    ratios = [measured(one, screen) for one in map(shapes.loaded, shapes.scales()) for screen in screens]
    tokens, seconds = min(ratio[0] for ratio in ratios), min(ratio[1] for ratio in ratios)
    growth = max(ratio[2] for ratio in ratios)
    print(f"tokens_ratio={tokens:.2f} seconds_ratio={seconds:.2f} step20_over_step2={growth:.2f}")


def measured(loaded: Loaded, screen: str) -> tuple[float, float, float]:
    """Fewer tokens, less time, and the last step over the second."""
    scale, engine = loaded.scale, loaded.engine
    runs = [ours(engine, scale, screen) for _ in range(REPEATS)]
    mine, replies = runs[0][0], runs[0][1]
    whole = theirs(loaded, screen, replies)
    steps = [min(run[0].steps[step] for run in runs) for step in range(STEPS)]
    seconds = statistics.median(sum(run[0].steps) for run in runs)
    ratios = whole.tokens / mine.tokens, sum(whole.steps) / seconds, steps[-1] / steps[1]
    print(
        f"{scale.name:16} {screen:10} {whole.tokens:8} /{mine.tokens:7}  {whole.pictures:5} /{mine.pictures:3} "
        f"{sum(whole.steps):10.2f} /{seconds:7.2f}  {steps[1]:9.3f}, {steps[-1]:.3f}"
    )
    return ratios


def ours(engine: LocalEngine, scale: Scale, screen: str) -> tuple[Cost, list[Completion]]:
    engine.model.forget()
    engine.model.tokens_computed = engine.model.pictures_encoded = 0
    episode, seconds, replies = Episode(scale, screen), [], []
    for step in range(STEPS):
        prompt = episode.prompt()
        seconds.append(shapes.timed(lambda: replies.append(engine.generate(prompt, (), episode.reply_tokens))))  # noqa: B023
        if step + 1 < STEPS:
            episode.grow(replies[-1], step + 1)
    prefilled = engine.model.tokens_computed - sum(reply.completion_tokens - 1 for reply in replies)
    return Cost(prefilled, engine.model.pictures_encoded, seconds), replies


def theirs(loaded: Loaded, screen: str, replies: list[Completion], steps: Collection[int] = range(STEPS)) -> Cost:
    """`generate` on the same prompts, of those steps: each is given the replies that ours wrote."""
    vocabulary = loaded.engine.vocabulary
    episode, seconds, tokens, pictures = Episode(loaded.scale, screen), [], 0, 0
    for step in range(max(steps) + 1):
        if step in steps:
            laid_out = vocabulary.lay_out(episode.prompt())
            inputs, limit = tiny.library_inputs(loaded.model, laid_out), episode.reply_tokens
            seconds.append(shapes.timed(lambda: tiny.library_generate(loaded.model, inputs, vocabulary, limit)))  # noqa: B023
            tokens, pictures = tokens + len(laid_out.ids), pictures + len(laid_out.pictures)
        if step + 1 < STEPS:
            episode.grow(replies[step], step + 1)
    return Cost(tokens, pictures, seconds)


if __name__ == "__main__":
    main()
