"""A keyboard for Windows, macOS and the desktop portal: keys type ASCII, everything else is pasted.

Tried on X11, where the same code runs except for the names of keys, and on the portal; neither Windows nor macOS was
available. The clipboard is restored if it held text; a copied picture is lost, because only text is read from it.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from actions.errors import ActionRefused
from actions.secrets import Secret
from devices.desktop.keys import typeable

PASTE_S = 0.3
"""How long an application gets to fetch a pasted text before the clipboard is restored."""
TAKEN_S = 2.0
"""How long the clipboard may take to hold the copied text."""


class PastingKeyboard:
    """Types through pyautogui."""

    def __init__(
        self, gui: Any, clipboard: Any, names: Mapping[str, str], paste: tuple[str, ...], focus_s: float = 0.0
    ) -> None:
        """`gui` is pyautogui and `clipboard` pyperclip, or something with their functions.

        `names` are the gui's names of the named keys, and `paste` the keys that paste. `focus_s` is the time after
        which a window has the focus again, where access to the clipboard takes it away.
        """
        self._gui = gui
        self._clipboard = clipboard
        self._names = names
        self._paste_keys = paste
        self._focus_s = focus_s
        self._down: list[str] = []
        """The keys that are down, held ones included."""
        self.held: dict[str, str] = {}
        """pyautogui's name of each key that stays down until `let_go`."""

    def type_text(self, text: str) -> None:
        """Types the text; Enter for a newline, Tab for a tab.

        Raises:
            ActionRefused: the text contains a control character, or the clipboard cannot be used.
        """
        for piece in re.findall(r"[\n\t]|[^\n\t]+", typeable(text)):
            if piece in "\n\t":
                self.press(("enter" if piece == "\n" else "tab",))
            elif piece.isascii():
                self._write(piece)
            else:
                self._paste(piece)

    def type_secret(self, secret: Secret) -> None:
        """Always raises ActionRefused: here it is not known which window has the focus."""
        raise ActionRefused(f"On this system it is not known which window has the focus, so {secret} was not typed.")

    def press(self, keys: tuple[str, ...], seconds: float = 0.0) -> None:
        """Presses the keys in this order and, after some seconds, releases them in reverse.

        Raises:
            ActionRefused: there is no such key; nothing was pressed.
        """
        with self._lifting():
            self._push(keys)
            time.sleep(seconds)

    def hold(self, keys: tuple[str, ...]) -> None:
        """Presses the keys and leaves them down. Raises as `press` does."""
        self.held |= self._push(keys)

    def let_go(self, keys: tuple[str, ...]) -> None:
        """Releases held keys, the last one first."""
        for key in keys:
            del self.held[key]
        self._lift()

    def release(self) -> None:
        """Releases every key that is down."""
        self.held.clear()
        self._lift()

    def close(self) -> None:
        self.release()

    def _push(self, keys: tuple[str, ...]) -> dict[str, str]:
        """Presses keys, and returns pyautogui's name of each."""
        words = [self._names.get(key, key) for key in keys]
        for key, word in zip(keys, words, strict=True):
            if not self._gui.isValidKey(word):  # pyautogui itself would silently do nothing
                raise ActionRefused(f"The key {key!r} is not on this keyboard. Nothing was pressed.")
        for word in words:
            self._down.append(word)
            self._gui.keyDown(word)
        return dict(zip(keys, words, strict=True))

    def _lift(self) -> None:
        """Releases the keys that are down and not held."""
        for word in [word for word in reversed(self._down) if word not in self.held.values()]:
            self._gui.keyUp(word)
            self._down.remove(word)

    @contextlib.contextmanager
    def _lifting(self) -> Iterator[None]:
        """Leaves no key down but the held ones, whatever ends the block."""
        try:
            yield
        finally:
            self._lift()

    def _write(self, text: str) -> None:
        with self._lifting():
            self._down.append("shift")  # which pyautogui holds for capitals
            self._gui.write(text)

    def _paste(self, text: str) -> None:
        try:
            before = self._clipboard.paste()
            self._clipboard.copy(text)
        except self._clipboard.PyperclipException as error:
            raise ActionRefused(
                f"{text[:20]!r} can only be pasted, and the clipboard cannot be used: {error}"
            ) from error
        try:
            self._hold(text)
            time.sleep(self._focus_s)
            self.press(self._paste_keys)
            time.sleep(PASTE_S)
        finally:
            self._clipboard.copy(before)
            time.sleep(self._focus_s)

    def _hold(self, text: str) -> None:
        """Waits until the clipboard gives this text: on X11 it may still return its old content for a moment."""
        deadline = time.monotonic() + TAKEN_S
        while self._clipboard.paste() != text:
            if time.monotonic() > deadline:
                raise ActionRefused(f"The clipboard does not accept {text[:20]!r}. Nothing was pasted.")
            time.sleep(0.02)
