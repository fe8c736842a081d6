"""`Running`: a Chromium with its driver. Work in it has a deadline, and fails by name once the browser has ended."""

import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, Self, TypeVar

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error

from actions.errors import BrowserEnded, DeviceFailure
from devices import DeviceOptions
from devices.browser import launch, shared_chromium
from devices.browser.driver import Driver
from devices.browser.gate import Gate
from devices.browser.navigation import cause

Answer = TypeVar("Answer")
CALL_S = 100.0
"""The limit of every call; its parts have their own shorter deadlines."""
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM ends a process at once


class Running:
    """A driver, and its Chromium once that is started. `remark` says why it has no sandbox; empty if it has one."""

    def __init__(self, driver: Driver, browser: Chromium | None = None, remark: str = "") -> None:
        self.driver = driver
        self.browser = browser
        self.remark = remark
        self.process_id: int | None = None
        """Of Chromium; None before it is started, and for a browser that is not ours."""

    @classmethod
    def spare(cls, options: DeviceOptions) -> Self:
        """One that another environment has left, else a new one."""
        spare = shared_chromium.take(None if options.user_data else launch.is_headless(options))
        return cls(spare.driver, spare.browser, spare.remark) if spare else cls(Driver())

    def new_context(self, options: DeviceOptions, gate: Gate) -> BrowserContext:
        """A fresh context behind the gate, in a new Chromium if none runs. Raises UsageError or DeviceFailure."""
        context = self.run(self._opened(options, gate.way_out), "Chromium does not start")
        self.browser = context.browser
        assert self.browser is not None, "a persistent context has one too"
        self.run(gate.attend(self.browser), "Chromium does not answer")
        self.process_id = self.run(launch.process_id(context), "Chromium does not answer")
        return context

    async def _opened(self, options: DeviceOptions, proxy: str | None) -> BrowserContext:
        if self.browser:
            return await launch.new_context(self.browser, options, proxy)
        started = await launch.start(self.driver.playwright, options, proxy)
        self.remark = started.remark
        return started.context

    def run(self, work: Coroutine[Any, Any, Answer], failed: str | None, within_s: float = CALL_S) -> Answer:
        """The result of work in Playwright's thread; with `failed`, Playwright's errors become ours.

        Raises:
            BrowserEnded: the browser ended, or no longer answers. DeviceFailure: the work failed, or took too long.
        """
        try:
            return self.driver.run(work, within_s)
        except (Error, TimeoutError) as error:
            if self._ended():
                raise BrowserEnded(f"{failed or 'The page cannot be asked'}: the browser ended.") from error
            if failed is None and isinstance(error, Error):
                raise
            why = cause(error) if isinstance(error, Error) else "it does not answer."
            raise DeviceFailure(f"{failed or 'The page cannot be asked'}: {why}") from error

    def require(self, patient: bool = False) -> None:
        """Raises BrowserEnded if the browser has ended or, unless this is `patient`, answers nothing."""
        if self._ended(patient):
            raise BrowserEnded("The browser ended.")

    def _ended(self, patient: bool = False) -> bool:
        """Whether Chromium, or Playwright's own process, is gone or, unless this is `patient`, answers nothing."""
        return self.process_id is not None and not (self.browser and self.driver.reaches(self.browser, patient))

    def kill(self) -> None:
        """Ends Chromium at once, from any thread."""
        if self.process_id is not None:
            with suppress(ProcessLookupError):
                os.kill(self.process_id, KILL)

    def stop(self) -> None:
        """Ends Chromium and the driver."""
        self.driver.stop()
        self.kill()  # unless it has ended as asked, so that a profile is written
        self.process_id = None

    def leave(self, options: DeviceOptions) -> None:
        """Keeps Chromium for another environment if possible, else ends it."""
        browser = None if options.user_data else self.browser
        shared_chromium.leave(shared_chromium.Started(self.driver, browser, launch.is_headless(options), self.remark))
