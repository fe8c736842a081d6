"""`record`: notes what a person does once, for a suite file (tasks/scripted/recorded_file.py)."""

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from typing import NamedTuple
from urllib.parse import urlsplit

import devices
from actions.action import ActionSpace
from actions.errors import UsageError
from actions.geometry import Size
from actions.keyboard import Press
from devices import DeviceOptions, Environment
from devices.watching import Done, Shown, Watch, Watchable
from tasks.worlds import printed

WAYS = {
    "browser": ("in its window", "close the window"),
    "desktop": ("on the desktop", "push the mouse into a corner of the screen"),
    "android": ("on the picture of the phone in that page", "press Continue there"),
}
"""Where a person does the task, and how they end it."""
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


def record(
    device: str,
    options: DeviceOptions,
    over: threading.Event,
    begun: Callable[[], None],
    at_page: Callable[[Environment], AbstractContextManager[Watch]],
) -> Recording:
    """Opens the device, calls `begun`, and notes what a person does until `over` is set or they close the window.

    On a desktop, the mouse in a corner of the screen ends it, too. A phone does not report what is done on it, so
    `at_page` opens a page where its picture is used.

    Raises:
        UsageError: what is done on this device cannot be noted. DeviceFailure: it does not answer.
    """
    if device == "browser" and not options.sites:
        options = options.model_copy(update={"sites": ("*",)})  # a person may go to any site
    with devices.connect(device, options) as opened:
        if device not in WAYS:
            raise UsageError(f"What a person does on the device {device} cannot be recorded. Use {', '.join(WAYS)}.")
        screen = opened.observe().screen
        with opened.watched() if isinstance(opened, Watchable) else at_page(opened) as watch:
            seen = [_read(opened, watch.shown() or Shown("", "", ()))]
            begun()
            with suppress(KeyboardInterrupt):  # the mouse was pushed into a corner
                ended = False
                while not ended:
                    ended = watch.over or over.wait(LOOK_S)
                    if (shown := watch.shown()) and shown != seen[-1]:
                        seen.append(shown)
            done, terminal = without_ending(watch.done())
            after = next((shown for shown in reversed(seen) if _window(shown) != terminal), seen[-1])
            after = _read(opened, after)
    addresses = [urlsplit(shown.address) for shown in seen]
    hosts = dict.fromkeys(each.hostname for each in addresses if each.hostname and each.scheme in ("http", "https"))
    return Recording(device, options, screen, opened.action_space, done, seen[0], after, list(hosts))


def without_ending(done: Sequence[Done]) -> tuple[Sequence[Done], str]:
    """What was done on a desktop without the Ctrl-C at its end and the way to its window, and that window."""
    if not done or done[-1].action != Press(keys=("ctrl", "c")):
        return done, ""
    terminal, end = done[-1].words, len(done) - 1
    while end and done[end - 1].words == terminal:
        end -= 1
    return done[:end], terminal


def _window(shown: Shown) -> str:
    return f"window {shown.title!r}"


def _read(device: Environment, shown: Shown) -> Shown:
    """What is shown, with the text of a desktop's picture if it can be read."""
    if type(device).__name__ != "Desktop" or not printed.available():
        return shown
    return shown._replace(texts=tuple(line.text for line in printed.lines_in(device.observe().image)))
