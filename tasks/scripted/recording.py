"""`record`: notes what a person does once, for a suite file (tasks/scripted/recorded_file.py)."""

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import devices
from actions.action import ActionSpace
from actions.errors import UsageError
from actions.geometry import Size
from devices import DeviceOptions
from devices.watching import Done, Shown, Watchable

LOOK_S = 0.3
"""How often the screen is read, so that its last state is known when the window has been closed."""


class Recording(NamedTuple):
    """What a person did on a device, and what they saw before and after."""

    device: str
    options: DeviceOptions
    screen: Size
    space: ActionSpace
    done: Sequence[Done]
    before: Shown
    after: Shown
    hosts: Sequence[str]
    """The hosts of the pages that were shown, in order."""


def record(device: str, options: DeviceOptions, over: threading.Event, begun: Callable[[], None]) -> Recording:
    """Opens the device, calls `begun`, and notes what a person does until `over` is set or they close the window.

    Raises:
        UsageError: what is done on this device cannot be noted. DeviceFailure: it does not answer.
    """
    if device == "browser" and not options.sites:
        options = options.model_copy(update={"sites": ("*",)})  # a person may go to any site
    with devices.connect(device, options) as opened:
        if not isinstance(opened, Watchable):
            raise UsageError(
                f"What a person does on the device {device} cannot be recorded. Use a browser or a desktop."
            )
        screen = opened.observe().screen
        with opened.watched() as watch:
            before = after = watch.shown() or Shown("", "", ())
            addresses = [before.address]
            begun()
            while not (watch.over or over.wait(LOOK_S)):
                after = watch.shown() or after
                addresses.append(after.address)
            done = watch.done()
    hosts = [urlsplit(address).hostname or "" for address in dict.fromkeys(addresses)]
    return Recording(device, options, screen, opened.action_space, done, before, after, list(dict.fromkeys(hosts)))
