"""`Channel`: JSON objects, one a line, over a pair of pipes between a run's process and the server."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

Message = Mapping[str, Any]
"""An object with the key `kind`."""
_ROOT = Path(__file__).parents[__package__.count(".") + 1]


class Channel:
    """Both directions, each in a thread of its own: sending never waits for the reader at the other end."""

    def __init__(self, reading: IO[bytes], writing: IO[bytes]) -> None:
        self._reading, self._writing = reading, writing
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self.closed = threading.Event()
        """Set once the other end is closed."""
        self._writer = threading.Thread(target=self._write, name="channel", daemon=True)
        self._writer.start()

    @classmethod
    def of_parent(cls) -> "Channel":
        """The one over this process's standard input and output; what else is printed goes to standard error."""
        writing = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        return cls(os.fdopen(os.dup(0), "rb"), writing)

    @classmethod
    def to(cls, module: str, *words: str) -> tuple["Channel", "subprocess.Popen[bytes]"]:
        """The one to a new process of a module of this project, which is found from every folder."""
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the parent alone
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
        assert process.stdin and process.stdout
        return cls(process.stdout, process.stdin), process

    @property
    def busy(self) -> bool:
        """Whether the other end has not read everything yet."""
        return not self._outgoing.empty()

    def send(self, kind: str, **content: object) -> None:
        """Sends an object as soon as the other end reads; it is dropped if that is closed."""
        self._outgoing.put(json.dumps({"kind": kind, **content}).encode() + b"\n")

    def received(self) -> Iterator[Message]:
        """The objects as they come, until the other end is closed."""
        with self._reading, contextlib.suppress(OSError, ValueError):  # half a line, or the other end failed
            for line in self._reading:
                yield json.loads(line)
        self.closed.set()

    def close(self, seconds: float = 1.0) -> None:
        """Ends it, after what was sent; waits that long for the reader."""
        self._outgoing.put(None)
        self._writer.join(seconds)

    def _write(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # the other end is closed
            while (line := self._outgoing.get()) is not None:
                self._writing.write(line)
                self._writing.flush()
        with contextlib.suppress(OSError):
            self._writing.close()
