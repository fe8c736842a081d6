"""Views of the screen: `screencap` and `uiautomator dump`."""

import asyncio
import io
import json
import struct
from typing import Any
from xml.sax.saxutils import quoteattr

from PIL import Image

from devices.doubles.simphone.display import Pixels
from devices.doubles.simphone.phone import Phone
from devices.doubles.simphone.screen import black_png
from devices.doubles.simphone.userland.job import Job

_FOLDED = Pixels(1080, 1200)
_SEVERAL = (
    b"[Warning] Multiple displays were found, but no display id was specified! Defaulting to the first display found, "
    b"however this default is not guaranteed to be consistent across captures. A display id should be specified.\n"
    b"A display ID can be specified with the [-d display-id] option.\n"
    b'See "dumpsys SurfaceFlinger --display-id" for valid display IDs.\n'
)
"""Android's warning, printed to stdout."""
_RGBA_8888 = 1
_SRGB = 1


async def screencap(job: Job) -> int:
    """A PNG with -p or to a name with that ending, else Android's raw form: 16 bytes of header, then RGBA."""
    flags, rest, display = _read(job.arguments)
    known = displays(job.phone)
    if display is not None and display not in known:
        return await job.fail(f"Failed to take screenshot. Status: -22 (display {display})")
    if display is None and len(known) > 1:
        await job.streams.stdout.write(_SEVERAL)
    await asyncio.sleep(job.phone.properties.number("sim.capture_lag_ms") / 1000)
    if job.phone.properties.number("sim.screencap_fail"):
        return await job.fail("screencap: failed to capture (sim.screencap_fail is set)")
    lit = (display or known[0]) == known[-1]
    data = await job.phone.capture_png() if lit else black_png(_FOLDED)
    if not ("p" in flags or (rest and rest[0].endswith(".png"))):
        data = await asyncio.to_thread(_raw, data)
    if job.phone.properties.number("sim.screencap_torn"):
        data = data[: len(data) // 2]
    if rest:
        job.phone.files.write(job.shell.path(rest[0]), data)
    else:
        await job.streams.stdout.write(data)
    return 0


def displays(phone: Phone) -> list[str]:
    """The physical displays: the one with `sim.displays` 2 that is folded away and dark, and the one that is lit."""
    return ["4630946219955703955", "4630946219955703956"] if phone.properties.number("sim.displays") > 1 else ["4242"]


def _read(arguments: list[str]) -> tuple[set[str], list[str], str | None]:
    flags: set[str] = set()
    rest = list(arguments)
    display = None
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        flags.add(option[1:])
        if option == "-d" and rest:
            display = rest.pop(0)
    return flags, rest, display


def _raw(png: bytes) -> bytes:
    picture = Image.open(io.BytesIO(png)).convert("RGBA")
    return struct.pack("<4I", *picture.size, _RGBA_8888, _SRGB) + picture.tobytes()


async def uiautomator(job: Job) -> int:
    if job.arguments[:1] != ["dump"]:
        return await job.fail("usage: uiautomator dump [--compressed] [FILE]")
    names = [one for one in job.arguments[1:] if not one.startswith("--")]
    path = job.shell.path(names[0] if names else "/sdcard/window_dump.xml")
    if job.phone.properties.number("sim.uiautomator_fail"):
        return await job.fail("ERROR: could not get idle state.", 0)
    tree = json.loads(await job.phone.ask("hierarchy"))
    head = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
    text = f'{head}<hierarchy rotation="{job.phone.display.rotation}">{_xml(tree, 0)}</hierarchy>'
    if path == "/dev/tty":
        await job.streams.stdout.write(text.encode())
    else:
        job.phone.files.write(path, text.encode())
    return await job.out(f"UI hierchary dumped to: {path}")  # Android's own spelling


def _xml(node: Any, index: int) -> str:
    attributes = {"index": str(index), **node["attributes"]}
    inner = "".join(_xml(child, number) for number, child in enumerate(node["children"]))
    text = " ".join(f"{name}={_quoted(value)}" for name, value in attributes.items())
    return f"<node {text}>{inner}</node>" if inner else f"<node {text} />"


def _quoted(value: str) -> str:
    """An attribute's value; what XML cannot hold becomes a dot, as on Android."""
    kept = "".join(char if char >= " " or char in "\t\n\r" else "." for char in value)
    return quoteattr(kept, {"\n": "&#10;", '"': "&quot;"})


COMMANDS = {"screencap": screencap, "uiautomator": uiautomator}
