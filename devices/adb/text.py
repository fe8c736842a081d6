"""Typing on a phone: `input text` for what it can take, a helper keyboard or the clipboard for everything else.

`input text` reads `%s` as a blank and throws on most of what is not ASCII, so a text is cut where it would be misread.
"""

import base64
import re

from actions.errors import ActionRefused
from devices.adb.connection import Connection

HELPER = "com.android.adbkeyboard/.AdbIME"
PASTE = "279"
PIECE = 200
"""Characters in one `input text`: longer ones are slow and have been seen to lose some."""
_PLAIN = re.compile(r"[ -~]*")
# A blank is written as %s. A percent sign before an s is the end of a piece, so that the two are never read as one.
_CUT = re.compile(r"(?<=%)(?=s)")


def type_text(phone: Connection, text: str) -> None:
    """Types where the focus is; a newline is the enter key.

    Raises:
        ActionRefused: the text needs a helper keyboard or a clipboard that the phone does not have; nothing was typed.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if not all(_PLAIN.fullmatch(line) for line in lines):
        _type_with_help(phone, text)
        return
    for index, line in enumerate(lines):
        if index:
            phone.act("input", "keyevent", "66")
        for part in _CUT.split(line):
            for start in range(0, len(part), PIECE):
                phone.act("input", "text", part[start : start + PIECE].replace(" ", "%s"))


def _type_with_help(phone: Connection, text: str) -> None:
    """Through the helper keyboard, which the phone gets for as long as this takes, or else through the clipboard."""
    if HELPER in phone.read("ime", "list", "-s", "-a").split():
        before = phone.read("settings", "get", "secure", "default_input_method").strip()
        enabled = HELPER in phone.read("ime", "list", "-s").split()
        phone.act("ime", "enable", HELPER)
        phone.act("ime", "set", HELPER)
        try:
            encoded = base64.b64encode(text.encode()).decode()
            said = phone.act("am", "broadcast", "-a", "ADB_INPUT_B64", "--es", "msg", encoded)
        finally:
            if not enabled:
                phone.act("ime", "disable", HELPER)
            if before and before != "null":
                phone.act("ime", "set", before)
        if "Broadcast completed" in said:
            return
    said = phone.act("am", "broadcast", "-a", "clipper.set", "-e", "text", text)
    if "result=-1" in said:
        phone.act("input", "keyevent", PASTE)
        return
    raise ActionRefused(
        "This phone can type only ASCII over adb. Install ADBKeyboard (com.android.adbkeyboard) on it for other "
        "characters. Nothing was typed."
    )
