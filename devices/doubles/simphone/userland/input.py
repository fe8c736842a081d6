"""`input`: taps, swipes, text and keys."""

import asyncio
import re
from functools import partial

from devices.doubles.simphone.keys import CHROMIUM, number_of
from devices.doubles.simphone.userland.job import Job

_SOURCES = {
    "touchscreen", "keyboard", "mouse", "dpad", "gamepad", "touchpad", "trackball", "stylus", "joystick",
    "touchnavigation", "rotaryencoder",
}  # fmt: skip
_NOT_ALLOWED = (
    "java.lang.SecurityException: Injecting input events requires the caller (or the source of the instrumentation, if "
    "any) to have the INJECT_EVENTS permission."
)
_USAGE = "Usage: input [<source>] [-d DISPLAY_ID] text|keyevent|tap|swipe|draganddrop|motionevent|keycombination ..."
_MOTIONS = ("DOWN", "MOVE", "UP", "CANCEL")
_LONG_PRESS_S = 0.5
_TYPED_KEYS = {"\n": "Enter", "\t": "Tab"}
_NULL_POINTER = """Exception occurred while executing 'text':
java.lang.NullPointerException: Attempt to get length of null array
\tat com.android.server.input.InputShellCommand.sendText(InputShellCommand.java:299)
\tat com.android.server.input.InputShellCommand.runText(InputShellCommand.java:278)"""


async def input(job: Job) -> int:
    words = list(job.arguments)
    if words and words[0] in _SOURCES:
        words.pop(0)
    if words[:1] == ["-d"]:
        del words[:2]
    verb, rest = (words[:1] or [""])[0], words[1:]
    if job.phone.properties.number("sim.no_input"):
        return await job.fail(_NOT_ALLOWED, 255)
    try:
        if verb in {"tap", "swipe", "draganddrop"}:
            return await _touch(job, verb, [float(one) for one in rest])
        if verb == "motionevent" and len(rest) == 3 and rest[0].upper() in _MOTIONS:
            await job.phone.act(partial(job.phone.screen.motion, rest[0].upper(), (float(rest[1]), float(rest[2]))))
            return 0
        if verb == "text" and rest:
            return await _text(job, " ".join(rest))
        if verb == "keyevent" and rest:
            return await _keys(job, rest)
        if verb == "keycombination" and rest:
            return await _combination(job, rest)
    except ValueError as error:
        return await job.fail(f"Error: {error}\n{_USAGE}", 255)
    return await job.fail(f"Error: Unknown command or wrong arguments: {' '.join(words)}\n{_USAGE}", 255)


async def _touch(job: Job, verb: str, numbers: list[float]) -> int:
    screen = job.phone.screen
    if verb == "tap" and len(numbers) == 2:
        await job.phone.act(partial(screen.tap, (numbers[0], numbers[1])))
        return 0
    if verb == "tap" or len(numbers) not in (4, 5):
        raise ValueError(f"{verb} does not accept {numbers}")
    start, end = (numbers[0], numbers[1]), (numbers[2], numbers[3])
    duration_s = (numbers[4] if len(numbers) == 5 else 300) / 1000
    hold_s = _LONG_PRESS_S if verb == "draganddrop" else 0
    await job.phone.act(partial(screen.drag, start, end, duration_s, hold_s))
    await _drop_at(job, "sim.drop_at_swipe")
    return 0


async def _drop_at(job: Job, fault: str) -> None:
    """Breaks the connection, once, if a test has requested it."""
    if job.phone.properties.number(fault):
        job.phone.properties.put(fault, "0")
        job.phone.set_property("sim.drop", "1")
        await asyncio.sleep(60)  # the connection is gone, and this command with it


async def _text(job: Job, text: str) -> int:
    """Types ASCII; other characters have no key on the virtual keyboard, and fail as on Android."""
    if not text.isascii() or not re.sub(r"[\n\t]", "", text).isprintable():
        return await job.fail(_NULL_POINTER, 255)
    lost = int(job.phone.properties.number("sim.text_lost"))
    job.phone.properties.put("sim.text_lost", "0")
    for piece in re.split(r"([\n\t])", text.replace("%s", " ")[lost:]):
        if piece in _TYPED_KEYS:
            await job.phone.act(partial(job.phone.screen.press, [_TYPED_KEYS[piece]]))
        elif piece:
            await job.phone.act(partial(job.phone.screen.insert, piece))
    await _drop_at(job, "sim.drop_at_text")
    return 0


async def _keys(job: Job, words: list[str]) -> int:
    long = "--longpress" in words
    for word in words:
        if word.startswith("--"):
            continue
        await job.phone.act(partial(press_key, job, number_of(word), long=long))
    return 0


async def press_key(job: Job, number: int, *, long: bool = False) -> None:
    """Presses one key: a character's or an editing key goes to Chromium, the phone's own to its page."""
    if number in CHROMIUM:
        await job.phone.screen.press([CHROMIUM[number]])
    else:
        await job.phone.screen.call("systemKey", number, long)
        await job.phone.screen.settle()


async def _combination(job: Job, words: list[str]) -> int:
    if words[:1] == ["-t"]:
        words = words[2:]
    numbers = [number_of(word) for word in words]
    if len(numbers) < 2:
        raise ValueError("keycombination requires at least 2 keycodes")
    keys = [CHROMIUM[number] for number in numbers if number in CHROMIUM]
    await job.phone.act(partial(job.phone.screen.press, keys))
    return 0


COMMANDS = {"input": input}
