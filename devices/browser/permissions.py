"""Pages' requests for permissions (location, camera, ...), for printing and for other programs. All are denied unless
granted beforehand, and reported to the model.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext

from devices import Permission
from devices.browser.events import Notes

_SCRIPT = Path(__file__).with_name("permissions.js").read_text(encoding="utf-8")
_NEVER = frozenset((
    "screen", "USB device", "Bluetooth device", "serial port", "HID device", "MIDI", "payment", "passkey",
    "colours of the screen", "whether the user is active", "list of screens", "list of fonts", "files of this machine",
))  # fmt: skip
"""What the script refuses by itself, because Chromium would ask in a dialog that nobody sees."""
_GRANTS: dict[Permission, tuple[str, ...]] = {
    "location": ("geolocation",),
    "notifications": ("notifications",),
    "camera": ("camera", "microphone"),
    "clipboard": ("clipboard-read", "clipboard-write"),
}


async def attend(context: BrowserContext, granted: Sequence[Permission], notes: Notes) -> None:
    """Grants these permissions and denies all others, also in a window, where no user may be present."""

    def asked(_source: object, kind: Any = None, *_: object) -> None:
        if kind == "print":
            notes.add("attempts to print", "The page wanted to print; nothing was printed.")
        elif kind == "program":
            notes.add("attempts to open a program", "The link leads to another program, which was not opened.")
        elif kind in _GRANTS or kind in _NEVER:
            answer = "allowed" if kind in granted else "denied"
            notes.add("requests for a permission", f"The page requested a permission ({kind}); it was {answer}.")

    await context.expose_binding("screenhandAsked", asked)
    await context.add_init_script(_SCRIPT)
    await context.grant_permissions([name for kind in granted for name in _GRANTS[kind]])
