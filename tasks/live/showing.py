"""`shown`: a live page for a run of this process. Another process serves it, so that no page slows the run."""

import contextlib
import importlib.util
import queue
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actions.errors import UsageError
from agent.terminal import Terminal
from tasks.live.channel import Channel
from tasks.live.front import Front

STARTING_S = 30.0
ENDING_S = 3.0
"""How long an open page gets to read the last events."""
PACKAGES = ("starlette", "uvicorn")


@contextmanager
def shown(record: Path, console: Terminal) -> Iterator[Front]:
    """Shows the run in this folder within the block, and prints the link; the person at the page can be asked.

    Raises:
        UsageError: a package is missing, or the server does not start.
    """
    require_packages()
    channel, server = Channel.to(f"{__package__}.server", str(record))
    links: queue.SimpleQueue[str] = queue.SimpleQueue()
    front = Front(channel, lambda message: links.put(message["link"]), lambda: links.put(""))
    try:
        console.print(f"Live page: {_link(links)}", soft_wrap=True)
        yield front
    finally:
        channel.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(ENDING_S)
        server.kill()
        server.wait()


def require_packages() -> None:
    """Raises UsageError if a package that the server needs is missing."""
    if missing := [name for name in PACKAGES if importlib.util.find_spec(name) is None]:
        raise UsageError(f"The live page needs {' and '.join(missing)}. Install them with: pip install '.[live]'")


def _link(links: "queue.SimpleQueue[str]") -> str:
    with contextlib.suppress(queue.Empty):
        if link := links.get(timeout=STARTING_S):
            return link
    raise UsageError(f"The server of the live page did not start within {STARTING_S:g} s. Run without --live.")
