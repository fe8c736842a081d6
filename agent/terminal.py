"""Output to the user's terminal: `Terminal` prints untrusted text safely, and with `outlets` printing never ends a run.

Text of a model, a page, a phone or a file name is untrusted: control characters in it are shown, never executed.
"""

import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from rich.console import Console, HighlighterType, JustifyMethod, OverflowMethod
from rich.status import Status
from rich.style import Style
from rich.text import Text

from actions.secrets import Secrets
from agent.keys import Keys

# C0 but newline and tab, DEL and C1; marks that turn the direction of text; line and paragraph separators; surrogates.
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """The text with every control character, and every unencodable one, written as its escape."""
    return _HIDDEN.sub(lambda found: _escaped(found[0]), text.replace("\r\n", "\n"))


def cut(text: str, length: int) -> str:
    """At most this many characters of the text, and the length of a longer one."""
    if len(text) <= length:
        return text
    return f"{text[:length]}... ({len(text):,} characters)"


class Terminal(Console):
    """A console that prints strings verbatim: no markup, emoji codes or automatic colours unless requested.

    Every printed string, also in a table, passes through `visible` first, and `secrets` are masked in it.
    """

    def __init__(self, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, markup=False, emoji=False, highlight=False)
        self.secrets = Secrets()
        self.spinning: Status | None = None
        """The spinner that was shown last."""

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
            visible(self.secrets.masked(text)),
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
    """An output stream that never fails: characters outside its encoding are escaped, failed writes are dropped.

    A run continues without its terminal; its record is on disk.
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
            with contextlib.suppress(OSError, ValueError):  # else Python fails when it flushes the stream at exit
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, self._stream.fileno())
                os.close(nowhere)


@contextlib.contextmanager
def outlets() -> Iterator[None]:
    """Within this, printing cannot fail."""
    with contextlib.ExitStack() as held:
        for stream, redirected in ((sys.stdout, contextlib.redirect_stdout), (sys.stderr, contextlib.redirect_stderr)):
            if stream is not None:
                held.enter_context(redirected(Outlet(stream)))
        yield


def ask(question: str) -> str:
    """The user's answer; empty at the end of the input."""
    with Keys.suspended():
        try:
            return input(f"{visible(question)} ").strip()
        except EOFError:
            return ""


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
