"""Files and folders: ls, cat, rm, mkdir, cp, mv, touch, stat."""

import posixpath
from datetime import UTC, datetime

from devices.doubles.simphone.userland.job import Job


async def ls(job: Job) -> int:
    flags, names = job.options("la1dRp")
    worst = 0
    for name in names or ["."]:
        path = job.shell.path(name)
        status = job.phone.files.status(path)
        if status is None:
            worst = await job.fail(f"ls: {name}: No such file or directory")
            continue
        if not status.is_folder or "d" in flags:
            await job.out(_line(job, path, name, long="l" in flags))
            continue
        if len(names) > 1:
            await job.out(f"{name}:")
        for entry in job.phone.files.names(path):
            if "a" in flags or not entry.startswith("."):
                await job.out(_line(job, posixpath.join(path, entry), entry, long="l" in flags))
    return worst


def _line(job: Job, path: str, name: str, *, long: bool) -> str:
    status = job.phone.files.status(path)
    if not long or status is None:
        return name
    kind = "drwxrwx--x" if status.is_folder else "-rw-rw----"
    when = datetime.fromtimestamp(status.modified, UTC)
    return f"{kind} 1 shell shell {status.size} {when:%Y-%m-%d %H:%M} {name}"


async def cat(job: Job) -> int:
    for name in job.arguments or ["-"]:
        data = await job.streams.stdin.read_all() if name == "-" else job.phone.files.read(job.shell.path(name))
        await job.streams.stdout.write(data)
    return 0


async def rm(job: Job) -> int:
    flags, names = job.options("rRf")
    for name in names:
        path = job.shell.path(name)
        if job.phone.files.status(path) or "f" not in flags:
            job.phone.files.remove(path, recursive=bool(flags & {"r", "R"}))
    return 0


async def mkdir(job: Job) -> int:
    flags, names = job.options("p")
    for name in names:
        job.phone.files.make_folder(job.shell.path(name), parents="p" in flags)
    return 0


async def touch(job: Job) -> int:
    for name in job.arguments:
        job.phone.files.write(job.shell.path(name), b"", more=True)
    return 0


async def cp(job: Job) -> int:
    _, names = job.options("rfp")
    if len(names) != 2:
        return await job.fail("cp: needs two names")
    job.phone.files.write(_target(job, *names), job.phone.files.read(job.shell.path(names[0])))
    return 0


async def mv(job: Job) -> int:
    _, names = job.options("f")
    if len(names) != 2:
        return await job.fail("mv: needs two names")
    source = job.shell.path(names[0])
    job.phone.files.write(_target(job, *names), job.phone.files.read(source))
    job.phone.files.remove(source)
    return 0


def _target(job: Job, source: str, target: str) -> str:
    path = job.shell.path(target)
    status = job.phone.files.status(path)
    return posixpath.join(path, posixpath.basename(source)) if status and status.is_folder else path


async def stat(job: Job) -> int:
    """Only `stat -c %s NAME`, which prints the size."""
    if job.arguments[:2] != ["-c", "%s"] or len(job.arguments) != 3:
        return await job.fail("stat: only -c %s is implemented")
    return await job.out(str(len(job.phone.files.read(job.shell.path(job.arguments[2])))))


COMMANDS = {"ls": ls, "cat": cat, "rm": rm, "mkdir": mkdir, "touch": touch, "cp": cp, "mv": mv, "stat": stat}
