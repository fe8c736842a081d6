"""Installed packages: `pm` and the package queries of `cmd`, and the few other services of `cmd`."""

from devices.doubles.simphone.documents import LAUNCHER, SETTINGS, App
from devices.doubles.simphone.userland.job import Job

ODD, ODD_OPENS = "com.Odd_Name/.ui.Shell$Home", "com.simphone.contacts/"
"""With `sim.odd_apps`: a package with capitals and an activity with a dollar sign, and the app that it opens."""
_SYSTEM = ("android", "com.android.systemui", "com.simphone.keyboard")
_SWITCHES = {
    "uimode night yes": ("secure", "ui_night_mode", "2"),
    "uimode night no": ("secure", "ui_night_mode", "1"),
    "wifi set-wifi-enabled enabled": ("global", "wifi_on", "1"),
    "wifi set-wifi-enabled disabled": ("global", "wifi_on", "0"),
    "bluetooth_manager enable": ("global", "bluetooth_on", "1"),
    "bluetooth_manager disable": ("global", "bluetooth_on", "0"),
    "connectivity airplane-mode enable": ("global", "airplane_mode_on", "1"),
    "connectivity airplane-mode disable": ("global", "airplane_mode_on", "0"),
}
_PARTS_OF_THE_SYSTEM = {LAUNCHER, SETTINGS}


async def pm(job: Job) -> int:
    match job.arguments:
        case ["list", "packages", *rest]:
            return await _list(job, rest)
        case ["path", package] if package in _names(job):
            return await job.out(f"package:/data/app/{package}/base.apk")
        case ["path", _]:
            return 1
        case ["clear", package] if job.phone.app(package):
            await job.phone.ask("stop", package)
            job.phone.documents.reset(package)
            await job.phone.deliver()
            return await job.out("Success")
        case ["clear", _]:
            return await job.fail("Failed")
        case ["install" | "uninstall" | "install-create", *_]:
            return await job.fail("Failure [INSTALL_FAILED_ABORTED: SimPhone has its apps and takes no others]")
        case ["grant" | "revoke" | "enable" | "disable-user", *_]:
            return 0
        case _:
            return await job.fail(f"Unknown command: {' '.join(job.arguments)}", 255)


def _names(job: Job) -> list[str]:
    extras = [
        name
        for fault, name in (("sim.no_adbkeyboard", "com.android.adbkeyboard"), ("sim.no_clipper", "ca.zgrs.clipper"))
        if not job.phone.properties.number(fault)
    ]
    if job.phone.properties.number("sim.odd_apps"):
        extras.append(ODD.partition("/")[0])
    return sorted([*(app.package for app in job.phone.apps), *extras, *_SYSTEM])


async def _list(job: Job, rest: list[str]) -> int:
    names = _names(job)
    own = {*_SYSTEM, *_PARTS_OF_THE_SYSTEM}
    if "-3" in rest:
        names = [name for name in names if name not in own]
    if "-s" in rest:
        names = [name for name in names if name in own]
    words = [word for word in rest if not word.startswith("-")]
    return await job.out("\n".join(f"package:{name}" for name in names if all(word in name for word in words)))


def component(app: App) -> str:
    return f"{app.package}/.{app.main_activity}"


async def cmd(job: Job) -> int:
    match job.arguments:
        case ["package", "resolve-activity", *rest]:
            return await _resolve(job, rest)
        case ["package", "query-activities", *_]:
            odd = [ODD] if job.phone.properties.number("sim.odd_apps") else []
            listed = [component(app) for app in job.phone.apps if app.package != LAUNCHER]
            return await job.out("\n".join([*listed, *odd]))
        case ["package", *rest]:
            return await pm(Job(job.phone, job.shell, rest, job.streams))
        case ["clipboard", "get-text" | "get-primary-clip"]:
            return await job.out(job.phone.clipboard)
        case ["clipboard", "set-text" | "set-primary-clip", text]:
            await job.phone.set_clipboard(text)
            return 0
        case ["simphone", "reset"]:
            await job.phone.reset()
            return 0
        case ["uimode", "night"]:
            dark = job.phone.documents.setting("secure", "ui_night_mode") == "2"
            return await job.out(f"Night mode: {'yes' if dark else 'no'}")
        case words:
            return await _switch(job, " ".join(words))


async def _switch(job: Job, words: str) -> int:
    """The services of `cmd` that only change a setting."""
    service = words.split(" ")[0]
    if words not in _SWITCHES:
        known = any(one.startswith(f"{service} ") for one in _SWITCHES)
        wrong = f"Unknown command: {words}" if known else f"cmd: Can't find service: {service}"
        return await job.fail(wrong, 255 if known else 20)
    job.phone.documents.set_setting(*_SWITCHES[words])
    await job.phone.deliver()
    return 0


async def _resolve(job: Job, rest: list[str]) -> int:
    names = [word for word in rest if not word.startswith("-") and "." in word and not word.startswith("android.")]
    if names[-1:] == [ODD.partition("/")[0]] and job.phone.properties.number("sim.odd_apps"):
        return await job.out(ODD)
    app = job.phone.app(names[-1]) if names else job.phone.app(LAUNCHER)
    if app is None:
        return await job.out("No activity found")
    if "--brief" in rest:
        await job.out("priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true")
    return await job.out(component(app))


COMMANDS = {"pm": pm, "cmd": cmd}
