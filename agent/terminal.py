"""The way to the user's terminal: `Terminal` prints text that nobody here wrote, and `outlets` never end a run.

What a model, a page, a phone or a file name says is untrusted: a control character in it is shown and never obeyed.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.style import Style
from rich.text import Text

# C0 but newline and tab, DEL and C1; marks that turn the direction of text; line and paragraph separators; surrogates.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with every character that a terminal would obey, or could not encode, written as its escape."""
    return _HIDDEN.sub(lambda found: _escaped(found[0]), text.replace("\r\n", "\n"))


def cut(text: str, length: int) -> str:
    """At most so many characters of the text, and how many more there are."""
    if len(text) <= length:
        return text
    return f"{text[:length]}... ({len(text):,} characters)"


class Terminal(Console):
    """A console on which strings are text: no markup, no emoji codes, no colours by guess, unless asked for.

    Every string that is printed, also in a table, becomes `visible` first.
    """

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)

    def render_str(
        self,
        text: str,
        *,
        style: str | Style = "",
        justify: JustifyMethod | None = None,
        overflow: OverflowMethod | None = None,
        emoji: bool | None = None,
        markup: bool | None = None,
        highlight: bool | None = None,
        highlighter: HighlighterType | None = None,
    ) -> Text:
        return super().render_str(
            visible(text),
            style=style,
            justify=justify,
            overflow=overflow,
            emoji=emoji,
            markup=markup,
            highlight=highlight,
            highlighter=highlighter,
        )

    @property
    def spinner(self) -> str:
        """The name of a spinner that this terminal's encoding has."""
        return "dots" if self.encoding.startswith("utf") else "line"


class Outlet(io.TextIOBase):
    """An output stream that takes everything: what its encoding lacks is escaped, and what cannot be written is lost.

    A run goes on without its terminal; its record is on disk.
    """

    errors = "backslashreplace"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]  # typeshed has it as a plain attribute
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        with self._lossy():
            self._stream.write(text.encode(self.encoding, self.errors).decode(self.encoding))
        return len(text)

    def flush(self) -> None:
        with self._lossy():
            self._stream.flush()

    def isatty(self) -> bool:
        return not self._stream.closed and self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def writable(self) -> bool:
        return True

    @contextlib.contextmanager
    def _lossy(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError):  # the reader or the terminal is gone, the disk is full, or the stream is closed
            with contextlib.suppress(OSError, ValueError):  # else Python fails when it flushes the stream at its end
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


@contextlib.contextmanager
def outlets() -> Iterator[None]:
    """Within this, nothing that is printed can fail."""
    with contextlib.ExitStack() as held:
        for stream, redirected in ((sys.stdout, contextlib.redirect_stdout), (sys.stderr, contextlib.redirect_stderr)):
            if stream is not None:
                held.enter_context(redirected(Outlet(stream)))
        yield


def ask(question: str) -> str:
    """What the user types in answer; nothing where the input has ended."""
    try:
        return input(f"{visible(question)} ").strip()
    except EOFError:
        return ""


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
