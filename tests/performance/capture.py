"""How long a look takes on each device, against the obvious way: run `python -m tests.performance.capture [--quick]`.

The desktop is a virtual one and the phone a SimPhone, so that what is compared is the way to the picture. A peer that
is not installed is left out and said to be. All times are medians in milliseconds, measured in turns in one run.
"""

import io
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from PIL import Image
from rich.console import Console
from rich.table import Table

import devices
from actions.geometry import Size
from devices import DeviceOptions
from devices.browser.device import Browser
from devices.desktop.display import load_pyautogui
from devices.doubles.simphone import start
from tasks.worlds.pages import evaluate
from tasks.worlds.virtual_screen import Screen
from tests.devices.desktop.sway import sway
from tests.devices.simphone.driver import adb_server, free_port


class Compared(NamedTuple):
    """One device's look and the obvious one, in milliseconds."""

    device: str
    ours: float
    peer: str
    theirs: float


def main() -> None:
    rounds = 5 if "--quick" in sys.argv else 25
    found = [*desktop(rounds), *wayland(rounds), *browser(rounds), *android(rounds)]
    grid = Table("device", "ours", "the obvious way", "its time", "ratio")
    for one in found:
        grid.add_row(one.device, f"{one.ours:.1f}", one.peer, f"{one.theirs:.1f}", f"{one.theirs / one.ours:.2f}")
    Console().print(grid)
    print(" ".join(f"{one.device}_ratio={one.theirs / one.ours:.2f}" for one in found))


def medians(rounds: int, *looks: Callable[[], object]) -> list[float]:
    """The median time of each look in milliseconds, after one of each that does not count."""
    taken: list[list[float]] = [[] for _ in looks]
    for number in range(rounds + 1):
        for look, times in zip(looks, taken, strict=True):
            started = time.perf_counter()
            look()
            if number:
                times.append(1000 * (time.perf_counter() - started))
    return [statistics.median(times) for times in taken]


def desktop(rounds: int) -> Iterator[Compared]:
    """mss against pyautogui's own screenshot, which asks another program."""
    with Screen("1920x1080") as screen, screen.showing("words", "xterm", "-T", "words", "-e", "ls -l /; sleep 1000"):
        os.environ["XDG_SESSION_TYPE"] = "x11"
        os.environ["DISPLAY"] = screen.display
        with devices.connect("desktop", DeviceOptions(address=screen.display)) as device:
            gui = load_pyautogui(screen.display)
            try:
                gui.screenshot()
            except Exception as error:  # noqa: BLE001 - whatever it lacks, it cannot be compared
                print(f"pyautogui cannot take a screenshot here: {error}")
                return
            ours, theirs = medians(rounds, lambda: device.observe().image.load(), gui.screenshot)
        yield Compared("desktop", ours, "pyautogui.screenshot()", theirs)


def wayland(rounds: int) -> Iterator[Compared]:
    """A headless sway against a virtual screen of X11, both by our device and of the same size."""
    with sway() as compositor, Screen("1920x1080") as screen:
        os.environ["XDG_RUNTIME_DIR"] = str(compositor.folder)
        compositor.command("output", "HEADLESS-1", "resolution", "1920x1080")
        with (
            devices.connect("desktop", DeviceOptions(address=compositor.display)) as ours,
            devices.connect("desktop", DeviceOptions(address=screen.display)) as theirs,
        ):
            times = medians(rounds, lambda: ours.observe().image.load(), lambda: theirs.observe().image.load())
        yield Compared("wayland", times[0], "our look on X11", times[1])


def browser(rounds: int) -> Iterator[Compared]:
    """Our screenshot of a page with text against Playwright's with its defaults."""
    options = DeviceOptions(headless=True, viewport=Size(1920, 1080))
    with devices.connect("browser", options) as device:
        assert isinstance(device, Browser)
        evaluate(device, "document.body.innerText = 'Words on a page, many of them. '.repeat(2000)")
        ours, theirs = medians(
            rounds,
            lambda: device.observe().image.load(),
            lambda: decoded(device.ask(lambda page: page.screenshot())),
        )
    yield Compared("browser", ours, "page.screenshot()", theirs)


def android(rounds: int) -> Iterator[Compared]:
    """Our capture over an open adb server against a process of its own for each."""
    port = str(free_port())
    os.environ["ANDROID_ADB_SERVER_PORT"] = port
    with start() as phone, adb_server(port):
        subprocess.run(["adb", "-P", port, "connect", phone.address], check=True, capture_output=True)
        command = ["adb", "-P", port, "-s", phone.address, "exec-out", "screencap", "-p"]
        with devices.connect("android", DeviceOptions(address=phone.address)) as device:
            ours, theirs = medians(
                rounds,
                lambda: device.observe().image.load(),
                lambda: decoded(subprocess.run(command, check=True, capture_output=True).stdout),
            )
    yield Compared("android", ours, "adb exec-out screencap -p", theirs)


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


if __name__ == "__main__":
    main()
