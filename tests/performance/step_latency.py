"""Capture to reply of one step in the middle of an episode: run `python -m tests.performance.step_latency [--quick]`.

A step of prefix_reuse, ours split into its parts, against the library's processor and `generate` on the whole prompt.
`--no-lookup` shows what a step takes where no guess comes true.
With `--server URL [--model NAME]` the same episode goes to a server as well, at the real size of its prompts: to vLLM,
which caches prefixes by itself, on the same GPU or another of its kind. README.md has the line that starts it. It needs
an environment and a GPU of its own, so it was **never run against a real one**, only against the tests' double.
"""

import argparse
import time
from contextlib import closing
from typing import NamedTuple

from actions.errors import EngineFailure
from model import engines
from model import profile as profiles
from model.engine import Completion
from model.engines import EngineOptions
from model.engines.local.decode import decode
from model.engines.local.engine import LocalEngine
from model.engines.local.lookup import Lookup
from model.profile import Profile
from tests.model import tiny
from tests.performance import shapes
from tests.performance.prefix_reuse import STEPS as EPISODE
from tests.performance.prefix_reuse import Episode
from tests.performance.shapes import Loaded, Scale

STEPS = (2, 5, 10, 20)
PARTS = ("lay out", "encode", "prefill", "decode")


class Served(NamedTuple):
    """A step that a server did: from the prompt to the reply, the encoding and sending of its pictures included."""

    seconds: float
    said: Completion


def main() -> None:
    """Prints milliseconds a part for several steps, and the ratios of the first and the last one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    parser.add_argument("--no-lookup", action="store_true", help="decode token by token, without guesses")
    parser.add_argument("--server", metavar="URL", help="also ask this OpenAI-compatible server")
    parser.add_argument("--model", default="qwen2.5-vl-3b", help="the profile of what it serves")
    given = parser.parse_args()
    repeats = 2 if given.quick else 5
    print(f"{shapes.hardware()}, random weights, milliseconds, best of {repeats}")
    print(f"shape            step {' '.join(f'{part:>8}' for part in PARTS)}    whole  library   ratio")
    guessing = not given.no_lookup
    ratios = [measured(one, step, repeats, guessing) for one in map(shapes.loaded, shapes.scales()) for step in STEPS]
    pairs = [f"first_ratio={ratios[0]:.2f} last_ratio={ratios[-1]:.2f}"]
    if given.server:
        steps = served(given.server, profiles.load(given.model), shapes.REAL[0])
        print(f"{given.model} on {given.server}")
        print("step   prompt tokens   reply tokens   milliseconds")
        for number in STEPS:
            step = steps[number - 1]
            counts = f"{step.said.prompt_tokens:14} {step.said.completion_tokens:14}"
            print(f"{number:4} {counts} {step.seconds * 1000:14.1f}")
        pairs += [f"server_step{number}_ms={steps[number - 1].seconds * 1000:.1f}" for number in (STEPS[0], STEPS[-1])]
    print(" ".join(pairs))


def served(url: str, profile: Profile, scale: Scale) -> list[Served]:
    """Every step of an episode that a server goes through, by the clock.

    Raises:
        EngineFailure: the server takes no pictures within the model's turn, so the episode would be another one.
    """
    with closing(engines.connect("server", profile, EngineOptions(server=url))) as engine:
        if not engine.one_turn:
            raise EngineFailure(f"{url} takes no pictures within a reply. Start vLLM with --enable-scale-out.")
        episode, done = Episode(scale, "1280x800"), list[Served]()
        for step in range(EPISODE):
            prompt = episode.prompt()
            started = time.perf_counter()
            said = engine.generate(prompt, (), episode.reply_tokens)
            done.append(Served(time.perf_counter() - started, said))
            if step + 1 < EPISODE:
                episode.grow(said, step + 1)
    return done


def measured(loaded: Loaded, step: int, repeats: int, guessing: bool) -> float:
    """How much longer the library takes for this step of an episode."""
    scale, model, engine = loaded
    engine.model.forget()
    episode = Episode(scale, "1280x800")
    for before in range(step - 1):
        said = engine.generate(episode.prompt(), (), episode.reply_tokens)
        episode.grow(said, before + 1)
    ours = min((parts(engine, episode, seed, guessing) for seed in range(repeats)), key=sum)
    prompt = episode.prompt()

    def library() -> None:
        inputs = tiny.library_inputs(model, engine.vocabulary.lay_out(prompt))
        tiny.library_generate(model, inputs, engine.vocabulary, episode.reply_tokens)

    theirs = min(shapes.timed(library) for _ in range(repeats))
    shown = " ".join(f"{seconds * 1000:8.1f}" for seconds in (*ours, sum(ours), theirs))
    print(f"{scale.name:16} {step:4} {shown} {theirs / sum(ours):7.2f}")
    return theirs / sum(ours)


def parts(engine: LocalEngine, episode: Episode, seed: int, guessing: bool) -> list[float]:
    """Seconds of each part, as after the step before: its prompt and reply are known, the newest picture is not.

    Without `guessing` the reply is decoded token by token.
    """
    prompt = episode.prompt(newest=1000 + seed)
    tokens = engine.vocabulary.lay_out(prompt)
    found: list[float] = [shapes.timed(lambda: engine.vocabulary.lay_out(prompt))]
    found.append(shapes.timed(lambda: engine.model.embed(tokens, tokens.pictures[-1].start)))
    found.append(shapes.timed(lambda: engine.model.prefill(tokens)))
    logits = engine.model.prefill(tokens)
    lookup, limit = Lookup.of(tokens) if guessing else None, episode.reply_tokens
    found.append(shapes.timed(lambda: decode(logits, engine.model, engine.vocabulary, (), limit, None, lookup)))
    return found


if __name__ == "__main__":
    main()
