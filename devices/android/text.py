"""Typing on a phone: `input text` for what it can take, a helper keyboard or the clipboard for everything else.

`input text` reads `%s` as a blank and throws on most of what is not ASCII, so a text is cut where it would be misread.
What arrived is read back from the focused field where it can be: a keyboard that is not bound yet loses all of it, and
`input text` may lose its first characters while the field is still getting ready.
"""

import base64
import contextlib
import re
import time
from collections.abc import Iterator

from actions.errors import ActionRefused
from devices.android.connection import Connection, Unsure
from devices.android.elements import focused_text

HELPER = "com.android.adbkeyboard/.AdbIME"
PASTE = "279"
PIECE = 200
"""Characters in one `input text`: longer ones are slow and have been seen to lose some."""
SENT = 2000
"""Characters in one broadcast: adb takes no command of more than 64 kB."""
BOUND_S = 5.0
"""How long a helper keyboard may take until it is bound to the field."""
READ_BACK_S = 6.0
"""How long the phone may take to tell what the field holds; it waits for a screen that stands still."""
SHOWN = 80
_PLAIN = re.compile(r"[ -~]*")
# A blank is written as %s. A percent sign before an s is the end of a piece, so that the two are never read as one.
_CUT = re.compile(r"(?<=%)(?=s)")


def type_text(phone: Connection, text: str) -> str:
    """Types where the focus is, a newline being the enter key; what is known of what arrived, in words.

    Raises:
        ActionRefused: the text needs a helper keyboard or a clipboard that the phone does not have; nothing was typed.
    """
    shown = _flag(_input_method(phone), "mInputShown")
    lines = text.replace("\r\n", "\n").split("\n")
    try:
        if all(_PLAIN.fullmatch(line) for line in lines):
            _type_plain(phone, lines)
        else:
            _type_with_help(phone, text.replace("\r\n", "\n"))
    except Unsure as unsure:
        return f"{unsure} {_arrived(phone, text, shown)}"
    return _arrived(phone, text, shown)


def _arrived(phone: Connection, text: str, shown: bool) -> str:
    """What came of a text of which nobody knows yet whether it arrived."""
    count = f"{len(text)} characters were typed"
    held = focused_text(phone, READ_BACK_S)
    if held is not None and text.strip() and text.strip("\n") not in held:
        if not held:
            return f"{count}, and the field is empty: nothing arrived, or it was sent off. Look at the screen."
        return f"{count}. The field now holds {held[:SHOWN]!r}{'...' if len(held) > SHOWN else ''}."
    return f"{count}." if shown else f"{count}. No keyboard was shown, so they may have gone nowhere."


def _type_plain(phone: Connection, lines: list[str]) -> None:
    for index, line in enumerate(lines):
        if index:
            phone.act("input", "keyevent", "66")
        for part in _CUT.split(line):
            for start in range(0, len(part), PIECE):
                phone.act("input", "text", part[start : start + PIECE].replace(" ", "%s"))


def _type_with_help(phone: Connection, text: str) -> None:
    """Through the helper keyboard, which the phone gets for as long as this takes, or else through the clipboard."""
    pieces = [text[start : start + SENT] for start in range(0, len(text), SENT)]
    if HELPER in phone.read("ime", "list", "-s", "-a").split():
        with _helper_keyboard(phone) as bound:
            if bound and _broadcast(phone, pieces):
                return
    for piece in pieces:
        if "result=-1" not in phone.act("am", "broadcast", "-a", "clipper.set", "-e", "text", piece):
            raise ActionRefused(
                "This phone can type only ASCII over adb. Install ADBKeyboard (com.android.adbkeyboard) on it for "
                "other characters. Nothing was typed."
            )
        phone.act("input", "keyevent", PASTE)


def _broadcast(phone: Connection, pieces: list[str]) -> bool:
    """Sends a text to the helper keyboard; False where it has certainly not arrived.

    A keyboard that is not listening loses a broadcast, and the broadcast says all the same that it was completed.
    """
    for number, piece in enumerate(pieces):
        before = focused_text(phone, READ_BACK_S) if number == 0 else None
        encoded = base64.b64encode(piece.encode()).decode()
        deadline = time.monotonic() + BOUND_S
        while True:
            said = phone.act("am", "broadcast", "-a", "ADB_INPUT_B64", "--es", "msg", encoded)
            if "Broadcast completed" not in said:
                return False
            if before is None or focused_text(phone, READ_BACK_S) != before:
                break
            if time.monotonic() > deadline:
                return False
    return True


@contextlib.contextmanager
def _helper_keyboard(phone: Connection) -> Iterator[bool]:
    """Within this the phone's keyboard is the helper; yields whether it is bound and listens."""
    before = phone.read("settings", "get", "secure", "default_input_method").strip()
    enabled = HELPER in phone.read("ime", "list", "-s").split()
    shown = _flag(_input_method(phone), "mInputShown")
    with contextlib.ExitStack() as restoring:
        if before and before not in ("null", HELPER):
            restoring.callback(_restore, phone, "set", before)
        if not enabled:
            restoring.callback(_restore, phone, "disable", HELPER)
        phone.act("ime", "enable", HELPER)
        phone.act("ime", "set", HELPER)
        yield _comes_up(phone, shown)


def _restore(phone: Connection, *words: str) -> None:
    with contextlib.suppress(Unsure):  # it is an act that may be done twice
        phone.act("ime", *words)
        return
    phone.act("ime", *words)


def _comes_up(phone: Connection, shown: bool) -> bool:
    """Waits until the helper keyboard is bound, and shown where the one before it was."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline:
        told = _input_method(phone)
        bound = f"mCurId={HELPER}" in told and _flag(told, "mHaveConnection") and "mBoundToMethod=false" not in told
        if bound and (not shown or _flag(told, "mInputShown")):
            return True
        time.sleep(0.1)
    return False


def _input_method(phone: Connection) -> str:
    return phone.read("dumpsys", "input_method")


def _flag(told: str, name: str) -> bool:
    return f"{name}=true" in told
