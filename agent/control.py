"""`Control`: the files in a run's folder by which a person steers the run while it goes on.

    pause           the run waits, from its next step on, while this file exists
    messages.txt    each line is a message of the user to the model
    stop            the run ends as stopped

The keys of a terminal, a page or another program write the same files.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actions.errors import RecordFailure
from actions.secrets import Secrets
from agent.deadline import interrupted
from agent.record import owners_file
from devices import Environment

POLL_S = 0.05
"""How often a request to stop is looked for; a quarter of the promised delay."""
LONGEST = 4_000
"""The longest message in characters; the rest of a longer one is cut off."""


class Control:
    """The steering of one run."""

    def __init__(self, folder: Path, read: int = 0, secrets: Secrets | None = None) -> None:
        """`read` messages have reached the model before. Secrets are masked in messages."""
        self._secrets = secrets or Secrets()
        self._pause = folder / "pause"
        self._stop = folder / "stop"
        self._messages = folder / "messages.txt"
        self._read = read

    @property
    def paused(self) -> bool:
        return self._pause.exists()

    @property
    def continuing(self) -> str:
        return f"Press p at the terminal of the run, or remove {self._pause}, to continue."

    @property
    def stop_asked(self) -> bool:
        """Whether there is the file."""
        return self._stop.exists()

    @property
    def stopped(self) -> bool:
        return self.stop_asked

    @contextmanager
    def stopping(self, environment: Environment) -> Iterator[None]:
        """Lets the file stop the block, as Ctrl-C does; a request from before the block is forgotten."""
        self.forget_stop()
        try:
            with interrupted(environment, self._requested, KeyboardInterrupt):
                yield
        finally:
            self.forget_stop()

    def forget_stop(self) -> None:
        """Takes a request to stop back."""
        self._stop.unlink(missing_ok=True)

    def _requested(self, over: threading.Event) -> bool:
        while not self.stopped:
            if over.wait(POLL_S):
                return False
        return True

    def pause(self) -> None:
        """Lets the run wait before its next step. Raises RecordFailure."""
        try:
            self._pause.touch(0o600)
        except OSError as error:
            raise RecordFailure(f"The run cannot be paused: {error}.") from error

    def proceed(self) -> None:
        """Ends a pause."""
        self._pause.unlink(missing_ok=True)

    def stop(self) -> None:
        """Ends the run. Raises RecordFailure."""
        try:
            self._stop.touch(0o600)
        except OSError as error:
            raise RecordFailure(f"The run cannot be stopped: {error}.") from error

    def send(self, message: str) -> None:
        """Adds a message, in one line. Raises RecordFailure."""
        line = " ".join(self._secrets.masked(message).split())
        try:
            with open(self._messages, "a", encoding="utf-8", opener=owners_file) as file:
                file.write(f"{line}\n")
        except OSError as error:
            raise RecordFailure(f"The message cannot be written: {error}.") from error

    @property
    def message_sent(self) -> bool:
        """Whether there is any message, read or not."""
        return self._messages.exists()

    def messages(self) -> tuple[str, ...]:
        """The messages since the last call. A line without its end is still being written."""
        try:
            text = self._messages.read_bytes().decode("utf-8", "replace")
        except OSError:  # nobody has written any
            return ()
        whole = text[: text.rfind("\n") + 1]
        sent = [line for line in map(str.strip, whole.splitlines()) if line]
        new, self._read = sent[self._read :], max(self._read, len(sent))
        return tuple(self._secrets.masked(message)[:LONGEST] for message in new)
