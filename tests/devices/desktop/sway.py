"""A headless sway for the tests: a Wayland compositor of the wlroots family, without a seat or a graphics card."""

import atexit
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from devices.tether import tethered
from tasks.worlds.virtual_screen import require, until

NOBODY = 65534
"""The user that sway runs as where the tests run as root, because it refuses root."""
CONFIG = """xwayland disable
default_border none
focus_follows_mouse no
"""


class Sway:
    """One running compositor, its clients, and its socket's name."""

    display = "wayland-1"

    def __init__(self, folder: Path, outputs: int) -> None:
        """Raises UsageError, which names the Debian packages, when a program is missing."""
        require({"sway": "sway", "wev": "wev", "setpriv": "util-linux"})
        self.folder = folder
        (folder / "config").write_text(CONFIG, encoding="utf-8")
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        self.environ = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8",
            "WAYLAND_DISPLAY": self.display, "XDG_SESSION_TYPE": "wayland", "GDK_BACKEND": "wayland",
            "NO_AT_BRIDGE": "1",
        }  # fmt: skip
        headless = {
            "WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman",
            "WLR_HEADLESS_OUTPUTS": str(outputs),
        }  # fmt: skip
        # a change of the user unties a program from the one that started it, so setpriv ties it once more
        other_user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--pdeathsig", "KILL"]
        command = [*(other_user if os.geteuid() == 0 else []), "sway", "-c", str(folder / "config")]
        environ = {name: value for name, value in self.environ.items() if name != "WAYLAND_DISPLAY"} | headless
        self._clients: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "sway.log").open("wb")
        self._sway = subprocess.Popen(
            tethered(command), env=environ, cwd=folder, stdout=self._log, stderr=self._log, start_new_session=True
        )
        try:
            until(lambda: (folder / self.display).exists() and list(folder.glob("sway-ipc.*")))
        except BaseException:
            self.close()
            raise

    def command(self, *words: str) -> str:
        """The answer of `swaymsg`."""
        socket = next(self.folder.glob("sway-ipc.*"))
        return subprocess.run(
            ["swaymsg", "-s", str(socket), *words], check=True, capture_output=True, text=True, timeout=20
        ).stdout

    def start(self, *command: str, log: Path | None = None, **environ: str) -> subprocess.Popen[bytes]:
        """A client, which `close` ends; its output goes to the file."""
        with (log or Path(os.devnull)).open("wb") as out:
            client = subprocess.Popen(
                tethered(command), env=self.environ | environ, cwd=self.folder, stdout=out,
                stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        self._clients.append(client)
        return client

    def window(self, title: str) -> bool:
        """Whether the focused window has this text in its title."""
        nodes = [json.loads(self.command("-t", "get_tree"))]
        while nodes:
            node = nodes.pop()
            if node["focused"] and node["type"] == "con" and title in (node["name"] or ""):
                return True
            nodes += node["nodes"] + node["floating_nodes"]
        return False

    def clear(self) -> None:
        """Ends the clients."""
        while self._clients:
            _end(self._clients.pop())

    def stop(self) -> None:
        """From now on it does not answer."""
        os.killpg(self._sway.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.killpg(self._sway.pid, signal.SIGCONT)

    def close(self) -> None:
        self.clear()
        _end(self._sway)
        self._log.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


@functools.cache
def shared_sway() -> Sway:
    """The one that all tests of a process share which leave it as they find it."""
    opened = contextlib.ExitStack()
    atexit.register(opened.close)
    return opened.enter_context(sway())


@contextlib.contextmanager
def sway(outputs: int = 1) -> Iterator[Sway]:
    """Runs one; the folder is short, because the name of a socket may have 107 characters only."""
    folder = Path(tempfile.mkdtemp(prefix="sway-"))
    try:
        running = Sway(folder, outputs)
        try:
            yield running
        finally:
            running.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
