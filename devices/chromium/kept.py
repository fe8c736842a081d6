"""One Chromium for many environments: inside `keeping()`, a browser that is closed leaves its Chromium to the next one.

Starting one takes longer than most episodes of a benchmark. What a page can leave behind is in its context, and each
environment has contexts of its own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright


class Started(NamedTuple):
    """A running driver, and its Chromium; None where that belongs to a persistent profile and cannot be handed on."""

    playwright: "Playwright"
    browser: "Browser | None"
    headless: bool

    @property
    def usable(self) -> bool:
        return self.browser is not None and self.browser.is_connected()

    def stop(self) -> None:
        """Ends both; where the process is gone already, nothing is left to end."""
        from playwright.sync_api import Error

        try:
            self.playwright.stop()
        except Error:
            pass


class _Spare:
    """The Chromium that waits for its next environment, if any."""

    keeping = False
    started: Started | None = None


_spare = _Spare()


@contextmanager
def keeping() -> Iterator[None]:
    """Until the block ends, one Chromium at a time is kept. For one thread, as Playwright is."""
    _spare.keeping = True
    try:
        yield
    finally:
        _spare.keeping = False
        take(None)


def take(headless: bool | None) -> Started | None:
    """The one that was kept, if it still runs and has a window or none as wanted; any other is ended. None: no one."""
    started, _spare.started = _spare.started, None
    if started and started.usable and started.headless == headless:
        return started
    if started:
        started.stop()
    return None


def leave(started: Started) -> None:
    """Keeps a Chromium for the next environment, or ends it where none is kept or it does not close its pages."""
    from playwright.sync_api import Error

    if not _spare.keeping or started.browser is None or not started.usable:
        started.stop()
        return
    try:
        for context in started.browser.contexts:
            context.close()
    except Error:  # it does not answer
        started.stop()
    else:
        _spare.started = started
