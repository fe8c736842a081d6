"""Playing cards and boards, drawn here, without third-party pictures."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

SIDE = 300
"""Pixels along a picture's side."""
CARD = (56, 80)
RANKS = ("A", "2", "3", "4", "5", "6", "7", "8", "9", "10", "J", "Q", "K")
SUITS = ("spades", "hearts", "diamonds", "clubs")
FELT, INK, RED, PAPER, BACK = "#1e6b45", "#111111", "#b71c1c", "#ffffff", "#2f4b8f"


class Card(NamedTuple):
    """A playing card."""

    rank: str
    suit: str

    @property
    def value(self) -> int:
        """1 for an ace, 10 for a face card."""
        return min(RANKS.index(self.rank) + 1, 10)


def draw_card(draw: random.Random) -> Card:
    """Any card, from a deck that never runs out."""
    return Card(draw.choice(RANKS), draw.choice(SUITS))


def board(colour: str = FELT) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty picture and its drawing pen."""
    image = Image.new("RGB", (SIDE, SIDE), colour)
    return image, ImageDraw.Draw(image)


def write(pen: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, colour: str, anchor: str) -> None:
    """Text in Pillow's built-in font; `anchor` as in Pillow: mm is its middle."""
    pen.text(at, text, fill=colour, font=ImageFont.load_default(size), anchor=anchor)


def lay(pen: ImageDraw.ImageDraw, cards: Sequence[Card | None], top: int) -> None:
    """A row of cards in the middle of the picture, where None is face down; many cards overlap."""
    step = min(CARD[0] + 10, (SIDE - 20 - CARD[0]) // max(len(cards) - 1, 1))
    left = (SIDE - step * (len(cards) - 1) - CARD[0]) // 2
    for index, card in enumerate(cards):
        _lay_one(pen, card, left + index * step, top)


def _lay_one(pen: ImageDraw.ImageDraw, card: Card | None, left: int, top: int) -> None:
    edges = (left, top, left + CARD[0], top + CARD[1])
    pen.rounded_rectangle(edges, 6, fill=PAPER if card else BACK, outline=INK)
    if card is None:
        for offset in range(8, CARD[0] - 4, 8):
            pen.line((left + offset, top + 4, left + offset, top + CARD[1] - 4), fill="#6f87c4")
        return
    colour = RED if card.suit in ("hearts", "diamonds") else INK
    write(pen, (left + 5, top + 3), card.rank, 22, colour, "la")
    _suit(pen, card.suit, left + CARD[0] // 2, top + 54, colour)


def _suit(pen: ImageDraw.ImageDraw, suit: str, x: int, y: int, colour: str) -> None:
    if suit == "diamonds":
        pen.polygon([(x, y - 15), (x + 11, y), (x, y + 15), (x - 11, y)], fill=colour)
    elif suit == "hearts":
        _rounds(pen, [(x - 6, y - 5), (x + 6, y - 5)], 7, colour)
        pen.polygon([(x - 12, y - 1), (x + 12, y - 1), (x, y + 14)], fill=colour)
    else:
        if suit == "spades":
            _rounds(pen, [(x - 6, y + 3), (x + 6, y + 3)], 7, colour)
            pen.polygon([(x - 12, y), (x + 12, y), (x, y - 15)], fill=colour)
        else:
            _rounds(pen, [(x - 7, y + 3), (x + 7, y + 3), (x, y - 8)], 7, colour)
        pen.polygon([(x, y), (x + 6, y + 15), (x - 6, y + 15)], fill=colour)


def _rounds(pen: ImageDraw.ImageDraw, centres: Sequence[tuple[int, int]], radius: int, colour: str) -> None:
    for x, y in centres:
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
