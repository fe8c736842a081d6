"""Passes text through the X11 clipboard and then restores its content."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from typing import NamedTuple

from actions.errors import ActionRefused

SELECTIONS = ("clipboard", "primary")
"""Shift+insert pastes the first in editors, the second in terminals."""
READY_S = 2.0
"""How long the program that holds a selection may take to answer."""
_META = ("TARGETS", "MULTIPLE", "TIMESTAMP", "SAVE_TARGETS", "DELETE")


class Held(NamedTuple):
    """The content of a selection, in one form: text if it has that form."""

    form: str
    content: bytes


@contextlib.contextmanager
def offering(display: str, text: str) -> Iterator[None]:
    """Offers the text to whoever pastes, within the block.

    Raises:
        ActionRefused: xclip is not installed; nothing was touched.
    """
    environ = os.environ | {"DISPLAY": display}
    try:
        before = {selection: _held(selection, environ) for selection in SELECTIONS}
    except FileNotFoundError as error:
        raise ActionRefused(
            "So many different characters that this keyboard layout lacks can only be pasted, and xclip is not "
            "installed (sudo apt-get install xclip). Type the text in shorter pieces. Nothing was typed."
        ) from error
    ours = Held("UTF8_STRING", text.encode())
    holders = []
    try:
        for selection in SELECTIONS:
            holders.append(
                _hold(selection, ours, environ, "-quiet")
            )  # stays in the foreground, so that it can be ended
        _wait_until_held(ours, environ)
        yield
    finally:
        for holder in holders:
            _end(holder, 0)
        for selection, held in before.items():
            if held is not None:
                _end(_hold(selection, held, environ), READY_S)  # goes to the background by itself


def _held(selection: str, environ: dict[str, str]) -> Held | None:
    """The content of a selection; None if it has no owner."""
    forms = [form for form in _asked(selection, "TARGETS", environ).decode().split() if form not in _META]
    if not forms:
        return None
    form = next((form for form in ("UTF8_STRING", "image/png") if form in forms), forms[0])
    return Held(form, _asked(selection, form, environ))


def _asked(selection: str, form: str, environ: dict[str, str]) -> bytes:
    command = ["xclip", "-selection", selection, "-target", form, "-out"]
    try:
        return subprocess.run(command, env=environ, capture_output=True, timeout=READY_S, check=False).stdout
    except subprocess.TimeoutExpired:  # its owner hangs: there is nothing to keep
        return b""


def _hold(selection: str, held: Held, environ: dict[str, str], *flags: str) -> subprocess.Popen[bytes]:
    """xclip as the owner of a selection. It outlives this process, so it must not keep its output open."""
    command = ["xclip", *flags, "-selection", selection, "-target", held.form, "-in"]
    silent = subprocess.DEVNULL
    holder = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=silent, stderr=silent)
    assert holder.stdin is not None
    with holder.stdin as pipe:
        pipe.write(held.content)
    return holder


def _end(holder: subprocess.Popen[bytes], patience_s: float) -> None:
    """Waits for it to end, then ends it: an X server that does not answer would hold it for ever."""
    try:
        holder.wait(patience_s)
    except subprocess.TimeoutExpired:
        holder.kill()
        holder.wait()


def _wait_until_held(ours: Held, environ: dict[str, str]) -> None:
    deadline = time.monotonic() + READY_S
    while any(_held(selection, environ) != ours for selection in SELECTIONS):
        if time.monotonic() > deadline:
            raise ActionRefused("The clipboard is held by another program that does not let go. Nothing was typed.")
