"""`History`: the rounds of an episode as a prompt needs them, kept up from step to step: a step costs what it adds.

A picture that has left the prompt is let go of. It does not come back, as memory only ever moves forward.
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
    """An observation as the model sees it; None for its picture once that has left the prompt."""

    observation: Observation
    picture: Picture | None
    viewport: Viewport


class Reply(NamedTuple):
    """A reply that was acted on: its steps, the frame it was written in, and what it adds to a prompt, unpictured."""

    steps: Sequence[Step]
    viewport: Viewport
    round: Round
    end: int
    """How many steps had been taken after it."""


class History:
    """What has happened in one episode. There is one look more than there are replies: the present one."""

    def __init__(
        self,
        look: Callable[[Observation], Look],
        told: Callable[[Sequence[Step], Viewport, Observation], Round],
        cost: Callable[[Round], int],
    ) -> None:
        """`look` resizes an observation, `told` tells of a reply without a picture, `cost` counts a round's tokens."""
        self._look = look
        self._told = told
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
        """Takes in what has happened since it was last asked, and says what of all goes into the prompt.

        `first` is what showing the first picture costs, the rest is as in `memory.choose`.

        Raises:
            ContextOverflow: the least there can be is more than `room`.
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
        """The rounds that are kept, with those pictures that are."""
        return [
            self.replies[index].round._replace(picture=self.looks[index + 1].picture)
            for index in range(kept.first_round, len(self.replies))
        ]

    @property
    def _done(self) -> int:
        return self.replies[-1].end if self.replies else 0

    def _goes_on(self, steps: Sequence[Step], observation: Observation) -> bool:
        """Whether all that it holds is the beginning of these steps, the present look included."""
        done = self._done
        if not self.looks or done > len(steps):
            return False
        if done and steps[done - 1] is not self.replies[-1].steps[-1]:
            return False
        return self.looks[-1].observation is (steps[done].observation if done < len(steps) else observation)

    def _add(self, reply: Sequence[Step], after: Observation) -> None:
        viewport = self.looks[-1].viewport
        look = self._look(after)
        told = self._told(reply, viewport, after)
        text = self._cost(told)
        self._texts.append(text)
        self._pictures.append(self._cost(told._replace(picture=look.picture)) - text)
        self.replies.append(Reply(reply, viewport, told, self._done + len(reply)))
        self.looks.append(look)
