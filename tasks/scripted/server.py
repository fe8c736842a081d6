"""`running`: the program that serves what a suite's tasks are done with."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from actions.errors import UsageError
from devices.tether import tethered
from tasks.scripted.schema import Server

_AGAIN_S = 0.1
_ENDING_S = 5.0
_ANSWER_S = 2.0


@contextmanager
def running(server: Server, folder: Path) -> Iterator[None]:
    """Starts the program in this folder unless its address answers already, waits for it, and ends it.

    Raises:
        UsageError: it does not start, or does not answer in time.
    """
    if _answers(server.url):
        yield
        return
    with TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                tethered(server.command), cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        except OSError as error:
            raise UsageError(f"The server {server.command[0]!r} does not start: {error}.") from error
        try:
            until = time.monotonic() + server.within_s
            while not _answers(server.url):
                ended = process.poll() is not None
                if ended or time.monotonic() > until:
                    output.seek(0)
                    said = output.read().decode("utf-8", "replace").strip()[-300:]
                    how = f"ended with {process.returncode}" if ended else f"did not answer in {server.within_s:g} s"
                    raise UsageError(
                        f"The server {' '.join(server.command)!r} {how} at {server.url}. It printed: {said!r}"
                    )
                time.sleep(_AGAIN_S)
            yield
        finally:
            process.terminate()
            try:
                process.wait(_ENDING_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(url: str) -> bool:
    """Whether a server answers there, whatever it says."""
    try:
        httpx.get(url, timeout=_ANSWER_S, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return True
