"""Starts an installed Chromium, or says how to install one."""

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, Error, Playwright
from playwright.sync_api import Browser as SyncChromium
from playwright.sync_api import Playwright as SyncPlaywright

from actions.errors import UsageError
from actions.geometry import Size
from devices import PAGE, DeviceOptions

Started = TypeVar("Started")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NOWHERE = "http://127.0.0.1:9/"
"""Where Chromium's requests to Google go that no flag disables. It blocks port 9 itself, so they are never sent."""
# No calls home, no first-run pages, no traffic of WebRTC past the proxy, and no /dev/shm, which is too small in
# containers.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    f"--gaia-url={NOWHERE}",
    f"--autofill-server-url={NOWHERE}",
    f"--component-updater=url-source={NOWHERE}",
)
UNWANTED = ("--disable-popup-blocking", "--disable-ipc-flooding-protection")
"""Playwright's flags to drop: as usual, a page opens new tabs only after a user gesture, and Chromium limits how often
one changes its address (`history.pushState`, `location.hash`)."""
UNBOXED = "Chromium runs without its sandbox: {}. Pages that you do not trust are safer elsewhere."
PROGRAMS = Path(__file__).with_name("programs")
"""On Linux, Chromium asks `xdg-settings` before it opens another program for a link (mailto:, zoommtg:), in a dialog of
its own that no picture shows and that blocks the tab for good. The one in this folder has it open none."""
NO_DISPLAY = "Missing X server or $DISPLAY"
"""Part of Chromium's output if it cannot open a window; Playwright shows it below its own first line."""
PHONE = Size(412, 915)


def program(brought: str) -> str:
    """The path of an installed Chromium or Chrome, else of Playwright's own, if installed.

    Raises:
        UsageError: there is none.
    """
    if path := installed():
        return path
    if Path(brought).exists():
        return brought
    raise UsageError(
        "No Chromium is installed. Install one with: sudo apt-get install chromium   "
        "(or: python -m playwright install chromium)"
    )


def installed() -> str | None:
    """The path of this machine's Chromium or Chrome."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def flags() -> list[str]:
    """The arguments of a Chromium that Playwright does not start."""
    return [*FLAGS, "--no-sandbox"] if _is_root() else list(FLAGS)


class Launched(NamedTuple):
    """A context in a new Chromium."""

    context: BrowserContext
    remark: str
    """Why it runs without its sandbox; empty if it has one."""


async def start(playwright: Playwright, options: DeviceOptions, proxy: str | None) -> Launched:
    """Starts Chromium, in its sandbox unless this user or system cannot have one. Its context uses the proxy.

    Raises:
        UsageError: there is no Chromium, or no display for its window. Error: it does not start.
    """
    given: dict[str, Any] = {
        "executable_path": program(playwright.chromium.executable_path),
        "args": list(FLAGS),
        "ignore_default_args": list(UNWANTED),
        "headless": is_headless(options),
        "handle_sigint": False,
    }
    with _display_named():
        if options.user_data:
            persistent = {"user_data_dir": str(options.user_data), **given, **_settings(options, proxy)}
            context, remark = await sandboxed(playwright.chromium.launch_persistent_context, persistent)
            return Launched(context, remark)
        browser, remark = await sandboxed(playwright.chromium.launch, given)
    return Launched(await new_context(browser, options, proxy), remark)


async def sandboxed(launching: Callable[..., Awaitable[Started]], given: dict[str, Any]) -> tuple[Started, str]:
    """Launches Chromium by one of Playwright's ways, with its sandbox if possible, else with a reason. Raises Error."""
    for way in _ways():
        try:
            return await launching(**given, **way.options), way.remark
        except Error as error:
            if not way.is_refused(error):
                raise
    raise AssertionError("the last way raises its error")


def start_headless(playwright: SyncPlaywright) -> SyncChromium:
    """Chromium without a window in Playwright's synchronous interface, otherwise as above. Raises UsageError, Error."""
    path = program(playwright.chromium.executable_path)
    for way in _ways():
        try:
            return playwright.chromium.launch(executable_path=path, args=list(FLAGS), **way.options)
        except Error as error:
            if not way.is_refused(error):
                raise
    raise AssertionError("the last way raises its error")


class _Way(NamedTuple):
    """A way to launch Chromium."""

    boxed: bool
    remark: str

    @property
    def options(self) -> dict[str, Any]:
        path = f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        return {"chromium_sandbox": self.boxed, "env": {**os.environ, "PATH": path}}

    def is_refused(self, error: Error) -> bool:
        """Whether the system gives it no sandbox."""
        return self.boxed and "sandbox" in error.message.lower()


def _ways() -> Iterator[_Way]:
    """In its sandbox, else without; root gets none."""
    if not _is_root():
        yield _Way(True, "")
    yield _Way(False, UNBOXED.format("root gets none" if _is_root() else "this system gives it no user namespaces"))


@contextlib.contextmanager
def _display_named() -> Iterator[None]:
    """Raises UsageError if Chromium does not start for lack of a display."""
    try:
        yield
    except Error as error:
        if NO_DISPLAY not in error.message:
            raise
        display = os.environ.get("DISPLAY", "")
        raise UsageError(
            f"The display {display!r} does not answer, so that Chromium cannot open a window. Set DISPLAY to a running "
            "display, or pass --headless for a browser without a window."
        ) from error


async def process_id(context: BrowserContext) -> int:
    """The process id of a context's browser."""
    browser = context.browser
    assert browser is not None, "a persistent context has one too"
    session = await browser.new_browser_cdp_session()
    info = await session.send("SystemInfo.getProcessInfo")
    await session.detach()
    return next(int(process["id"]) for process in info["processInfo"] if process["type"] == "browser")


async def new_context(browser: Chromium, options: DeviceOptions, proxy: str | None) -> BrowserContext:
    """A fresh context, whose requests all go through the proxy, if there is one."""
    return await browser.new_context(**_settings(options, proxy))


def is_headless(options: DeviceOptions) -> bool:
    """Whether to run without a window."""
    return options.headless or not _has_display()


def viewport_of(options: DeviceOptions) -> Size:
    """The page's size in CSS pixels."""
    return options.viewport or (PHONE if options.mobile else PAGE)


def _settings(options: DeviceOptions, proxy: str | None) -> dict[str, Any]:
    """A context's emulation and proxy, as Playwright's options."""
    return {
        "proxy": {"server": proxy, "bypass": "<-loopback>"} if proxy else None,
        "viewport": viewport_of(options)._asdict(),
        "device_scale_factor": options.scale,
        "is_mobile": options.mobile,
        "has_touch": options.mobile,
        "accept_downloads": True,
    }


def metrics_of(options: DeviceOptions) -> dict[str, Any] | None:
    """The same for a client of Chromium's own protocol; None if only a size is emulated."""
    if options.scale == 1 and not options.mobile:
        return None
    size = viewport_of(options)
    screen = {"screenWidth": size.width, "screenHeight": size.height}
    return {**size._asdict(), **screen, "deviceScaleFactor": options.scale, "mobile": options.mobile}


def downloads_of(options: DeviceOptions) -> Path:
    """The folder of downloads."""
    return options.downloads or Path(tempfile.gettempdir()) / "screenhand-downloads"


def _is_root() -> bool:
    """Chromium refuses to run as root with its sandbox."""
    return sys.platform != "win32" and os.geteuid() == 0


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
