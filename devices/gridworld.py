"""A room to walk through, seen from above. Its address is a kind and a seed: `walls/7`, or `open/7` without walls."""

from functools import partial

from devices import DeviceOptions
from devices.doubles.games.played import Played, open_game
from devices.doubles.games.rooms import WALLS, Room

KINDS = {"walls": partial(Room, walls=WALLS), "open": partial(Room, walls=0)}


def connect(options: DeviceOptions) -> Played:
    """The room of the address; by default walls with seed 0.

    Raises:
        UsageError: there is no such kind of room, or the seed is not a whole number.
    """
    return open_game(options.address or "walls", KINDS)
