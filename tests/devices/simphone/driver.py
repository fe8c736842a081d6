"""What tests do with a SimPhone, all of it through the real adb program."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree

import adbutils


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def adb_server(port: str) -> Iterator[None]:
    """An adb server of our own on that port, which looks for no phones by itself."""
    assert shutil.which("adb"), "adb is missing: sudo apt-get install adb"
    alone = {**os.environ, "ADB_MDNS": "0", "ADB_LOCAL_TRANSPORT_MAX_PORT": "5553"}
    subprocess.run(["adb", "-P", port, "start-server"], check=True, capture_output=True, timeout=30, env=alone)
    yield
    subprocess.run(["adb", "-P", port, "kill-server"], check=False, capture_output=True, timeout=30)


@dataclass(frozen=True)
class Node:
    """One element of a `uiautomator dump`."""

    text: str
    desc: str
    name: str
    kind: str
    attributes: dict[str, str]
    bounds: tuple[int, int, int, int]

    @property
    def middle(self) -> tuple[int, int]:
        left, top, right, bottom = self.bounds
        return (left + right) // 2, (top + bottom) // 2


@dataclass(frozen=True)
class Phone:
    """What the tests do with the phone, all of it through the real adb program."""

    adb_port: int
    serial: str

    def adb(self, *words: str, given: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        command = ["adb", "-P", str(self.adb_port), "-s", self.serial, *words]
        return subprocess.run(command, input=given or b"", capture_output=True, timeout=60, check=False)

    def shell(self, text: str) -> str:
        done = self.adb("shell", text)
        return (done.stdout + done.stderr).decode().rstrip("\n")

    def state(self, package: str) -> dict[str, object]:
        found = json.loads(self.shell(f"cat /data/data/com.simphone.{package}/state.json"))
        assert isinstance(found, dict)
        return found

    def nodes(self) -> list[Node]:
        tree = ElementTree.fromstring(self.shell("uiautomator dump /dev/tty").rpartition("UI hierchary")[0])
        return [_node(one.attrib) for one in tree.iter("node")]

    def find(self, wanted: str) -> Node:
        """The one element with that text, description or resource name."""
        for node in self.nodes():
            if wanted in (node.text, node.desc, node.name):
                return node
        raise AssertionError(f"{wanted!r} is not on the screen: {[(n.text, n.desc, n.name) for n in self.nodes()]}")

    def tap(self, *wanted: str) -> None:
        """Taps one element after the other."""
        for one in wanted:
            x, y = self.find(one).middle
            self.shell(f"input tap {x} {y}")

    def type(self, name: str, text: str) -> None:
        self.tap(name)
        self.shell(f"input text '{text.replace(' ', '%s')}'")

    def open(self, package: str) -> None:
        assert "Events injected: 1" in self.shell(
            f"monkey -p com.simphone.{package} -c android.intent.category.LAUNCHER 1"
        )

    @property
    def library(self) -> adbutils.AdbDevice:
        return adbutils.AdbClient(port=self.adb_port).device(serial=self.serial)


def _node(attributes: dict[str, str]) -> Node:
    left, top, right, bottom = (int(number) for number in re.findall(r"-?\d+", attributes["bounds"]))
    name = attributes["resource-id"].rpartition("/")[2]
    kind = attributes["class"].rpartition(".")[2]
    bounds = (left, top, right, bottom)
    return Node(attributes["text"], attributes["content-desc"], name, kind, dict(attributes), bounds)


def until(holds: Callable[[], bool], *, timeout_s: float = 20) -> None:
    """Waits until something holds."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, f"{holds} did not come true within {timeout_s} s"
        time.sleep(0.1)
