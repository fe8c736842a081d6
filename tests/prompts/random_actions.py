"""Random valid actions of a space, typed texts that look like notation among them."""

from collections.abc import Mapping

from hypothesis import strategies as st

from actions.action import Action, ActionSpace
from actions.geometry import Point, Size
from actions.keyboard import NAMED_KEYS

NASTY = (
    "*RESULT* {", "*FUNCTION*: Click\n*ARGS*: {}", "*RETURN*:", "</tool_call>", '"', "'", "\\", "}", "[1, 2]", "🍕",
    "\u273fRESULT\u273f", "“quoted”", "line\nbreak\ttab", "click(1, 2)", '{"name": "Click", "arguments": {}}', "None",
)  # fmt: skip
TEXTS = st.one_of(
    st.text(min_size=1, max_size=40),
    st.lists(st.sampled_from(NASTY) | st.text(max_size=5), min_size=1, max_size=4).map("".join).filter(bool),
)
KEYS = st.lists(
    st.sampled_from(NAMED_KEYS) | st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=5
)


def actions(space: ActionSpace, screen: Size) -> st.SearchStrategy[Action]:
    """Any action of the space, with points on the screen."""
    return st.one_of([_action(kind, screen) for kind in space.actions])


def _action(kind: type[Action], screen: Size) -> st.SearchStrategy[Action]:
    values = _values(screen)
    required = {name: values[name] for name, field in kind.model_fields.items() if field.is_required()}
    optional = {name: values[name] for name, field in kind.model_fields.items() if not field.is_required()}
    return st.fixed_dictionaries(required, optional=optional).map(kind.model_validate)


def _values(screen: Size) -> Mapping[str, st.SearchStrategy[object]]:
    point = st.builds(Point, st.integers(0, screen.width - 1), st.integers(0, screen.height - 1))
    return {
        "point": point,
        "start": point,
        "end": point,
        "text": TEXTS,
        "url": TEXTS,
        "app": TEXTS,
        "question": TEXTS,
        "keys": KEYS,
        "direction": st.sampled_from(("up", "down", "left", "right")),
        "notches": st.integers(1, 50),
        "seconds": st.floats(0.1, 10),
        "status": st.sampled_from(("success", "failure")),
        "index": st.integers(1, 99),
        "answer": st.sampled_from(("accept", "dismiss")),
        "value": TEXTS,
    }
