"""Blackjack without doubling, splitting or betting: hit or stand. Rules as of Gymnasium's Blackjack-v1.

The deck never runs out, and the dealer draws below 17. Basic strategy wins about 43 games in a hundred.
"""

import random
from collections.abc import Sequence
from typing import ClassVar

from PIL import Image

from actions.action import Action, Outcome, Stop
from devices.doubles.games.pictures import FELT, PAPER, SIDE, Card, board, draw_card, lay, write
from devices.doubles.games.played import Move

MOST = 21
DEALER_STANDS = 17


class Hit(Move):
    """Take another card."""

    move: ClassVar[str] = "hit"


class Stand(Move):
    """Take no more cards. The dealer then plays, and the higher sum up to 21 wins."""

    move: ClassVar[str] = "stand"


class Blackjack:
    """Won if the player is nearer to 21 than the dealer without exceeding it; a draw is not a win."""

    actions: tuple[type[Action], ...] = (Hit, Stand)

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self.dealer = [draw_card(self._draw), draw_card(self._draw)]
        self.player = [draw_card(self._draw), draw_card(self._draw)]
        self.over = False
        self.won = False

    def text(self) -> str:
        return ""

    def play(self, move: str) -> Outcome:
        if move == "hit":
            self.player.append(draw_card(self._draw))
            total = points(self.player)
            if total <= MOST:
                return Outcome()
            self.over = True
            return Outcome(f"{total} is more than {MOST}. The game is lost.", Stop.FINISHED)
        self.over = True
        while points(self.dealer) < DEALER_STANDS:
            self.dealer.append(draw_card(self._draw))
        own, other = points(self.player), points(self.dealer)
        self.won = own > other or other > MOST
        ending = "won" if self.won else "a draw" if own == other else "lost"
        return Outcome(f"You have {own}, the dealer {other}. The game is {ending}.", Stop.FINISHED)

    def picture(self) -> Image.Image:
        image, pen = board(FELT)
        write(pen, (SIDE / 2, 22), "Dealer", 20, PAPER, "mm")
        lay(pen, self.dealer if self.over else [self.dealer[0], None], 40)
        write(pen, (SIDE / 2, 162), "You", 20, PAPER, "mm")
        lay(pen, self.player, 180)
        return image


def points(cards: Sequence[Card]) -> int:
    """The sum, with an ace as 11 if that does not exceed 21."""
    return sum(card.value for card in cards) + (10 if is_soft(cards) else 0)


def is_soft(cards: Sequence[Card]) -> bool:
    """Whether an ace counts 11."""
    return any(card.rank == "A" for card in cards) and sum(card.value for card in cards) + 10 <= MOST


def basic_strategy(player: Sequence[Card], shown: Card) -> bool:
    """Whether to hit, by the standard table for games without doubling and splitting."""
    total, other = points(player), shown.value
    if is_soft(player):
        return total < 18 or (total == 18 and other in (9, 10, 1))
    if total <= 11:
        return True
    stands_against = range(4, 7) if total == 12 else range(2, 7)
    return total < 17 and other not in stands_against
