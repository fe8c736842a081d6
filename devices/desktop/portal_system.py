"""A Wayland desktop by its portal: GNOME and KDE, which do not offer the protocols of the wlroots family.

Pictures come by PipeWire and input goes by the portal. It reports neither windows nor the pointer's position, so the
mouse in a corner does not stop a run; the user stops it where the desktop shows that the screen is shared.
"""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence

from PIL import Image
from Xlib import XK

from actions.errors import UsageError
from actions.mouse import Button
from devices.desktop.keys import X11_NAMES
from devices.desktop.monitors import Corner, Monitor, Place
from devices.desktop.pasting_keyboard import PastingKeyboard
from devices.desktop.portal_frames import Frames
from devices.desktop.portal_session import PortalSession
from devices.desktop.system import LINUX_BUTTONS, Camera, EventsOnWayland, Monitors

_VERTICAL, _HORIZONTAL = 0, 1
FOCUS_S = 0.5
"""The programs of wl-clipboard take the focus for a moment, because GNOME gives the clipboard to no one else."""
CLIPBOARD_S = 5.0
"""How long one of them may take."""


class PortalSystem(EventsOnWayland):
    """The monitors that the user shares."""

    lost: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, display: str) -> None:
        """Asks the user. Raises UsageError: there is no portal, a package is missing, or the user refused."""
        if not shutil.which("wl-copy"):
            raise UsageError("Text beyond ASCII is pasted here, which needs wl-copy: sudo apt-get install wl-clipboard")
        self.display = display
        with contextlib.ExitStack() as opened:
            self._session = PortalSession()
            opened.callback(self._session.close)
            self._frames = {}
            for stream in self._session.streams:
                self._frames[stream.monitor] = frames = Frames(self._session.pipewire(), stream.node)
                opened.callback(frames.close)
            keys = Keysyms(self._session)
            self.keys = PastingKeyboard(keys, WlClipboard(), X11_NAMES, ("ctrl", "v"), FOCUS_S)
            self._opened = opened.pop_all()
        monitor = self._session.streams[0].monitor
        self._pointer = Place(monitor.left + monitor.width // 2, monitor.top + monitor.height // 2)

    @property
    def monitors(self) -> Monitors:
        """The portal names no primary one, so it is the first."""
        return Monitors([stream.monitor for stream in self._session.streams], 1)

    def picture(self, monitor: Monitor) -> Image.Image:
        return self._frames[monitor].newest()

    def answering(self) -> contextlib.AbstractContextManager[None]:
        """Every wait has a deadline."""
        return contextlib.nullcontext()

    def check(self) -> None:
        """Every call of the portal reports a lost session itself."""

    @contextlib.contextmanager
    def camera(self) -> Iterator[Camera]:
        yield self

    def pointer(self) -> Place:
        """Where this device has moved it; the portal does not report where the user has."""
        return self._pointer

    def pulled(self, corners: Sequence[Corner]) -> bool:
        """Whether the user has ended the session, since there are no corners to watch."""
        return self._session.closed

    def move(self, place: Place) -> None:
        node, monitor = next(stream for stream in self._session.streams if stream.monitor.holds(*place))
        x, y = place.x - monitor.left + 0.5, place.y - monitor.top + 0.5  # the middle of the pixel
        self._session.notify("PointerMotionAbsolute", "udd", node, x, y)
        self._pointer = place

    def send_button(self, button: Button, down: bool) -> None:
        self._session.notify("PointerButton", "iu", LINUX_BUTTONS[button], int(down))

    def scroll(self, right: int, down: int) -> None:
        for axis, notches in ((_VERTICAL, down), (_HORIZONTAL, right)):
            if notches:
                self._session.notify("PointerAxisDiscrete", "ui", axis, notches)

    def abort(self) -> None:
        self._session.break_off()

    def close(self) -> None:
        self.keys.close()
        self._opened.close()


class Keysyms:
    """Keys by their X11 keysyms, with the names of pyautogui's functions, for `PastingKeyboard`."""

    def __init__(self, session: PortalSession) -> None:
        self._session = session
        self.keyDown("Shift_L")  # mutter loses the first key of a session
        self.keyUp("Shift_L")

    def isValidKey(self, key: str) -> bool:
        return bool(_keysym(key))

    def keyDown(self, key: str) -> None:
        self._session.notify("KeyboardKeysym", "iu", _keysym(key), 1)

    def keyUp(self, key: str) -> None:
        self._session.notify("KeyboardKeysym", "iu", _keysym(key), 0)

    def write(self, text: str) -> None:
        for character in text:
            self.keyDown(character)
            self.keyUp(character)


class WlClipboard:
    """The clipboard by the programs of wl-clipboard, with the names of pyperclip's functions."""

    PyperclipException = subprocess.SubprocessError

    def copy(self, text: str) -> None:
        command = ["wl-copy", "--type", "text/plain"] if text else ["wl-copy", "--clear"]
        subprocess.run(
            command, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=CLIPBOARD_S,
            check=True,
        )  # fmt: skip

    def paste(self) -> str:
        """The text in it; empty if it has none."""
        command = ["wl-paste", "--no-newline", "--type", "text"]
        return subprocess.run(command, capture_output=True, timeout=CLIPBOARD_S, check=False).stdout.decode()


def _keysym(key: str) -> int:
    """The number of a named key or of an ASCII character, which every Latin layout has; 0 for any other."""
    return (ord(key) if key.isascii() else 0) if len(key) == 1 else int(XK.string_to_keysym(key))
