"""`RandomPolicy` and `IdlePolicy`: the baselines of a score."""

import random
from collections.abc import Mapping, Sequence

from actions.action import Action, ActionSpace
from actions.control import ASK, CONTROL, Finish
from actions.geometry import Size
from actions.phone import PHONE
from actions.web import WEB
from agent.episode import Step, Turn
from devices import Observation
from prompts.schema import parameters

LEFT_OUT = frozenset((*CONTROL, *ASK, *WEB, *PHONE))
"""Actions that wait, ask, end the episode or leave the task."""


class IdlePolicy:
    """Does nothing and claims success."""

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return Turn("", "", Finish(status="success", text="Nothing was done."))


class RandomPolicy:
    """Draws actions uniformly from those that act on the screen; it never ends an episode.

    Points are anywhere on the screen, numbers and choices within their limits, texts are words of the instruction.
    Actions with other fields, such as keys, are excluded.
    """

    def __init__(self, space: ActionSpace, seed: int | str) -> None:
        """Equal seeds give equal actions on equal screens. Raises ValueError if no action can be drawn."""
        self._draw = random.Random(seed)
        needed = [(kind, _needed(kind)) for kind in space.actions if kind not in LEFT_OUT]
        self._kinds = [(kind, fields) for kind, fields in needed if all(map(_drawable, fields.values()))]
        if not self._kinds:
            raise ValueError("no action of this space can be drawn at random")

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        kind, fields = self._draw.choice(self._kinds)
        values = {name: self._value(field, instruction, observation.screen) for name, field in fields.items()}
        return Turn("", "", kind.model_validate(values))

    def _value(self, field: Mapping[str, object], instruction: str, screen: Size) -> object:
        if choices := field.get("enum"):
            assert isinstance(choices, list)
            return self._draw.choice(choices)
        match field["type"]:
            case "array":
                return self._draw.randrange(screen.width), self._draw.randrange(screen.height)
            case "string":
                return self._draw.choice(instruction.split() or ["a"])
            case _:
                low, high = field.get("minimum", 0), field.get("maximum", 100)
                assert isinstance(low, int | float) and isinstance(high, int | float)
                return self._draw.randint(int(low), int(high))


def _needed(kind: type[Action]) -> dict[str, Mapping[str, object]]:
    """The schemas of the required fields."""
    schema = parameters(kind)
    fields, required = schema["properties"], schema["required"]
    assert isinstance(fields, dict) and isinstance(required, list)
    return {name: fields[name] for name in required}


def _drawable(field: Mapping[str, object]) -> bool:
    return field.get("type") != "array" or field.get("items") == {"type": "number"}
