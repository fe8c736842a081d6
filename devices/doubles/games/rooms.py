"""A room seen from above, with walls, a walker who can turn, and a goal: a small navigation environment."""

import random
from collections import deque
from collections.abc import Iterator
from typing import ClassVar, NamedTuple

from PIL import Image

from actions.action import Action, Outcome, Stop
from actions.errors import ActionRefused
from devices.doubles.games.pictures import INK, PAPER, SIDE, board
from devices.doubles.games.played import Move

CELLS = 6
"""Cells along a side."""
CELL = SIDE // CELLS
WALLS = 12
HEADINGS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left: turning right follows this order."""
GOAL, WALL, WALKER = "#2e9e4f", "#444444", "#1d4ed8"


class Forward(Move):
    """Walk one cell ahead."""

    move: ClassVar[str] = "forward"


class TurnLeft(Move):
    """Turn left on the spot."""

    move: ClassVar[str] = "left"


class TurnRight(Move):
    """Turn right on the spot."""

    move: ClassVar[str] = "right"


class Place(NamedTuple):
    """A cell and a direction of view."""

    x: int
    y: int
    heading: int

    def moved(self, move: str) -> "Place":
        """Where a move leads, ignoring walls."""
        if move == "forward":
            across, down = HEADINGS[self.heading]
            return Place(self.x + across, self.y + down, self.heading)
        return self._replace(heading=(self.heading + (1 if move == "right" else -1)) % len(HEADINGS))


class Room:
    """Won if the goal is reached. Every room has a path to it."""

    actions: tuple[type[Action], ...] = (Forward, TurnLeft, TurnRight)

    def __init__(self, seed: int, walls: int) -> None:
        draw = random.Random(seed)
        while True:
            cells = [(x, y) for x in range(CELLS) for y in range(CELLS)]
            draw.shuffle(cells)
            self.goal, start = cells[0], cells[1]
            self.walls = frozenset(cells[2 : 2 + walls])
            self.place = Place(*start, draw.randrange(len(HEADINGS)))
            if self.way():
                return

    @property
    def over(self) -> bool:
        return self.won

    @property
    def won(self) -> bool:
        return (self.place.x, self.place.y) == self.goal

    def text(self) -> str:
        return ""

    def play(self, move: str) -> Outcome:
        place = self.place.moved(move)
        if not self._is_free(place):
            raise ActionRefused("There is a wall ahead. You are where you were.")
        self.place = place
        return Outcome("The goal is reached.", Stop.FINISHED) if self.won else Outcome()

    def way(self) -> tuple[str, ...] | None:
        """The moves of a shortest way to the goal; None if there is none."""
        ways: deque[tuple[Place, tuple[str, ...]]] = deque([(self.place, ())])
        seen = {self.place}
        while ways:
            place, moves = ways.popleft()
            if (place.x, place.y) == self.goal:
                return moves
            for move, there in self._neighbours(place):
                if there not in seen:
                    seen.add(there)
                    ways.append((there, (*moves, move)))
        return None

    def picture(self) -> Image.Image:
        image, pen = board(PAPER)
        for x in range(CELLS):
            for y in range(CELLS):
                inside = WALL if (x, y) in self.walls else GOAL if (x, y) == self.goal else PAPER
                pen.rectangle((x * CELL, y * CELL, (x + 1) * CELL - 1, (y + 1) * CELL - 1), fill=inside, outline=INK)
        middle = ((self.place.x + 0.5) * CELL, (self.place.y + 0.5) * CELL)
        across, down = HEADINGS[self.place.heading]
        reach = CELL * 0.38
        tip, back = (across * reach, down * reach), (-across * reach, -down * reach)
        side = (-down * reach * 0.7, across * reach * 0.7)
        corners = [tip, (back[0] + side[0], back[1] + side[1]), (back[0] - side[0], back[1] - side[1])]
        pen.polygon([(middle[0] + x, middle[1] + y) for x, y in corners], fill=WALKER)
        return image

    def _neighbours(self, place: Place) -> Iterator[tuple[str, Place]]:
        for move in ("forward", "left", "right"):
            there = place.moved(move)
            if self._is_free(there):
                yield move, there

    def _is_free(self, place: Place) -> bool:
        return 0 <= place.x < CELLS and 0 <= place.y < CELLS and (place.x, place.y) not in self.walls
