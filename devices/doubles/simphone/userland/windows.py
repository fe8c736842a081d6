"""The panel: `wm` and the power button's `svc power`."""

from devices.doubles.simphone.display import Pixels, read_size
from devices.doubles.simphone.userland.job import Job


async def wm(job: Job) -> int:
    what, rest = (job.arguments[:1] or [""])[0], job.arguments[1:]
    if what == "size":
        return await _size(job, rest)
    if what == "density":
        return await _density(job, rest)
    if what in {"user-rotation", "set-user-rotation"}:
        return await _rotation(job, rest)
    return await job.fail("Window manager (wm) commands: size, density, user-rotation", 255)


async def _size(job: Job, rest: list[str]) -> int:
    display = job.phone.display
    if not rest:
        await job.out(f"Physical size: {display.size}")
        return await job.out(f"Override size: {display.override_size}") if display.override_size else 0
    try:
        wanted: Pixels | None = None if rest[0] == "reset" else read_size(rest[0])
    except ValueError as error:
        return await job.fail(f"Error: bad size {error}", 255)
    display.override_size = wanted if wanted != display.size else None
    await job.phone.resize()
    return 0


async def _density(job: Job, rest: list[str]) -> int:
    display = job.phone.display
    if not rest:
        await job.out(f"Physical density: {display.density}")
        return await job.out(f"Override density: {display.override_density}") if display.override_density else 0
    if rest[0] != "reset" and not (rest[0].isdecimal() and 80 <= int(rest[0]) <= 960):
        return await job.fail("Error: density must be >= 80 and <= 960", 255)
    display.override_density = None if rest[0] == "reset" else int(rest[0])
    await job.phone.resize()
    return 0


async def _rotation(job: Job, rest: list[str]) -> int:
    documents = job.phone.documents
    if not rest:
        locked = documents.setting("system", "accelerometer_rotation") != "1"
        return await job.out(f"lock {job.phone.display.rotation}" if locked else "free")
    documents.set_setting("system", "accelerometer_rotation", "1" if rest[0] == "free" else "0")
    if rest[0] == "lock":
        documents.set_setting("system", "user_rotation", rest[1] if len(rest) > 1 else "0")
    await job.phone.deliver()
    return 0


COMMANDS = {"wm": wm}
