"""`Stalls`: a policy that detects when another one makes no progress, reports it, and finally stops it.

It detects: the same action on an unchanged screen; two or three actions in turn on the same screens; the same thought
on such a screen; nothing new on the screen after several actions; and too many mistakes. First the RESULT reports it to
the model. Then an action that was tried before is not performed. Then the user is asked, if there is one. Then the
episode ends.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from actions.action import Action, ActionSpace, Permit
from actions.control import Answer, Finish
from actions.errors import Stalled
from actions.geometry import Size
from agent.episode import Ending, Mistake, Step, Turn
from agent.loop import Policy
from agent.screens import Screens
from devices import Observation
from prompts.schema import takes_points

SAME_PLACE = 14
"""Points no further apart than this, in thousandths of the screen's sides, count as equal."""
SAME_ACTIONS = 3
PERIODS = (2, 3)
WINDOW = 2 * max(PERIODS)
"""How many steps are searched for repetitions."""
SAME_THOUGHTS = 3
NOTHING_NEW = 4
"""This many actions without a new screen count as no progress."""
RECENT = 9
MOST_MISTAKES = 3
"""The tolerated number of mistakes among the last `RECENT` turns."""
HINTS = 2
"""How many reports the model gets before actions are refused."""
ADVICE = "Try something else, or end the task with failure if it cannot be done."
IF_AGAIN = "If it changes nothing again, try something else, or end the task with failure if it cannot be done."


class Noticed(NamedTuple):
    """A sign that there is no progress."""

    what: str
    tried: bool
    """Whether the action was tried before on the same screen."""
    mistaken: bool = False
    """Whether it is about mistakes, and not about the screen."""


class Stalls:
    """Decides like another policy, for one episode at a time, and detects a lack of progress."""

    def __init__(self, policy: Policy, space: ActionSpace, ask: Callable[[str], str] | None = None) -> None:
        """`ask` returns the user's answer to a question; empty if the user says nothing."""
        self._policy = policy
        self._on_screen = takes_points(space)
        self._ask = ask
        self._begin()

    def _begin(self) -> None:
        self._screens = Screens()
        self._since = 0
        """The first step of the search for a lack of progress."""
        self._times = {True: 0, False: 0}
        """The number of reports since the last progress: about mistakes, and about the screen."""

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        if not steps:
            self._begin()
        self._screens.follow(steps, observation)
        if self._screens.new[-1]:
            self._times[False] = 0
        turn = self._policy.act(instruction, steps, observation)
        noticed = self._noticed(steps, turn, observation.screen)
        if noticed is None:
            if turn.mistake:
                self._times[True] = 0
            return turn
        self._times[noticed.mistaken] += 1
        return self._escalated(turn, noticed, self._times[noticed.mistaken], len(steps))

    def _escalated(self, turn: Turn, noticed: Noticed, times: int, index: int) -> Turn:
        if times <= HINTS or (times == HINTS + 1 and not noticed.tried and not noticed.mistaken):
            return replace(turn, hint=f"{noticed.what} {ADVICE if noticed.mistaken else IF_AGAIN}")
        if times == HINTS + 1 and not noticed.mistaken:
            return _refused(turn, f"{noticed.what} {ADVICE}")
        if self._ask and (answer := self._ask(f"There is no progress. {noticed.what} What should the model do?")):
            self._since, self._times = index + 1, {True: 0, False: 0}
            return _refused(turn, f"{noticed.what} The user was asked, and answers: {answer}")
        return replace(_refused(turn, f"There is no progress. {noticed.what}"), ending=Ending.STALLED)

    def _noticed(self, steps: Sequence[Step], turn: Turn, screen: Size) -> Noticed | None:
        if turn.mistake:
            return self._mistakes(steps)
        if turn.action is None or turn.quiet or isinstance(turn.action, Answer | Finish):
            return None
        recent = steps[max(self._since, len(steps) - WINDOW) :]
        turns = [*(step.turn for step in recent), turn]
        looks = self._screens.seen[-len(turns) :]
        rounds = list(zip(turns, looks, strict=True))
        return _repeated(rounds, screen, _why_denied(recent)) or self._nothing_new(steps, turn, screen)

    def _mistakes(self, steps: Sequence[Step]) -> Noticed | None:
        recent = steps[max(self._since, len(steps) + 1 - RECENT) :]
        count = 1 + sum(step.turn.mistake is not None for step in recent)
        if len(recent) + 1 < RECENT or count <= MOST_MISTAKES:
            return None
        return Noticed(f"{count} of the last {RECENT} actions could not be performed.", tried=False, mistaken=True)

    def _nothing_new(self, steps: Sequence[Step], turn: Turn, screen: Size) -> Noticed | None:
        """Going back over many earlier screens is progress; alternating between two of them is not."""
        acted = (
            index
            for index in range(len(steps) - 1, self._since - 1, -1)
            if steps[index].turn.action and steps[index].outcome.performed and not steps[index].turn.quiet
        )
        after = next(islice(acted, NOTHING_NEW - 1, None), -1) + 1
        if not self._on_screen or not after:
            return None
        if any(self._screens.new[after:]) or len(set(self._screens.seen[after:])) > 2:
            return None
        assert turn.action
        now = self._screens.seen[-1]
        tried = any(
            _same(step.turn.action, turn.action, screen)
            for step in steps[after - 1 :]
            if step.turn.action and self._screens.seen[step.index] == now
        )
        return Noticed(f"The {NOTHING_NEW} actions before this one showed nothing new on the screen.", tried)


