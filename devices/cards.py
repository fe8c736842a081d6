"""A card table. Its address is a game and a seed: `blackjack/7`; the same seed deals the same cards.

The games are number-line, ezpoint, point24 and blackjack. They show that nothing here is tied to a screen: each has
moves of its own, and no point anywhere. Cards and boards are drawn here.
"""

from collections.abc import Callable
from functools import partial

from actions.errors import UsageError
from devices import DeviceOptions
from devices.games.blackjack import Blackjack
from devices.games.number_line import NumberLine
from devices.games.played import Game, Played
from devices.games.points import EZPoint, Point24

GAMES: dict[str, Callable[[int], Game]] = {
    "number-line": NumberLine,
    "ezpoint": EZPoint,
    "point24": Point24,
    "blackjack": Blackjack,
}


def connect(options: DeviceOptions) -> Played:
    """Deals the game that the address names; without an address, blackjack with seed 0.

    Raises:
        UsageError: there is no such game, or the seed is no whole number.
    """
    name, _, seed = (options.address or "blackjack").partition("/")
    if name not in GAMES or not (seed or "0").isdecimal():
        raise UsageError(f"There is no game {options.address!r}. Write GAME/SEED; the games are: {', '.join(GAMES)}.")
    return Played(partial(GAMES[name], int(seed or 0)))
