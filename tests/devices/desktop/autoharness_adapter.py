"""Screenhand's desktop device as a runner of cua-auto-harness, which judges by its own window and an X event tap.

Each of its actions becomes calls, which take the way of a model's: call, `ActionSpace.decode`, device.

    autoharness test --adapter tests/devices/desktop/autoharness_adapter.py:screenhand --no-tui
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))  # autoharness loads this file by its path

from autoharness.adapters import SutExecutionError
from autoharness.backend import Backend, register_backend
from autoharness.contracts import (
    Action,
    ButtonPress,
    ButtonRelease,
    Click,
    Drag,
    KeyChord,
    Move,
    Scroll,
    TypeText,
)  # fmt: skip

from actions.action import Call
from actions.errors import AgentError
from actions.geometry import Size, Viewport
from devices import DeviceOptions
from devices.desktop.device import connect
from tasks.worlds.virtual_screen import Screen

KEYS = {
    "super": "meta", "equal": "=", "grave": "`", "backslash": "\\", "semicolon": ";", "apostrophe": "'",
    "bracketleft": "[", "bracketright": "]",
}  # fmt: skip
"""Our names of its keys, where they differ."""
CLICKS = {
    ("left", 1): "Click", ("left", 2): "DoubleClick", ("left", 3): "TripleClick", ("right", 1): "RightClick",
    ("middle", 1): "MiddleClick",
}  # fmt: skip
BACKGROUND = re.compile(r"nohup python3 (.*?) > (\S+) 2>&1 &$")


@register_backend("screenhand")
class Screenhand(Backend):  # type: ignore[misc]  # it has no types
    """One virtual screen with the device on it."""

    supports_raw_tap = True

    def __init__(self, *_: object, **__: object) -> None:
        """autoharness passes options that nothing here needs."""

    def boot(self) -> None:
        self._screen = Screen("1920x1080")
        self.guest_display = self._screen.display
        self._device = connect(DeviceOptions(address=self.guest_display))
        self._environ = os.environ | {"DISPLAY": self.guest_display, "XAUTHORITY": os.devnull}
        self._environ["PATH"] = f"{Path(sys.executable).parent}:{self._environ['PATH']}"
        self._environ["PYTHONPATH"] = ":".join(path for path in sys.path if path.endswith("site-packages"))

    def exec(self, cmd: str, timeout: int = 120) -> tuple[int, str]:
        """Runs a shell command of autoharness. Nothing is ended by name: other runs have the same names."""
        if "pkill" in cmd:
            return 0, ""
        if started := BACKGROUND.search(cmd):
            program = f"{self._exports()} exec {sys.executable} {started[1]} >{started[2]} 2>&1"
            self._screen.start("sh", "-c", program)
            return 0, ""
        done = subprocess.run(
            cmd, shell=True, env=self._environ, capture_output=True, text=True, timeout=timeout, check=False
        )
        return done.returncode, done.stdout

    def inject(self, action: Action) -> None:
        try:
            for call in calls(action):
                self._perform(call)
        except AgentError as error:
            raise SutExecutionError(f"{type(error).__name__}: {error}") from error

    def screenshot(self, dst_path: str) -> None:
        self._device.observe().image.save(dst_path)

    def teardown(self) -> None:
        self._device.close()
        self._screen.close()

    def _perform(self, call: Call) -> None:
        """Performs a call with points in screen pixels as the one that a model would write on the resized picture."""
        seen, space = self._device.observe().screen, self._device.action_space
        viewport = Viewport(Size(round(seen.width / 28) * 28, round(seen.height / 28) * 28), seen)
        written = space.encode(space.decode(call, Viewport(seen, seen)), viewport)
        self._device.perform(space.decode(written, viewport))

    def _exports(self) -> str:
        return f"PYTHONPATH={self._environ['PYTHONPATH']} XMODIFIERS=@im=none"


def calls(action: Action) -> Iterator[Call]:
    """Our calls for one of its actions, with points in screen pixels."""
    held = {"modifiers": [KEYS.get(key, key) for key in getattr(action, "modifiers", ())]}
    match action:
        case Click(button="back" | "forward" as button):
            yield Call("MouseDown", {"point": [action.x, action.y], "button": button})
            yield Call("MouseUp", {"button": button})
        case Click():
            yield Call(CLICKS[action.button, action.count], {"point": [action.x, action.y], **held})
        case ButtonPress() | ButtonRelease():
            name = "MouseDown" if isinstance(action, ButtonPress) else "MouseUp"
            yield Call(name, {"point": [action.x, action.y], "button": action.button})
        case Move():
            yield Call("MoveTo", {"point": [action.x, action.y]})
        case Drag():
            start, *via, end = action.path
            yield Call("Drag", {"start": start, "via": via, "end": end, "button": action.button, **held})
        case Scroll():
            yield from _turns(action, {"point": [action.x, action.y], **held})
        case KeyChord():
            yield Call("Press", {"keys": [KEYS.get(key, key) for key in action.keys]})
        case TypeText():
            yield Call("Type", {"text": action.text})


def _turns(action: Scroll, at: dict[str, object]) -> Iterator[Call]:
    for ticks, forward, backward in ((action.dy_ticks, "down", "up"), (action.dx_ticks, "right", "left")):
        if ticks:
            yield Call("Scroll", {"direction": forward if ticks > 0 else backward, "notches": abs(ticks), **at})
