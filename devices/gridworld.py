"""A room to walk through, seen from above. Its address is a kind and a seed: `walls/7`, or `open/7` without walls."""

from functools import partial

from actions.errors import UsageError
from devices import DeviceOptions
from devices.games.played import Played
from devices.games.rooms import WALLS, Room

KINDS = {"walls": WALLS, "open": 0}


def connect(options: DeviceOptions) -> Played:
    """The room that the address names; without an address, walls with seed 0.

    Raises:
        UsageError: there is no such kind of room, or the seed is no whole number.
    """
    kind, _, seed = (options.address or "walls").partition("/")
    if kind not in KINDS or not (seed or "0").isdecimal():
        raise UsageError(f"There is no room {options.address!r}. Write KIND/SEED; the kinds are: {', '.join(KINDS)}.")
    return Played(partial(Room, int(seed or 0), KINDS[kind]))
