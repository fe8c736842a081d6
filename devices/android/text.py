"""Typing on a phone: `input text` for what it can take, a helper keyboard or the clipboard for everything else.

`input text` reads `%s` as a space and fails on most non-ASCII characters, so a text is split where it would be misread.
The result is read back from the focused field if possible: a keyboard that is not bound yet loses all of it, and `input
text` may lose its first characters while the field is still getting ready.
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
TAB = "61"
"""Android's codes of keys."""
PIECE = 200
"""Characters in one `input text`: longer ones are slow and were seen to lose characters."""
SENT = 2000
"""Characters in one broadcast: adb limits a command to 64 kB."""
BOUND_S = 5.0
"""How long a helper keyboard may take to bind to the field."""
READ_BACK_S = 6.0
"""How long the phone may take to report the field's text; it waits for a screen at rest."""
SHOWN = 80
_PLAIN = re.compile(r"[ -~]*")
# A space is written as %s. A percent sign before an s ends a piece, so that the two are never read as a space.
_CUT = re.compile(r"(?<=%)(?=s)")


def type_text(phone: Connection, text: str, done: str = "") -> str:
    """Types where the focus is; returns what is known about the result, in words that begin with `done`.

    A newline is the enter key, and a tab the tab key, which moves the focus.

    Raises:
        ActionRefused: the text needs a helper keyboard or a clipboard that the phone does not have; nothing was typed.
    """
    shown = _flag(_input_method(phone), "mInputShown")
    fields = text.replace("\r\n", "\n").split("\t")
    plain = _PLAIN.fullmatch("".join(fields).replace("\n", ""))
    unsure = ""
    try:
        for number, part in enumerate(fields):
            if number:
                phone.act("input", "keyevent", TAB)
            if plain:
                _type_plain(phone, part.split("\n"))
            elif part:
                _type_with_help(phone, part)
    except Unsure as error:
        unsure = f"{error} "
    return f"{unsure}{_arrived(phone, done or f'{len(text)} characters were typed', fields[-1], shown)}"


def _arrived(phone: Connection, done: str, text: str, shown: bool) -> str:
    """The outcome of typing a text that ends with `text`, read back from the field."""
    held = focused_text(phone, READ_BACK_S)
    if held is not None and text.strip() and text.strip("\n") not in held:
        if not held:
            return f"{done}, and the field is empty: nothing arrived, or it was submitted. Look at the screen."
        return f"{done}. The field now holds {held[:SHOWN]!r}{'...' if len(held) > SHOWN else ''}."
    return f"{done}." if shown else f"{done}. No keyboard was shown, so they may be lost."


def _type_plain(phone: Connection, lines: list[str]) -> None:
    for index, line in enumerate(lines):
        if index:
            phone.act("input", "keyevent", "66")
        for part in _CUT.split(line):
            for start in range(0, len(part), PIECE):
                phone.act("input", "text", part[start : start + PIECE].replace(" ", "%s"))


def _type_with_help(phone: Connection, text: str) -> None:
    """Types through the helper keyboard, enabled for this text, or through the clipboard."""
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
    """Sends a text to the helper keyboard; False if it has certainly not arrived.

    A keyboard that is not listening loses a broadcast, which is reported as completed all the same.
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
    """Makes the helper the phone's keyboard within the block; yields whether it is bound and listens."""
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
    with contextlib.suppress(Unsure):  # it may be done twice
        phone.act("ime", *words)
        return
    phone.act("ime", *words)


def _comes_up(phone: Connection, shown: bool) -> bool:
    """Waits until the helper keyboard is bound, and shown if the previous keyboard was."""
    deadline = time.monotonic() + BOUND_S
    while time.monotonic() < deadline:
        state = _input_method(phone)
        bound = f"mCurId={HELPER}" in state and _flag(state, "mHaveConnection") and "mBoundToMethod=false" not in state
        if bound and (not shown or _flag(state, "mInputShown")):
            return True
        time.sleep(0.1)
    return False


def _input_method(phone: Connection) -> str:
    return phone.read("dumpsys", "input_method")


def _flag(state: str, name: str) -> bool:
    return f"{name}=true" in state
