"""EZPoint and Point24: cards are combined in a formula with a target value. Rules as of RL4VLM's gym-cards.

Face cards are worth 10. Every EZPoint deal has a solution; about 73 % of the Point24 deals have one.
"""

import random
from typing import Literal

from PIL import Image
from pydantic import Field

from actions.action import Action, Outcome, Stop
from actions.errors import ActionRefused
from devices.doubles.games.arithmetic import Formula, solve, worth
from devices.doubles.games.pictures import FELT, PAPER, RANKS, SIDE, SUITS, Card, board, draw_card, lay, write
from devices.doubles.games.played import Table

LONGEST = 20
"""Symbols of a formula."""


class Write(Action):
    """Write the next symbol of the formula. `=` ends it, and the game."""

    symbol: Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "+", "-", "*", "/", "(", ")", "="] = Field(
        description="A card's number, where aces are 1 and face cards 10; an operator; a parenthesis; or =."
    )

    def apply(self, device: Table) -> Outcome:
        return device.play(self.symbol)


class WriteSimple(Action):
    """Write the next symbol of the formula. `=` ends it, and the game."""

    symbol: Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "+", "*", "="] = Field(
        description="A card's number, where aces are 1 and face cards 10; an operator; or =."
    )

    def apply(self, device: Table) -> Outcome:
        return device.play(self.symbol)


class _Points:
    """Won if the finished formula uses every card once and has the target value."""

    actions: tuple[type[Action], ...]
    target: int
    operators: str

    def __init__(self, cards: tuple[Card, ...]) -> None:
        self.cards = cards
        self.formula: Formula = ()
        self.over = False
        self.won = False

    def text(self) -> str:
        return ""

    def solution(self) -> Formula | None:
        """A formula that wins, without the equals sign; None if there is none."""
        return solve([card.value for card in self.cards], self.target, self.operators)

    def play(self, move: str) -> Outcome:
        if move == "=":
            return self._end()
        left = [str(card.value) for card in self.cards]
        for symbol in self.formula:
            if symbol in left:
                left.remove(symbol)
        if move.isdigit() and move not in left:
            raise ActionRefused(f"No unused card is worth {move}; left are: {', '.join(left) or 'none'}.")
        if len(self.formula) >= LONGEST:
            raise ActionRefused(f"A formula has {LONGEST} symbols at most. End it with =.")
        self.formula += (move,)
        return Outcome()

    def _end(self) -> Outcome:
        self.over = True
        used = sorted(symbol for symbol in self.formula if symbol.isdigit())
        try:
            value = worth(self.formula)
        except ValueError:
            return Outcome("The formula cannot be read. The game is lost.", Stop.FINISHED)
        self.won = value == self.target and used == sorted(str(card.value) for card in self.cards)
        if self.won:
            return Outcome(f"The formula is worth {value}. The game is won.", Stop.FINISHED)
        return Outcome(f"The formula is worth {value}, or does not use every card. The game is lost.", Stop.FINISHED)

    def picture(self) -> Image.Image:
        image, pen = board(FELT)
        write(pen, (SIDE / 2, 30), f"Make {self.target}", 26, PAPER, "mm")
        lay(pen, self.cards, 70)
        write(pen, (20, 190), "Formula:", 20, PAPER, "ls")
        for line in range(2):
            write(pen, (20, 225 + 30 * line), " ".join(self.formula[11 * line : 11 * line + 11]), 20, PAPER, "ls")
        return image


class EZPoint(_Points):
    """Two cards, target 12, by addition or multiplication."""

    actions = (WriteSimple,)
    target = 12
    operators = "+*"

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        ranks = [
            (left, right)
            for left in RANKS
            for right in RANKS
            if solve([Card(left, "").value, Card(right, "").value], self.target, self.operators)
        ]
        super().__init__(tuple(Card(rank, draw.choice(SUITS)) for rank in draw.choice(ranks)))


class Point24(_Points):
    """Four cards, target 24."""

    actions = (Write,)
    target = 24
    operators = "+-*/"

    def __init__(self, seed: int) -> None:
        draw = random.Random(seed)
        super().__init__(tuple(draw_card(draw) for _ in range(4)))
