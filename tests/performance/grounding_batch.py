"""Questions on screenshots, several at once: run `python -m tests.performance.grounding_batch [--quick]`.

Each screenshot has several questions, and each reply is one forced call. Against the same engine one by one, and
against the library's `generate`, which has the start of the call in its prompt and decodes as many tokens as a
coordinate has.
"""

import argparse

from actions.action import ActionSpace
from actions.geometry import Size
from actions.mouse import MOUSE
from model.engine import Message, Prompt, Text
from prompts import notations
from tests.model import tiny
from tests.performance import shapes
from tests.performance.shapes import Loaded

QUESTIONS = 6
COORDINATE_TOKENS = 10
PREFIX = '<tool_call>\n{"name": "computer_use", "arguments": {"action": "left_click", "coordinate": ['


def main() -> None:
    """Prints questions per second, and the ratios of the least favourable shape."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer screenshots")
    screens = 2 if parser.parse_args().quick else 10
    print(f"{shapes.hardware()}, random weights, {screens} screenshots of {QUESTIONS} questions, questions per second")
    found = [measured(one, screens) for one in map(shapes.loaded, shapes.scales())]
    print(f"generate_ratio={min(one[0] for one in found):.2f} one_by_one_ratio={min(one[1] for one in found):.2f}")


def measured(loaded: Loaded, screens: int) -> tuple[float, float]:
    """How much faster a batch is than `generate` and than one by one."""
    scale, model, engine = loaded
    size = shapes.screen("1280x800", scale)
    pointing = notations.load("tool_call", ActionSpace(MOUSE)).pointing(Size(size.width * 28, size.height * 28))
    prompts = [
        tiny.question("0" * (8 + 4 * question), tiny.picture(screen, size.width, size.height))
        for screen in range(screens)
        for question in range(QUESTIONS)
    ]
    held = [prompt._replace(grammar=pointing) for prompt in prompts]
    begun = [Prompt((*prompt.messages[:-1], Message("assistant", (Text(PREFIX),)))) for prompt in prompts]
    ready = [tiny.library_inputs(model, engine.vocabulary.lay_out(prompt)) for prompt in begun]
    engine.generate_batch(held[:QUESTIONS], (), 200)  # the grammar is compiled once, and so are a GPU's kernels
    engine.generate(held[0], (), 200)

    def forgetting(batch: bool) -> float:
        engine.model.forget()
        if batch:
            return shapes.timed(lambda: engine.generate_batch(held, (), 200))
        return shapes.timed(lambda: [engine.generate(prompt, (), 200) for prompt in held])

    seconds = {"batch": forgetting(True), "one by one": forgetting(False)}
    seconds["generate"] = shapes.timed(
        lambda: [tiny.library_generate(model, one, engine.vocabulary, COORDINATE_TOKENS) for one in ready]
    )
    for name, taken in seconds.items():
        print(f"{scale.name:16} {name:12} {len(prompts) / taken:8.2f}")
    return seconds["generate"] / seconds["batch"], seconds["one by one"] / seconds["batch"]


if __name__ == "__main__":
    main()
