"""Ways to a phone's picture, measured in turns in one run: `python -m tests.performance.phone_capture [--quick]`.

Predicted before the first run: one shell that stays open saves some 4 ms of the 100 that SimPhone takes, adbutils'
pause of 10 ms at each closing is worth more, and raw frames are slower, for 10 MB go through adb and SimPhone makes
them out of a PNG. What a real phone takes, whose `screencap -p` compresses on the phone, cannot be measured here.
"""

import io
import os
import secrets
import struct
import subprocess
import sys
import time
from collections.abc import Callable

from adbutils import AdbClient, AdbConnection
from PIL import Image
from rich.console import Console
from rich.table import Table

from devices.android.connection import Connection
from devices.android.pictures import Camera
from devices.doubles.simphone import start
from tests.devices.simphone.driver import adb_server, free_port

HEADER = 16
"""Bytes before Android's raw frame: width, height, format, colour space."""


class Shell:
    """One shell of the phone that stays open and is given a command after the other."""

    def __init__(self, client: AdbClient, serial: str) -> None:
        self._connection = opened(client, serial, "shell,v2,raw:")
        self._answers = self._connection.conn.makefile("rb")

    def run(self, command: str) -> bytes:
        mark = secrets.token_hex(8)
        line = f"{command}; echo {mark}\n".encode()
        self._connection.conn.sendall(struct.pack("<BI", 0, len(line)) + line)
        end, printed = f"{mark}\n".encode(), bytearray()
        while not printed.endswith(end):
            kind, length = struct.unpack("<BI", self._answers.read(5))
            data = self._answers.read(length)
            printed += data if kind == 1 else b""
        return bytes(printed[: -len(end)])

    def close(self) -> None:
        self._answers.close()
        self._connection.close()


def opened(client: AdbClient, serial: str, service: str) -> AdbConnection:
    connection = client.make_connection(timeout=30)
    for request in (f"host:transport:{serial}", service):
        connection.send_command(request)
        connection.check_okay()
    return connection


def as_before(client: AdbClient, serial: str, command: str) -> bytes:
    """A connection for each command, closed as adbutils closes it: what the device did until now."""
    with opened(client, serial, f"exec:{command}") as connection:
        chunks = []
        while chunk := connection.conn.recv(1 << 16):
            chunks.append(chunk)
    return b"".join(chunks)


def from_png(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


def from_raw(data: bytes) -> Image.Image:
    width, height = struct.unpack("<2I", data[:8])
    return Image.frombuffer("RGBX", (width, height), data[HEADER:], "raw", "RGBX", 0, 1).convert("RGB")


def shortest(rounds: int, ways: dict[str, Callable[[], object]]) -> dict[str, float]:
    """The shortest time of each way in milliseconds, in turns: a busy machine only lengthens them."""
    found = dict.fromkeys(ways, float("inf"))
    for _ in range(rounds):
        for name, way in ways.items():
            begun = time.perf_counter()
            way()
            found[name] = min(found[name], 1000 * (time.perf_counter() - begun))
    return found


def main() -> None:
    port = str(free_port())
    os.environ["ANDROID_ADB_SERVER_PORT"] = port
    with start() as running, adb_server(port):
        serial = running.address
        subprocess.run(["adb", "-P", port, "connect", serial], check=True, capture_output=True)
        client, phone = AdbClient(socket_timeout=30), Connection(serial)
        camera, shell = Camera(phone), Shell(client, serial)
        ways: dict[str, Callable[[], object]] = {
            "as before": lambda: from_png(as_before(client, serial, "screencap -p")),
            "ours": camera.take,
            "ours, raw": lambda: from_raw(phone.read_bytes("screencap")),
            "one shell, PNG": lambda: from_png(shell.run("screencap -p")),
            "one shell, raw": lambda: from_raw(shell.run("screencap")),
            "a question as before": lambda: as_before(client, serial, "echo"),
            "a question, ours": lambda: phone.read("echo"),
            "a question, one shell": lambda: shell.run("echo"),
        }
        found = shortest(10 if "--quick" in sys.argv else 40, ways)
        shell.close()
    grid = Table("way", "shortest, in milliseconds")
    for way, taken in found.items():
        grid.add_row(way, f"{taken:.1f}")
    Console().print(grid)
    before = found["as before"]
    ratios = {"ours": "ours", "one_shell": "one shell, PNG", "raw": "ours, raw"}
    figures = [f"{name}_ratio={before / found[way]:.2f}" for name, way in ratios.items()]
    question = found["a question as before"] / found["a question, ours"]
    print(*figures, f"question_ratio={question:.2f}")


if __name__ == "__main__":
    main()
