"""Capture to reply of one step in the middle of an episode: run `python -m tests.performance.step_latency [--quick]`.

A step of prefix_reuse, ours split into its parts, against the library's processor and `generate` on the whole prompt.
vLLM is not among them: it needs an environment and a GPU of its own.
"""

import argparse

from model.engines.local.decode import decode
from model.engines.local.engine import LocalEngine
from model.engines.local.lookup import Lookup
from tests.model import tiny
from tests.performance import shapes
from tests.performance.prefix_reuse import Episode
from tests.performance.shapes import Scale

STEPS = (2, 5, 10, 20)
PARTS = ("lay out", "encode", "prefill", "decode")


def main() -> None:
    """Prints milliseconds a part for several steps, and the ratio of the last one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    repeats = 2 if parser.parse_args().quick else 5
    print(f"{shapes.hardware()}, random weights, milliseconds, best of {repeats}")
    print(f"shape            step {' '.join(f'{part:>8}' for part in PARTS)}    whole  library   ratio")
    ratios = [measured(scale, step, repeats) for scale in shapes.scales() for step in STEPS]
    print(f"first_ratio={ratios[0]:.2f} last_ratio={ratios[-1]:.2f}")


def measured(scale: Scale, step: int, repeats: int) -> float:
    model = shapes.model(scale)
    engine = LocalEngine(model, shapes.tokenizer(), shapes.profile())
    episode = Episode(scale, "1280x800")
    for before in range(step - 1):
        said = engine.generate(episode.prompt(), (), episode.reply_tokens)
        episode.grow(said, before + 1)
    ours = min((parts(engine, episode, seed) for seed in range(repeats)), key=sum)
    prompt = episode.prompt()

    def library() -> None:
        inputs = tiny.library_inputs(model, engine.vocabulary.lay_out(prompt))
        ready = {name: value.to(shapes.device()) for name, value in inputs.items()}
        tiny.library_generate(model, ready, engine.vocabulary, episode.reply_tokens)

    theirs = min(shapes.timed(library) for _ in range(repeats))
    shown = " ".join(f"{seconds * 1000:8.1f}" for seconds in (*ours, sum(ours), theirs))
    print(f"{scale.name:16} {step:4} {shown} {theirs / sum(ours):7.2f}")
    return theirs / sum(ours)


def parts(engine: LocalEngine, episode: Episode, seed: int) -> list[float]:
    """Seconds of each part, as after the step before: its prompt and reply are known, the newest picture is not."""
    prompt = episode.prompt(newest=1000 + seed)
    tokens = engine.vocabulary.lay_out(prompt)
    found: list[float] = [shapes.timed(lambda: engine.vocabulary.lay_out(prompt))]
    found.append(shapes.timed(lambda: engine.model.embed(tokens, tokens.pictures[-1].start)))
    found.append(shapes.timed(lambda: engine.model.prefill(tokens)))
    logits = engine.model.prefill(tokens)
    lookup, limit = Lookup.of(tokens), episode.reply_tokens
    found.append(shapes.timed(lambda: decode(logits, engine.model, engine.vocabulary, (), limit, None, lookup)))
    return found


if __name__ == "__main__":
    main()
