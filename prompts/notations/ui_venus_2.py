"""UI-Venus 2's `<think>...</think><action>Click(point=(x,y))</action>` notation, which differs by device.

On a desktop a point's word is `box`; on a phone its `Drag` holds first. Its `Sequence` of several actions, `TakeNote`,
`GetUrl`, `GetScreenshot` and `SelectOption` are not offered.
"""

from collections.abc import Mapping

from actions.action import ActionSpace
from actions.mouse import Scroll
from actions.touch import DragAndDrop, Tap
from actions.web import Goto
from prompts.by_verb import EXAMPLES, listed, literal
from prompts.notations.ui_venus import UiVenus
from prompts.vocabulary import Vocabulary
from prompts.vocabulary.functions import USUAL_NOTCHES
from prompts.vocabulary.verbs import UI_VENUS_2_BROWSER, UI_VENUS_2_DESKTOP, UI_VENUS_2_PHONE, Verb

_SIGNS: Mapping[object, tuple[str, int]] = {
    "up": ("vertical", 1), "down": ("vertical", -1), "right": ("horizontal", 1), "left": ("horizontal", -1),
}  # fmt: skip


class UiVenus2(UiVenus):
    """This notation for one action space."""

    examples = {**EXAMPLES, "keys": ["ctrl", "c"]}

    def __init__(self, space: ActionSpace) -> None:
        self.verbs = UI_VENUS_2_PHONE if Tap in space else UI_VENUS_2_BROWSER if Goto in space else UI_VENUS_2_DESKTOP
        super().__init__(space)
        self.vocabulary = Vocabulary(space, own={"drag": DragAndDrop})

    def by_verb(self, verb: Verb, fields: Mapping[str, object]) -> str | None:
        if verb.name != "Swipe" or verb.action is not Scroll:
            return super().by_verb(verb, fields)
        if not fields.keys() <= {"direction", "notches"}:
            return None
        axis, sign = _SIGNS.get(fields.get("direction"), _SIGNS["down"])  # in the system text it is no direction
        notches = fields.get("notches", USUAL_NOTCHES)
        amount = sign * (notches if isinstance(notches, int) else USUAL_NOTCHES)
        return listed(verb.name, {"amount": str(amount), "axis": literal(axis)})

    def argument(self, field: str, value: object) -> str:
        """Keys are a list."""
        return literal(value) if field in ("keys", "modifiers") else super().argument(field, value)


def connect(space: ActionSpace) -> UiVenus2:
    """The notation for an action space."""
    return UiVenus2(space)
