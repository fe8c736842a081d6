"""When a predicted action matches the recorded one: TM if its type matches, EM if its arguments do too.

`qwen` follows the script that the Qwen team posted in QwenLM/Qwen3-VL issue 904, as X-PLUG/MobileAgent's UI-S1 keeps
it, but compares the direction of swipes; `qwen_pixels` reads its 4 % as InfiGUI does. `os_atlas` is OS-Atlas's and
UI-TARS's rule, with F1 over all of the text, where the released code looks at one word. `paper` is the rule of the
benchmark's own authors: for AndroidControl as UGround computes it, for AITZ IMNearth/CoAT's evaluator, whose click
point is the recorded one here and not (0, 0).
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from actions.action import Action
from actions.geometry import Box, Point
from actions.keyboard import Type
from actions.phone import Back, OpenApp
from actions.touch import LongPress, Swipe, Tap
from tasks.offline.step import Element, Seen, direction, kind

ENLARGED = 1.2
NEAR = 0.04
FAR = 0.14


class Match(NamedTuple):
    """Whether the type and whether the arguments match, too."""

    type: bool
    exact: bool


NO_MATCH = Match(False, False)
Hit = Callable[[Point, Point, Seen], bool]
"""Whether a predicted point matches the recorded one (the first argument)."""


@dataclass(frozen=True)
class Rule:
    """A rule by its parts: a pure function of the recorded action, the predicted one and the screen."""

    name: str
    type_of: Callable[[Action], str]
    hits: Hit
    same_text: Callable[[str, str], bool]
    """The recorded text comes first."""
    also: Callable[[Action, Action, Seen, Hit], Match | None] = lambda gold, predicted, seen, hits: None
    """Actions of different types that are equivalent."""

    def __call__(self, gold: Action, predicted: Action | None, seen: Seen) -> Match:
        """None, a reply without a readable action, matches nothing."""
        if predicted is None:
            return NO_MATCH
        if match := self.also(gold, predicted, seen, self.hits):
            return match
        if self.type_of(gold) != self.type_of(predicted):
            return NO_MATCH
        return Match(True, self._same_arguments(gold, predicted, seen))

    def _same_arguments(self, gold: Action, predicted: Action, seen: Seen) -> bool:
        match gold, predicted:
            case Tap(point=right), Tap(point=point):
                return self.hits(right, point, seen)
            case LongPress(point=right), LongPress(point=point):
                return self.hits(right, point, seen)
            case Swipe(), Swipe():
                return direction(gold, seen.size) == direction(predicted, seen.size)
            case Type(), Type():
                return self.same_text(gold.text, predicted.text)
            case OpenApp(), OpenApp():
                return self.same_text(gold.app, predicted.app)
            case _:
                return type(gold) is type(predicted)


def enlarged(box: Box) -> Box:
    """The box enlarged 1.2 times around its centre."""
    across, down = (box.right - box.left) * (ENLARGED - 1) / 2, (box.bottom - box.top) * (ENLARGED - 1) / 2
    return Box(box.left - across, box.top - down, box.right + across, box.bottom + down)


def within(limit: float) -> Hit:
    """No further apart than this on each axis, as a fraction of its side."""

    def near(gold: Point, predicted: Point, seen: Seen) -> bool:
        return math.hypot((gold.x - predicted.x) / seen.size.width, (gold.y - predicted.y) / seen.size.height) <= limit

    return near


def within_pixels(limit: float) -> Hit:
    """No further apart than this fraction of the longer side."""

    def near(gold: Point, predicted: Point, seen: Seen) -> bool:
        return math.hypot(gold.x - predicted.x, gold.y - predicted.y) <= limit * max(seen.size)

    return near


def in_candidate_or(near: Hit) -> Hit:
    """In an enlarged candidate box, or near the recorded point."""

    def hits(gold: Point, predicted: Point, seen: Seen) -> bool:
        return any(enlarged(box).holds(predicted) for box in seen.candidates) or near(gold, predicted, seen)

    return hits


def in_smallest_or(near: Hit) -> Hit:
    """In the smallest element that contains the recorded point, or near it if none does."""

    def hits(gold: Point, predicted: Point, seen: Seen) -> bool:
        element = element_at(gold, seen)
        return element.box.holds(predicted) if element else near(gold, predicted, seen)

    return hits


def element_at(point: Point, seen: Seen) -> Element | None:
    """The smallest element that contains a point; candidate boxes replace elements that the data lack."""
    elements = seen.elements or tuple(Element(box, "") for box in seen.candidates)
    holding = (element for element in elements if element.box.holds(point))
    return min(holding, key=lambda found: _area(found.box), default=None)


def contained(gold: str, predicted: str) -> bool:
    """One contains the other, ignoring case and outer spaces.

    Taken literally, as in the published figures: spaces are contained in any text. The report counts them.
    """
    gold, predicted = gold.lower().strip(), predicted.lower().strip()
    return predicted in gold or gold in predicted


def contained_or_similar(gold: str, predicted: str) -> bool:
    """Containment, or a ratio above 0.8."""
    return contained(gold, predicted) or similarity(gold, predicted) > 0.8


def equal_or_shared_words(gold: str, predicted: str) -> bool:
    """Equal, or F1 over words above 0.5; ignoring case and outer spaces."""
    gold_words, words = Counter(gold.lower().split()), Counter(predicted.lower().split())
    shared = (gold_words & words).total()
    return gold_words == words or 2 * shared > 0.5 * (gold_words.total() + words.total())


def similarity(one: str, other: str) -> float:
    """`Levenshtein.ratio`: twice the longest common subsequence over both lengths."""
    row = [0] * (len(other) + 1)
    for letter in one:
        before = row
        row = [0]
        for index, other_letter in enumerate(other):
            row.append(before[index] + 1 if letter == other_letter else max(before[index + 1], row[index]))
    return 2 * row[-1] / (len(one) + len(other)) if one or other else 1.0


def _icon_opens(gold: Action, predicted: Action, seen: Seen, hits: Hit) -> Match | None:
    """Opening an app whose icon is on the screen: a click on it has the right type."""
    if not (isinstance(gold, OpenApp) and isinstance(predicted, Tap) and seen.candidates):
        return None
    return Match(True, hits(seen.candidates[0].centre, predicted.point, seen))


def _named_element(gold: Action, predicted: Action, seen: Seen, hits: Hit) -> Match | None:
    """A click on something named like the app opens it, and one on something called back goes back."""
    for tap, other in ((gold, predicted), (predicted, gold)):
        if isinstance(tap, Tap) and isinstance(other, OpenApp | Back):
            element = element_at(tap.point, seen)
            name = other.app.lower() if isinstance(other, OpenApp) else "back"
            same = element is not None and name in element.text.lower()
            return Match(same, same)
    return None


def _class_name(action: Action) -> str:
    return type(action).__name__


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _same(gold: str, predicted: str) -> bool:
    return gold == predicted


_OS_ATLAS = Rule("os_atlas", _class_name, within(FAR), equal_or_shared_words)
ANDROID_CONTROL: Mapping[str, Rule] = {
    "qwen": Rule("qwen", kind, in_candidate_or(within(NEAR)), contained, _icon_opens),
    "qwen_pixels": Rule("qwen_pixels", kind, in_candidate_or(within_pixels(NEAR)), contained, _icon_opens),
    "os_atlas": _OS_ATLAS,
    "paper": Rule("paper", _class_name, in_smallest_or(within(NEAR)), _same, _named_element),
}
AITZ: Mapping[str, Rule] = {
    "qwen": Rule("qwen", kind, in_candidate_or(within(FAR)), contained),
    "os_atlas": _OS_ATLAS,
    "paper": Rule("paper", kind, in_candidate_or(within(NEAR)), contained_or_similar),
}
"""Both evaluators of AITZ compare boxes; a model that points is scored by the elements around the recorded point."""
