"""A headless mutter with the real desktop portal and its dialog; and `User`, whose hands use mutter's own interface."""

import contextlib
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jeepney import DBusAddress, MatchRule, Properties, message_bus, new_method_call
from jeepney.io.threading import DBusRouter, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from actions.errors import DeviceFailure
from devices.desktop.portal_frames import Frames
from devices.tether import tethered
from tasks.worlds.virtual_screen import require, until

NEEDED = {
    "mutter": "mutter", "pipewire": "pipewire", "wireplumber": "wireplumber", "gst-launch-1.0": "gstreamer1.0-tools",
    "dbus-daemon": "dbus-daemon", "wl-copy": "wl-clipboard", "mousepad": "mousepad",
}  # fmt: skip
SIZE = (1280, 800)
CANCEL, SHARE, SWITCH = (430, 273), (853, 273), (830, 472)
"""Where xdg-desktop-portal-gnome 43 has its buttons and its switch, in the middle of a screen of `SIZE`."""
INSIDE, SWITCHED = (640, 520), (814, 462)
"""Where the dialog is light, and where it is until the switch is on, when it is blue."""
_LIGHT = 150
_REMOTE, _CAST = "org.gnome.Mutter.RemoteDesktop", "org.gnome.Mutter.ScreenCast"
_LEFT = 0x110


class Mutter:
    """One running compositor with the services of a session."""

    display = "wayland-7"

    def __init__(self, folder: Path) -> None:
        """Raises UsageError, which names the Debian packages, when a program is missing."""
        require(NEEDED)
        self.folder = folder
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8",
            "XDG_STATE_HOME": str(folder / "state"), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
            "XDG_SESSION_TYPE": "wayland", "XDG_CURRENT_DESKTOP": "GNOME", "GSETTINGS_BACKEND": "memory",
            "NO_AT_BRIDGE": "1", "GDK_BACKEND": "wayland",
        }  # fmt: skip
        self._programs: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "log").open("wb")
        self.start("dbus-daemon", "--session", "--nofork", f"--address={self.environ['DBUS_SESSION_BUS_ADDRESS']}")
        until(lambda: (folder / "bus").exists())
        self.start("pipewire")
        self.start("wireplumber")
        monitor = "{}x{}".format(*SIZE)
        self.start(
            "mutter", "--headless", "--virtual-monitor", monitor, "--wayland", "--no-x11", "--wayland-display",
            self.display,
        )  # fmt: skip
        until(lambda: (folder / self.display).exists())
        self._own = len(self._programs)
        self.environ["WAYLAND_DISPLAY"] = self.display
        command = ["dbus-update-activation-environment", "--all"]
        subprocess.run(command, env=self.environ, check=True, timeout=60, stdout=self._log, stderr=self._log)

    def start(self, *command: str) -> None:
        """A program that `clear` or `close` ends."""
        self._programs.append(
            subprocess.Popen(
                tethered(command),
                env=self.environ,
                cwd=self.folder,
                stdout=self._log,
                stderr=self._log,
                start_new_session=True,
            )
        )

    def clear(self) -> None:
        """Ends the programs that were started after the session's own."""
        self._end(self._programs[self._own :])
        del self._programs[self._own :]

    def close(self) -> None:
        self._end(self._programs)
        self._log.close()

    def _end(self, programs: Sequence[subprocess.Popen[bytes]]) -> None:
        for program in reversed(programs):  # the bus last: the portal, which it has started, ends with it
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.wait()


class User:
    """Somebody at the desktop."""

    def __init__(self) -> None:
        self._connection = open_dbus_connection("SESSION")
        self._router = DBusRouter(self._connection)
        self._session = self._call(_REMOTE, "/org/gnome/Mutter/RemoteDesktop", _REMOTE, "CreateSession")[0]
        address = DBusAddress(self._session, bus_name=_REMOTE, interface=f"{_REMOTE}.Session")
        number = self._send(Properties(address).get("SessionId"))[0]
        options = {"remote-desktop-session-id": number}
        cast = self._call(_CAST, "/org/gnome/Mutter/ScreenCast", _CAST, "CreateSession", "a{sv}", options)[0]
        self._stream = self._call(_CAST, cast, f"{_CAST}.Session", "RecordMonitor", "sa{sv}", "", {})[0]
        added = MatchRule(type="signal", interface=f"{_CAST}.Stream", member="PipeWireStreamAdded")
        self._send(message_bus.AddMatch(added))
        with self._router.filter(added, queue=queue.Queue()) as streams:
            self._act("Start")
            node = streams.get(timeout=60).body[0]
        pipewire = socket.socket(socket.AF_UNIX)
        pipewire.connect(str(Path(os.environ["XDG_RUNTIME_DIR"], "pipewire-0")))
        self._frames = Frames(pipewire.detach(), node)

    def answer(self, interaction: bool, button: tuple[int, int]) -> None:
        """Waits for the portal's dialog, allows interaction in it or not, and presses this button of it."""
        until(lambda: self._light(INSIDE))
        if interaction:
            self._click_until_dark(SWITCH, SWITCHED)
        self._click_until_dark(button, INSIDE)

    def _click_until_dark(self, button: tuple[int, int], place: tuple[int, int]) -> None:
        """A dialog may miss a click while it opens, so it is clicked again. Nothing light may lie behind it."""
        for _ in range(10):
            self.click(button)
            with contextlib.suppress(DeviceFailure):
                until(lambda: not self._light(place), 3)
                return
        raise DeviceFailure("the dialog does not react to clicks")

    def _light(self, place: tuple[int, int]) -> bool:
        pixel = self._frames.newest().getpixel(place)
        assert isinstance(pixel, tuple)
        return min(pixel) > _LIGHT

    def click(self, place: tuple[int, int]) -> None:
        self._act("NotifyPointerMotionAbsolute", "sdd", self._stream, *map(float, place))
        for down in (True, False):
            self._act("NotifyPointerButton", "ib", _LEFT, down)

    def close(self) -> None:
        self._frames.close()
        self._router.close()
        self._connection.close()

    def _act(self, method: str, signature: str | None = None, *values: object) -> None:
        self._call(_REMOTE, self._session, f"{_REMOTE}.Session", method, signature, *values)

    def _call(
        self, bus: str, path: str, interface: str, method: str, signature: str | None = None, *values: object
    ) -> Any:
        address = DBusAddress(path, bus_name=bus, interface=interface)
        return self._send(new_method_call(address, method, signature, values))

    def _send(self, message: Any) -> Any:
        return unwrap_msg(self._router.send_and_get_reply(message, timeout=60))


@contextlib.contextmanager
def mutter() -> Iterator[Mutter]:
    """Runs one; the folder is short, because the name of a socket may have 107 characters only."""
    folder = Path(tempfile.mkdtemp(prefix="mutter-"))
    try:
        with contextlib.closing(Mutter(folder)) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)
