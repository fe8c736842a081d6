"""X servers that cannot be operated, real ones: each is named with what it lacks and with the remedy."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import devices
from actions.errors import UsageError
from devices import DeviceOptions
from devices.desktop import x11_deadline
from tasks.worlds.virtual_screen import x_server

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.mark.parametrize(
    ("flags", "size", "fault"),
    [
        (("-extension", "XTEST"), "640x480x24", r"lacks the X extension XTEST, so that nothing can be typed.*Xvfb :99"),
        (("-extension", "RANDR"), "640x480x24", r"lacks the X extension RANDR.*\+extension RANDR"),
        ((), "640x480x16", r"has 16 bits of colour, and pictures need 24"),
        ((), "640x480x8", r"has 8 bits of colour"),
    ],
)
def test_a_server_that_lacks_something_is_named_with_the_remedy(flags: tuple[str, ...], size: str, fault: str) -> None:
    with x_server(size, *flags) as display, pytest.raises(UsageError, match=rf"'{display}' cannot be used: it {fault}"):
        devices.connect("desktop", DeviceOptions(address=display))


@pytest.mark.parametrize("flags", [("-extension", "MIT-SHM"), ("-extension", "RENDER"), ("-extension", "XKEYBOARD")])
def test_a_server_without_what_is_not_needed_is_operated(flags: tuple[str, ...], tmp_path: Path) -> None:
    """In a process of its own, as pyautogui knows one display for each."""
    code = (
        "import sys, devices\nfrom devices import DeviceOptions\nfrom actions.keyboard import Type\n"
        "from actions.mouse import Click\nfrom actions.geometry import Point\n"
        "with devices.connect('desktop', DeviceOptions(address=sys.argv[1])) as desktop:\n"
        "    print(*desktop.observe().image.size)\n"
        "    desktop.perform(Click(point=Point(100, 100)))\n    desktop.perform(Type(text='aB'))\n"
    )
    with x_server("640x480x24", *flags) as display:
        done = subprocess.run(
            [sys.executable, "-c", code, display], cwd=ROOT, capture_output=True, text=True, timeout=60
        )
    assert (done.returncode, done.stdout.strip()) == (0, "640 480"), done.stderr


@pytest.mark.parametrize("display", [":4712", "nohost.invalid:0", "no display"])
def test_a_browser_without_a_display_for_its_window_names_it_and_the_way_without(
    display: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(UsageError, match=f"The display '{display}' does not answer.*--headless"):
        devices.connect("browser", DeviceOptions())


def test_breaking_off_leaves_nothing_open() -> None:
    """A copy of a pipe would keep whoever waits for its end for ever."""
    before = sorted(os.listdir("/dev/fd"))
    x11_deadline.break_off(":4711")
    assert sorted(os.listdir("/dev/fd")) == before


FROZEN = """
import os, signal, socket, struct, sys, threading, time
import devices
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Point
from actions.keyboard import Type
from actions.mouse import Click
from devices import DeviceOptions
from devices.desktop import x11_deadline

display, how = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect(f"/tmp/.X11-unix/X{display[1:]}")
    server, *_ = struct.unpack("3i", asked.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
with devices.connect("desktop", DeviceOptions(address=display)) as desktop:
    desktop.perform(Click(point=Point(100, 100)))
    x11_deadline.ANSWER_S = x11_deadline.MOST_S = 3.0
    if how == "abort":
        x11_deadline.ANSWER_S = x11_deadline.MOST_S = 1000.0
        threading.Timer(1.0, desktop.abort).start()
    os.kill(server, signal.SIGSTOP)
    begun = time.monotonic()
    try:
        if how == "type":
            desktop.perform(Type(text="some words"))
        else:
            desktop.observe()
    except DeviceFailure as failure:
        print("failed", time.monotonic() - begun < 20, failure)
    if how == "open":
        try:
            devices.connect("desktop", DeviceOptions(address=display))
        except (UsageError, DeviceFailure) as failure:
            print("refused", time.monotonic() - begun < 40, failure)
    os.kill(server, signal.SIGCONT)
    x11_deadline.ANSWER_S = x11_deadline.MOST_S = 60.0
with devices.connect("desktop", DeviceOptions(address=display)) as again:
    again.perform(Click(point=Point(50, 60)))
    print("again", *again.observe().image.size)
"""


@pytest.mark.parametrize("how", ["look", "type", "abort", "open"])
def test_a_server_that_stops_answering_holds_no_call_and_can_be_used_again(how: str) -> None:
    with x_server("640x480x24") as display:
        done = subprocess.run(
            [sys.executable, "-c", FROZEN, display, how], cwd=ROOT, capture_output=True, text=True, timeout=120
        )
    assert done.returncode == 0, done.stderr
    assert "failed True The screen no longer answers" in done.stdout, done.stdout
    assert "again 640 480" in done.stdout and ("refused True" in done.stdout) == (how == "open"), done.stdout
