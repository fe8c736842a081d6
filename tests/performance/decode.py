"""Tokens per second of a call: run `python -m tests.performance.decode [--quick]`.

The same prompt, and a call of which the grammar leaves only the point free. Random weights would never write a call
unasked, so the free reply is as many tokens of whatever they say. The ways take turns, so that what else a machine does
slows all of them alike.
"""

import argparse
from collections.abc import Sequence
from typing import NamedTuple

from actions.action import ActionSpace
from actions.geometry import Size
from actions.mouse import MOUSE
from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import Decoded, decode
from model.engines.local.lookup import Lookup
from prompts import notations
from tests.model import tiny
from tests.performance import shapes
from tests.performance.shapes import Loaded

ANYTHING = Grammar("", 'root ::= ([^\\n] | "\\n")* "STOP"')
"""What holds nothing: its cost is the grammar's alone."""
CALL_TOKENS = 200
"""More than a call has."""


class Way(NamedTuple):
    """One way to write a reply: held to a grammar or not, what has no choice forced or not, guessed from text seen.

    Graphs are for a GPU only, and there they are the rule.
    """

    grammar: Grammar | None = None
    forcing: bool = False
    seen: Sequence[int] | None = None
    graphs: bool = True


class Ratios(NamedTuple):
    """What a grammar costs in percent where the model wants what is allowed, and where it never does; and what forcing,
    drafting and, on a GPU, graphs save."""

    grammar_overhead_percent: float
    refused_overhead_percent: float
    forcing_ratio: float
    drafting_ratio: float
    graphs_ratio: float | None


def main() -> None:
    """Prints tokens per second, and the ratios of the last shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    repeats = 12 if parser.parse_args().quick else 40
    print(f"{shapes.hardware()}, random weights, best of {repeats}")
    found = [measured(one, repeats)[0] for one in map(shapes.loaded, shapes.scales())]
    pairs = {name: value for name, value in found[-1]._asdict().items() if value is not None}
    print(" ".join(f"{name}={value:.2f}" for name, value in pairs.items()))


def measured(loaded: Loaded, repeats: int) -> tuple[Ratios, dict[str, float]]:
    """The ratios, and the tokens per second of each way."""
    scale, _, engine = loaded
    constraints = Constraints(engine.vocabulary)
    size = shapes.screen("1280x800", scale)
    call = notations.load("tool_call", ActionSpace(MOUSE)).pointing(Size(size.width * 28, size.height * 28))
    tokens = engine.vocabulary.lay_out(tiny.question("Go.", tiny.picture(1, size.width, size.height)))

    def write(way: Way, limit: int) -> tuple[tuple[int, ...], float]:
        """The reply, and its seconds."""
        logits = engine.model.prefill(tokens)
        constraint = constraints.start(way.grammar, way.forcing) if way.grammar else None
        lookup = None if way.seen is None else Lookup(way.seen)
        done: list[Decoded] = []
        seconds = shapes.timed(
            lambda: done.append(decode(logits, engine.model, engine.vocabulary, (), limit, constraint, lookup))
        )
        return done[0].ids, seconds

    graphs = engine.model.graphs
    limit = len(write(Way(call), CALL_TOKENS)[0])
    spoken = write(Way(), limit)[0]
    ways = {
        "free": Way(),
        "a grammar that allows all": Way(ANYTHING),
        "call, token by token": Way(call),
        "call, forced": Way(call, forcing=True),
        "free, prompt lookup": Way(seen=[*spoken, *tokens.ids[-3:]]),  # the reply was in the prompt: all come true
    }
    if graphs:
        ways["free, no graphs"] = Way(graphs=False)
    speeds = dict.fromkeys(ways, 0.0)
    for _ in range(repeats):
        for name, way in ways.items():
            engine.model.graphs = graphs if way.graphs else None
            ids, seconds = write(way, limit)
            speeds[name] = max(speeds[name], len(ids) / seconds)
    for name, speed in speeds.items():
        print(f"{scale.name:16} {name:28} {speed:8.1f} tokens/s ({limit} tokens)")
    free, allowed, refused, forced, drafted, *plain = speeds.values()
    graphs_ratio = free / plain[0] if plain else None
    overheads = (free / allowed - 1) * 100, (free / refused - 1) * 100
    return Ratios(*overheads, forced / refused, drafted / free, graphs_ratio), speeds


if __name__ == "__main__":
    main()
