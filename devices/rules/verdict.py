"""`Verdict`: what a rule says about an action or an address, and `strictest`, which combines several."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class Decision(StrEnum):
    """What a rule decides, from the most lenient to the strictest."""

    ALLOW = "allow"
    ASK = "ask"
    """A person decides; with nobody there it is denied."""
    DENY = "deny"


class Verdict(NamedTuple):
    """A decision, and the wording of the rule that made it; without wording no rule applies."""

    decision: Decision
    rule: str = ""


ALLOWED = Verdict(Decision.ALLOW)
_ORDER = tuple(Decision)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The strictest verdict, the first one of equals; allowed if there is none. So deny wins."""
    return max(verdicts, key=lambda verdict: _ORDER.index(verdict.decision), default=ALLOWED)
