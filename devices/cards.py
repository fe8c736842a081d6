"""A card table. Its address is a game and a seed: `blackjack/7`; the same seed deals the same cards.

The games are number-line, ezpoint, point24 and blackjack. They show that nothing in the agent depends on a screen: each
game has its own moves and no points. Cards and boards are drawn here.
"""

from collections.abc import Callable

from devices import DeviceOptions
from devices.doubles.games.blackjack import Blackjack
from devices.doubles.games.number_line import NumberLine
from devices.doubles.games.played import Game, Played, open_game
from devices.doubles.games.points import EZPoint, Point24

GAMES: dict[str, Callable[[int], Game]] = {
    "number-line": NumberLine,
    "ezpoint": EZPoint,
    "point24": Point24,
    "blackjack": Blackjack,
}


def connect(options: DeviceOptions) -> Played:
    """Deals the game of the address; by default blackjack with seed 0.

    Raises:
        UsageError: there is no such game, or the seed is not a whole number.
    """
    return open_game(options.address or "blackjack", GAMES)