def _refused(turn: Turn, why: str) -> Turn:
    """The turn with its action refused; a turn that is already a mistake gets the text added."""
    if turn.mistake:
        return replace(turn, hint=why)
    return replace(turn, mistake=Mistake(Stalled.__name__, why))


def _repeated(rounds: Sequence[tuple[Turn, int]], screen: Size, denied: str) -> Noticed | None:
    """Repetitions of the newest turn's action or thought on the same screen.

    `denied` is why the action before was denied, if it was.
    """
    same = _alike(rounds, 1, lambda one, other: _same(one.action, other.action, screen))
    if same >= SAME_ACTIONS - 1 and denied:
        return Noticed(
            f"This action was tried {same} times before on this screen, and not allowed. {denied}", tried=True
        )
    if same >= SAME_ACTIONS - 1:
        return Noticed(f"This action was tried {same} times before, and the screen did not change.", tried=True)
    for period in PERIODS:
        if _alike(rounds, period, lambda one, other: _same(one.action, other.action, screen)) >= period:
            what = f"The same {period} actions are repeated in turn, and lead to the same screens."
            return Noticed(what, tried=True)
    thought = _alike(rounds, 1, _same_thought)
    if thought >= SAME_THOUGHTS - 1:
        what = f"The same was thought {thought} times before, and the screen did not change."
        return Noticed(what, tried=False)
    return None


def _why_denied(steps: Sequence[Step]) -> str:
    """Why the last action that was tried was denied; empty if it was not."""
    tried = next((step for step in reversed(steps) if not step.turn.mistake), None)
    return tried.outcome.text if tried and tried.outcome.permit is Permit.DENIED else ""


def _same_thought(one: Turn, other: Turn) -> bool:
    return bool(one.thought.strip()) and one.thought == other.thought and not (one.quiet or other.quiet)


def _alike(rounds: Sequence[tuple[Turn, int]], period: int, same: Callable[[Turn, Turn], bool]) -> int:
    """How many turns, from the newest one back, equal the one `period` before on the same screen."""
    count = 0
    while len(rounds) - 1 - count - period >= 0:
        turn, look = rounds[len(rounds) - 1 - count]
        before, look_before = rounds[len(rounds) - 1 - count - period]
        if look != look_before or not same(turn, before):
            break
        count += 1
    return count


def _same(one: Action | None, other: Action | None, screen: Size) -> bool:
    """Whether two actions are equal, with points at nearly the same place."""
    if one is None or other is None or type(one) is not type(other):
        return False
    places = one.points(), other.points()
    if places[0].keys() != places[1].keys():
        return False
    others = [action.model_dump(exclude=set(places[0])) for action in (one, other)]
    return others[0] == others[1] and all(
        math.hypot((place.x - there.x) / screen.width, (place.y - there.y) / screen.height) <= SAME_PLACE / 1000
        for place, there in zip(places[0].values(), places[1].values(), strict=True)
    )
