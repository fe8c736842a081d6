"""`History`: the rounds of an episode as a prompt needs them, updated incrementally: a step costs what it adds.

A picture that has left the prompt is released. It never returns, because memory only moves forward.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from actions.geometry import Viewport
from agent import memory
from agent.episode import Step, by_reply
from devices import Observation
from model.engine import Picture
from prompts.chatml import Round


class Look(NamedTuple):
    """An observation as the model sees it; its picture is None once that has left the prompt."""

    observation: Observation
    picture: Picture | None
    viewport: Viewport


class Reply(NamedTuple):
    """A reply that was acted on: its steps, the frame it was written in, and its cost without a picture."""

    steps: Sequence[Step]
    viewport: Viewport
    round: Round
    end: int
    """How many steps had been taken when it was done."""


class History:
    """What has happened in one episode. There is one look more than replies: the current one."""

    def __init__(
        self,
        look: Callable[[Observation], Look],
        round_of: Callable[[Sequence[Step], Viewport, Observation], Round],
        cost: Callable[[Round], int],
    ) -> None:
        """`look` resizes an observation, `round_of` describes a reply without picture, `cost` counts its tokens."""
        self._look = look
        self._round_of = round_of
        self._cost = cost
        self._begin()

    def _begin(self) -> None:
        self.replies: list[Reply] = []
        self.looks: list[Look] = []
        self._texts: list[int] = []
        self._pictures: list[int] = []
        self._kept = memory.START

    def keep(
        self,
        steps: Sequence[Step],
        observation: Observation,
        base: int,
        first: Callable[[Look], int],
        condensed: Callable[[int], int],
        room: int,
        most_pictures: int | None = None,
    ) -> memory.Kept:
        """Takes in what has happened since the last call and chooses what goes into the prompt.

        `first` is the cost of the first picture; the other arguments are those of `memory.choose`.

        Raises:
            ContextOverflow: even the smallest prompt is larger than `room`.
        """

        def choose() -> memory.Kept:
            before, newest = self._kept, len(self.looks) - 1
            kept = memory.choose(
                base, self._texts, self._pictures, condensed, room, most_pictures, before=before, since=newest
            )
            for index in range(before.first_picture, kept.first_picture):
                self.looks[index] = self.looks[index]._replace(picture=None)
            self._kept = kept
            return kept

        if not self._goes_on(steps, observation):
            self._begin()
            self.looks.append(self._look(steps[0].observation if steps else observation))
            self._pictures.append(first(self.looks[0]))
        new = by_reply(steps[self._done :])
        for reply, after in zip(new, [*(each[0].observation for each in new[1:]), observation], strict=False):
            choose()
            self._add(reply, after)
        return choose()

    def rounds(self, kept: memory.Kept) -> list[Round]:
        """The rounds that are kept, with the pictures that are kept."""
        return [
            self.replies[index].round._replace(picture=self.looks[index + 1].picture)
            for index in range(kept.first_round, len(self.replies))
        ]

    @property
    def _done(self) -> int:
        return self.replies[-1].end if self.replies else 0

    def _goes_on(self, steps: Sequence[Step], observation: Observation) -> bool:
        """Whether its contents are a prefix of these steps and their looks."""
        done = self._done
        if not self.looks or done > len(steps):
            return False
        if done and steps[done - 1] is not self.replies[-1].steps[-1]:
            return False
        return self.looks[-1].observation is (steps[done].observation if done < len(steps) else observation)

    def _add(self, reply: Sequence[Step], after: Observation) -> None:
        viewport = self.looks[-1].viewport
        look = self._look(after)
        round_ = self._round_of(reply, viewport, after)
        text = self._cost(round_)
        self._texts.append(text)
        self._pictures.append(self._cost(round_._replace(picture=look.picture)) - text)
        self.replies.append(Reply(reply, viewport, round_, self._done + len(reply)))
        self.looks.append(look)
