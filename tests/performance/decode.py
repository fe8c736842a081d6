"""Tokens per second of a call: run `python -m tests.performance.decode [--quick]`.

The same prompt, and a call of which the grammar leaves only the point free. Random weights would never write a call
unasked, so the free reply is as many tokens of whatever they say.
"""

import argparse

from actions.action import ActionSpace
from actions.geometry import Size
from actions.mouse import MOUSE
from model.engine import Grammar
from model.engines.local.constraint import Constraints
from model.engines.local.decode import decode
from model.engines.local.engine import LocalEngine
from model.engines.local.lookup import Lookup
from prompts import notations
from tests.model import tiny
from tests.performance import shapes
from tests.performance.shapes import Scale

ANYTHING = Grammar("", r"(.|\n)*STOP")
"""What holds nothing: its cost is the grammar's alone."""


def main() -> None:
    """Prints tokens per second, and the ratios of the least favourable shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    repeats = 5 if parser.parse_args().quick else 15
    print(f"{shapes.hardware()}, random weights, best of {repeats}")
    found = [measured(scale, repeats) for scale in shapes.scales()]
    names = ("grammar_overhead_percent", "forcing_ratio", "drafting_ratio")
    worst = (max(one[0] for one in found), min(one[1] for one in found), min(one[2] for one in found))
    print(" ".join(f"{name}={value:.2f}" for name, value in zip(names, worst, strict=True)))


def measured(scale: Scale, repeats: int) -> tuple[float, float, float]:
    """What the grammar costs in percent, and how much faster forcing and drafting are than one token at a time."""
    engine = LocalEngine(shapes.model(scale), shapes.tokenizer(), shapes.profile())
    constraints = Constraints(engine.vocabulary)
    size = shapes.screen("1280x800", scale)
    call = notations.load("tool_call", ActionSpace(MOUSE)).pointing(Size(size.width * 28, size.height * 28))
    tokens = engine.vocabulary.lay_out(tiny.question("Go.", tiny.picture(1, size.width, size.height)))

    def speed(grammar: Grammar | None, forcing: bool, seen: list[int] | None = None, limit: int = 32) -> float:
        def once() -> float:
            logits = engine.model.prefill(tokens)
            constraint = constraints.start(grammar, forcing) if grammar else None
            lookup = None if seen is None else Lookup(seen)
            written: list[int] = []

            def work() -> None:
                decoded = decode(logits, engine.model, engine.vocabulary, (), limit, constraint, lookup)
                written.extend(decoded.ids)

            seconds = shapes.timed(work)
            replies.append(written)
            return len(written) / seconds

        replies: list[list[int]] = []
        best = max(once() for _ in range(repeats))
        print(f"{scale.name:16} {names.pop(0):28} {best:8.1f} tokens/s ({len(replies[0])} tokens)")
        spoken[:] = replies[0]
        return best

    names = ["free", "free, prompt lookup", "a grammar that allows all", "call, token by token", "call, forced"]
    spoken: list[int] = []
    free = speed(None, False)
    drafted = speed(None, False, seen=[*spoken, *tokens.ids[-3:]])  # the reply was in the prompt: all guesses are right
    held = speed(ANYTHING, False)
    slow = speed(call, False, limit=200)
    forced = speed(call, True, limit=200)
    return (free / held - 1) * 100, forced / slow, drafted / free


if __name__ == "__main__":
    main()
