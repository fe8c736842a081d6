"""The shell's builtins: echo, test, cd, variables, properties, the date."""

import asyncio
import posixpath
import re
from datetime import datetime

from devices.doubles.simphone.properties import NotAllowed
from devices.doubles.simphone.shell import ShellExit
from devices.doubles.simphone.userland.job import Job


async def echo(job: Job) -> int:
    flags, rest = job.options("neE")
    text = " ".join(rest)
    if "e" in flags:
        text = _unescaped(text)
    await job.streams.stdout.write((text + ("" if "n" in flags else "\n")).encode("utf-8", "surrogateescape"))
    return 0


async def printf(job: Job) -> int:
    """Only `%s`, `%d`, `%%` and backslashes; the pattern repeats while arguments remain."""
    if not job.arguments:
        return await job.fail("printf: needs a format")
    pattern, rest = _unescaped(job.arguments[0]), job.arguments[1:]
    text = ""
    while True:
        before = len(rest)
        text += re.sub(r"%([sd%])", lambda m: "%" if m[1] == "%" else rest.pop(0) if rest else "", pattern)
        if not rest or len(rest) == before:
            break
    await job.streams.stdout.write(text.encode("utf-8", "surrogateescape"))
    return 0


def _unescaped(text: str) -> str:
    marks = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\"}
    return re.sub(r"\\([ntr\\])", lambda found: marks[found[1]], text)


async def true(job: Job) -> int:
    return 0


async def false(job: Job) -> int:
    return 1


async def sleep(job: Job) -> int:
    try:
        seconds = float(job.arguments[0].removesuffix("s"))
    except (IndexError, ValueError):
        return await job.fail("sleep: needs a number of seconds")
    await asyncio.sleep(seconds)
    return 0


async def cd(job: Job) -> int:
    path = job.shell.path(job.arguments[0] if job.arguments else "/")
    status = job.phone.files.status(path)
    if not status or not status.is_folder:
        return await job.fail(f"/system/bin/sh: cd: {path}: No such file or directory", 2)
    job.shell.folder = path
    job.shell.variables["PWD"] = path
    return 0


async def pwd(job: Job) -> int:
    return await job.out(job.shell.folder)


async def export(job: Job) -> int:
    for argument in job.arguments:
        name, equals, value = argument.partition("=")
        if equals:
            job.shell.variables[name] = value
    return 0


async def unset(job: Job) -> int:
    for name in job.arguments:
        job.shell.variables.pop(name, None)
    return 0


async def env(job: Job) -> int:
    return await job.out("\n".join(f"{name}={value}" for name, value in sorted(job.shell.variables.items())))


async def leave(job: Job) -> int:
    text = job.arguments[0] if job.arguments else str(job.shell.status)
    raise ShellExit(int(text) & 255 if text.isdecimal() else 2)


async def sh(job: Job) -> int:
    inner = type(job.shell)(job.shell.commands, job.shell.files, dict(job.shell.variables), job.shell.folder)
    if job.arguments[:1] == ["-c"]:
        return await inner.run(" ".join(job.arguments[1:2]), job.streams)
    if job.arguments:
        text = job.phone.files.read(job.shell.path(job.arguments[0]))
    else:
        text = await job.streams.stdin.read_all()
    return await inner.run(text.decode("utf-8", "surrogateescape"), job.streams)


async def test(job: Job) -> int:
    words = [word for word in job.arguments if word != "]"]
    if words[:1] == ["!"]:
        return int(_holds(job, words[1:]))
    return int(not _holds(job, words))


def _holds(job: Job, words: list[str]) -> bool:
    if len(words) == 2:
        status = job.phone.files.status(job.shell.path(words[1]))
        unary = {
            "-e": status is not None,
            "-f": status is not None and not status.is_folder,
            "-d": status is not None and status.is_folder,
            "-s": status is not None and status.size > 0,
            "-n": words[1] != "",
            "-z": words[1] == "",
        }
        return unary.get(words[0], False)
    if len(words) == 3:
        left, how, right = words
        order = {"-eq": (0,), "-ne": (-1, 1), "-lt": (-1,), "-le": (-1, 0), "-gt": (1,), "-ge": (0, 1)}
        if how in order and all(re.fullmatch(r"-?\d+", side) for side in (left, right)):
            return ((int(left) > int(right)) - (int(left) < int(right))) in order[how]
        return {"=": left == right, "==": left == right, "!=": left != right}.get(how, False)
    return words != [] and words[0] != ""


async def date(job: Job) -> int:
    """Shows the phone's clock, or sets it from `MMDDhhmm[[CC]YY][.ss]`."""
    _, rest = job.options("u")
    wanted = rest[0] if rest else "+%a %b %e %H:%M:%S UTC %Y"
    if wanted.startswith("+"):
        return await job.out(job.phone.now.strftime(wanted[1:].replace("%e", str(job.phone.now.day).rjust(2))))
    digits, _, seconds = wanted.partition(".")
    for length, pattern in ((8, "%m%d%H%M"), (10, "%m%d%H%M%y"), (12, "%m%d%H%M%Y")):
        if len(digits) == length and digits.isdecimal():
            year = f"{job.phone.now.year}" if length == 8 else ""
            found = datetime.strptime(digits + year, pattern + ("%Y" if year else ""))
            job.phone.set_property("sim.time", found.replace(second=int(seconds or 0)).isoformat())
            await job.phone.configure()
            return await job.out(job.phone.now.strftime("%a %b %d %H:%M:%S UTC %Y"))
    return await job.fail(f"date: bad date '{wanted}'")


async def getprop(job: Job) -> int:
    if not job.arguments:
        return await job.out("\n".join(f"[{k}]: [{v}]" for k, v in job.phone.properties.all().items()))
    default = job.arguments[1] if len(job.arguments) > 1 else ""
    return await job.out(job.phone.properties[job.arguments[0]] or default)


async def setprop(job: Job) -> int:
    if len(job.arguments) != 2:
        return await job.fail("usage: setprop NAME VALUE")
    try:
        job.phone.set_property(*job.arguments)
    except NotAllowed as error:
        return await job.fail(f"Failed to set property '{job.arguments[0]}' to '{job.arguments[1]}': {error}")
    await job.phone.deliver()
    if job.arguments[0] in ("sim.time", "sim.locked", "sim.permission", "sim.ill"):
        await job.phone.configure()
    return 0


async def identity(job: Job) -> int:
    return await job.out("uid=2000(shell) gid=2000(shell) groups=2000(shell) context=u:r:shell:s0")


async def whoami(job: Job) -> int:
    return await job.out("shell")


async def basename(job: Job) -> int:
    return await job.out(posixpath.basename(job.arguments[0]) if job.arguments else "")


async def which(job: Job) -> int:
    found = [name for name in job.arguments if name in job.shell.commands]
    for name in found:
        await job.out(f"/system/bin/{name}")
    return int(len(found) < len(job.arguments))


async def uname(job: Job) -> int:
    return await job.out("Linux localhost 0.0-simphone x86_64" if job.arguments == ["-a"] else "Linux")


COMMANDS = {
    "echo": echo, "printf": printf, "true": true, ":": true, "false": false, "sleep": sleep, "cd": cd, "pwd": pwd,
    "export": export, "unset": unset, "env": env, "exit": leave, "sh": sh, "test": test, "[": test, "date": date,
    "getprop": getprop, "setprop": setprop, "id": identity, "whoami": whoami, "basename": basename, "which": which,
    "uname": uname, "set": true,
}  # fmt: skip
