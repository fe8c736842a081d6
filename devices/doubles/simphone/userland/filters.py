"""Filters: grep, head, tail, wc, sort, tr, base64, without their rarer options."""

import base64 as coding
import re

from devices.doubles.simphone.userland.job import Job


async def _lines(job: Job, names: list[str]) -> list[str]:
    if names:
        data = b"".join(job.phone.files.read(job.shell.path(name)) for name in names)
    else:
        data = await job.streams.stdin.read_all()
    return data.decode("utf-8", "surrogateescape").splitlines()


async def _show(job: Job, lines: list[str]) -> int:
    if lines:
        await job.out("\n".join(lines))
    return 0


async def grep(job: Job) -> int:
    """Options i v c q E F o n e; patterns are Python's, equal for common cases."""
    flags, rest = job.options("ivcqEFone")
    if not rest:
        return await job.fail("grep: needs a pattern", 2)
    try:
        source = re.escape(rest[0]) if "F" in flags else rest[0]
        if not flags & {"E", "F"}:
            source = source.replace(r"\|", "|")
        pattern = re.compile(source, re.IGNORECASE if "i" in flags else 0)
    except re.error as error:
        return await job.fail(f"grep: {rest[0]}: {error}", 2)
    numbered = list(enumerate(await _lines(job, rest[1:]), 1))
    found = [(number, line) for number, line in numbered if bool(pattern.search(line)) != ("v" in flags)]
    if "c" in flags:
        await job.out(str(len(found)))
    elif "o" in flags:
        await _show(job, [match.group() for _, line in found for match in pattern.finditer(line)])
    elif "q" not in flags:
        await _show(job, [f"{number}:{line}" if "n" in flags else line for number, line in found])
    return int(not found)


def _count(arguments: list[str]) -> tuple[int, list[str]]:
    """The number in `-n 5`, `-n5` or `-5`, and the names after it."""
    if arguments[:1] == ["-n"] and len(arguments) > 1:
        return int(arguments[1]), arguments[2:]
    if arguments and (match := re.fullmatch(r"-n?(\d+)", arguments[0])):
        return int(match[1]), arguments[1:]
    return 10, arguments


async def head(job: Job) -> int:
    count, names = _count(job.arguments)
    return await _show(job, (await _lines(job, names))[:count])


async def tail(job: Job) -> int:
    count, names = _count(job.arguments)
    lines = await _lines(job, names)
    return await _show(job, lines[max(len(lines) - count, 0) :])


async def wc(job: Job) -> int:
    flags, names = job.options("lwc")
    if names:
        data = job.phone.files.read(job.shell.path(names[0]))
    else:
        data = await job.streams.stdin.read_all()
    counts = {"l": data.count(b"\n"), "w": len(data.split()), "c": len(data)}
    return await job.out(" ".join(str(value) for name, value in counts.items() if not flags or name in flags))


async def sort(job: Job) -> int:
    flags, names = job.options("ru")
    lines = await _lines(job, names)
    return await _show(job, sorted(set(lines) if "u" in flags else lines, reverse="r" in flags))


async def base64(job: Job) -> int:
    flags, names = job.options("dw0")
    if names and names[0] != "-":
        data = job.phone.files.read(job.shell.path(names[0]))
    else:
        data = await job.streams.stdin.read_all()
    if "d" in flags:
        await job.streams.stdout.write(coding.b64decode(data))
        return 0
    return await job.out(coding.b64encode(data).decode())


COMMANDS = {"grep": grep, "head": head, "tail": tail, "wc": wc, "sort": sort, "base64": base64}
