"""One Chromium for many environments: inside `keeping()`, a browser that is closed leaves its Chromium to the next one.

Starting one takes longer than most episodes of a benchmark. Everything that a page can leave behind is in its context,
and each environment has its own contexts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from devices.browser.driver import Driver

CLOSE_S = 10.0


class Started(NamedTuple):
    """A running driver, and its Chromium; None if that belongs to a persistent profile and cannot be shared."""

    driver: "Driver"
    browser: "Browser | None"
    headless: bool
    remark: str
    """Why it has no sandbox; empty if it has one."""

    @property
    def usable(self) -> bool:
        return self.browser is not None and self.browser.is_connected()

    def answers(self) -> bool:
        """Whether Chromium still answers."""
        return self.browser is not None and self.driver.reaches(self.browser)

    async def close_pages(self) -> None:
        """Removes all traces of its previous environment."""
        assert self.browser is not None
        for context in self.browser.contexts:
            await context.close()


class _Spare:
    """The Chromium kept for the next environment, if any."""

    keeping = False
    started: Started | None = None


_spare = _Spare()


@contextmanager
def keeping() -> Iterator[None]:
    """Keeps one Chromium at a time, within the outermost block."""
    outer, _spare.keeping = _spare.keeping, True
    try:
        yield
    finally:
        _spare.keeping = outer
        if not outer:
            take(None)


def take(headless: bool | None) -> Started | None:
    """The kept Chromium, if it still runs and has a window or none as requested; else ends it and returns None."""
    started, _spare.started = _spare.started, None
    if started and started.headless == headless and started.usable and started.answers():
        return started
    if started:
        started.driver.stop()
    return None


def leave(started: Started) -> None:
    """Keeps a Chromium for the next environment, or ends it if none is kept or it does not close its pages."""
    from playwright.async_api import Error

    if not _spare.keeping or not started.usable:
        started.driver.stop()
        return
    try:
        started.driver.run(started.close_pages(), CLOSE_S)
    except (Error, TimeoutError):  # it does not answer
        started.driver.stop()
    else:
        _spare.started = started
