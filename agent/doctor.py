"""Checks what this machine has and lacks for a run: one line per check, and a command for each problem."""

import importlib.metadata
import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

from actions.errors import EngineFailure
from model.engines.server.client import TOKENS_WERE_READ, Client, read_key
from model.profile import Profile
from model.weights import download, find_folder, lacking

ADB_PORT = 5037
"""Where adb's server listens, unless ANDROID_ADB_SERVER_PORT names another port."""
SERVER_TIMEOUT_S = 5.0
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Check(NamedTuple):
    """The result of one check."""

    name: str
    needed_by: frozenset[str]
    """The devices and engines that require it."""
    found: str | None
    """What was found; None if it is missing."""
    remedy: str


def examine(
    profile: Profile,
    weights: str,
    server: str | None,
    quantize: Literal[8, 4] | None = None,
    api_key_file: Path | None = None,
) -> Iterator[Check]:
    """Checks everything that a device or engine needs. Starts nothing and changes nothing.

    Raises:
        UsageError: the server's address or its key is invalid.
    """
    python = ".".join(map(str, sys.version_info[:3]))
    yield Check(
        "Python", frozenset({"run"}), python if sys.version_info >= (3, 11) else None, "use Python 3.11 or later"
    )
    for package, users in {
        "torch": "local", "transformers": "local", "playwright": "browser", "mss": "desktop", "pyautogui": "desktop",
        "adbutils": "android", "bitsandbytes": "quantized", "accelerate": "quantized",
    }.items():  # fmt: skip
        yield Check(package, frozenset({users}), _version(package), f"pip install '.[{users}]'")
    yield Check("attention", frozenset(), _attention(), "pip install '.[local]'")
    yield Check(f"tried with {profile.name}", frozenset(), profile.tried, "")
    reason, folder = lacking(weights), find_folder(weights)
    fetch = f"{reason}: {download(profile.weights)}   (or --weights FOLDER, --model embedded, --server URL)"
    yield Check(f"weights of {profile.name}", frozenset({"local"}), None if reason else str(folder), fetch)
    if folder and not reason and importlib.util.find_spec("torch") and importlib.util.find_spec("transformers"):
        yield _memory(folder, profile, quantize)
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    yield Check("Chromium", frozenset({"browser"}), browser, "sudo apt-get install chromium")
    yield Check(
        "display", frozenset({"desktop"}), _display(), "start a desktop session, or Xvfb: Xvfb :99 & export DISPLAY=:99"
    )
    yield Check("adb", frozenset({"android"}), shutil.which("adb"), "sudo apt-get install adb")
    yield Check(
        "Android device",
        frozenset({"android"}),
        _phones(),
        "adb devices   (then allow USB debugging on the phone); or use a phone double: --address simphone",
    )
    yield _server(server, api_key_file)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _attention() -> str | None:
    if importlib.util.find_spec("torch") is None:
        return None
    return "flash-attn" if importlib.util.find_spec("flash_attn") else "torch's own (flash-attn is not installed)"


def _memory(folder: Path, profile: Profile, quantize: Literal[8, 4] | None) -> Check:
    """Whether these weights would fit, and else what would, in the local engine's own words."""
    from model.engines.local import load  # which needs the packages that the doctor looks for

    name, users = f"memory for {profile.name}", frozenset({"local"})
    try:
        return Check(name, users, load.predicted(folder, profile, quantize), "")
    except EngineFailure as error:
        return Check(name, users, None, str(error))


def _display() -> str | None:
    if sys.platform != "linux":
        return sys.platform
    if (wayland := os.environ.get("WAYLAND_DISPLAY")) and os.environ.get("XDG_SESSION_TYPE") != "x11":
        return (
            f"{wayland} (Wayland: by the wlroots protocols, or on GNOME and KDE by the desktop portal, which asks you)"
        )
    return os.environ.get("DISPLAY") or None


def _phones() -> str | None:
    """The devices that are ready, by the word of an adb server that runs already; asking adb itself would start one."""
    host, port = os.environ.get("ANDROID_ADB_SERVER_HOST", "127.0.0.1"), os.environ.get("ANDROID_ADB_SERVER_PORT", "")
    try:
        with socket.create_connection((host, int(port) if port.isdecimal() else ADB_PORT), timeout=2) as server:
            server.sendall(b"000chost:devices")
            answer = server.makefile("rb").read().decode("utf-8", "replace")
    except OSError:
        return None
    ready = [line.split("\t")[0] for line in answer[8:].splitlines() if line.endswith("\tdevice")]
    return ", ".join(ready) or None


def _server(url: str | None, api_key_file: Path | None) -> Check:
    """The models that a server lists and whether it takes token ids, where one was named and answers."""
    users = frozenset({"server"})
    if url is None:
        return Check("server", users, None, "start the model server, and pass its address with --server URL")
    with closing(Client(url, SERVER_TIMEOUT_S, read_key(api_key_file), wait_s=0)) as client:
        try:
            names = ", ".join(map(str, client.models()))
            takes_tokens = client.tokens_status() in TOKENS_WERE_READ
        except EngineFailure as error:
            return Check("server", users, None, str(error))
    return Check("server", users, f"{names} ({'takes token ids' if takes_tokens else 'chat completions only'})", "")
