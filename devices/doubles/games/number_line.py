"""Number Line: moves a number to a target in steps of one. Rules as of RL4VLM's gym-cards."""

import random
from typing import ClassVar

from PIL import Image

from actions.action import Action, Outcome, Stop
from actions.errors import ActionRefused
from devices.doubles.games.pictures import INK, PAPER, RED, SIDE, board, write
from devices.doubles.games.played import Move

LOWEST, HIGHEST = 0, 5


class Increase(Move):
    """Add one to the current number."""

    move: ClassVar[str] = "+"


class Decrease(Move):
    """Take one from the current number."""

    move: ClassVar[str] = "-"


class NumberLine:
    """Won if the current number is the target."""

    actions: tuple[type[Action], ...] = (Increase, Decrease)

    def __init__(self, seed: int) -> None:
        self.target, self.current = random.Random(seed).sample(range(LOWEST, HIGHEST + 1), 2)

    @property
    def over(self) -> bool:
        return self.won

    @property
    def won(self) -> bool:
        return self.current == self.target

    def text(self) -> str:
        return ""

    def play(self, move: str) -> Outcome:
        wanted = self.current + (1 if move == "+" else -1)
        if not LOWEST <= wanted <= HIGHEST:
            raise ActionRefused(f"The number stays within {LOWEST} and {HIGHEST}. It is still {self.current}.")
        self.current = wanted
        return Outcome("The target is reached.", Stop.FINISHED) if self.won else Outcome()

    def picture(self) -> Image.Image:
        image, pen = board(PAPER)
        write(pen, (SIDE / 2, 60), f"Target: {self.target}", 32, RED, "mm")
        write(pen, (SIDE / 2, 120), f"Current: {self.current}", 32, INK, "mm")
        pen.line((30, 210, SIDE - 30, 210), fill=INK, width=2)
        for number in range(LOWEST, HIGHEST + 1):
            x = 30 + (number - LOWEST) * (SIDE - 60) / (HIGHEST - LOWEST)
            if number == self.current:
                pen.ellipse((x - 8, 202, x + 8, 218), fill=INK)
            pen.line((x, 200, x, 220), fill=RED if number == self.target else INK, width=3)
            write(pen, (x, 240), str(number), 18, INK, "mm")
        return image
