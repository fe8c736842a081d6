"""Settings from the shell: `settings`, `svc`, `ime`."""

from devices.doubles.simphone.phone import ADB_IME, LATIN_IME
from devices.doubles.simphone.userland.job import Job

NAMESPACES = ("system", "secure", "global")


async def settings(job: Job) -> int:
    rest = list(job.arguments)
    if rest[:1] == ["--user"]:
        rest = rest[2:]
    verb, namespace, *words = [*rest, "", ""]
    words = [word for word in words if word]
    if namespace not in NAMESPACES:
        return await job.fail("usage: settings get|put|delete|list|reset system|secure|global [NAME [VALUE]]", 255)
    documents = job.phone.documents
    if verb == "list":
        return await job.out("\n".join(f"{name}={value}" for name, value in documents.settings(namespace).items()))
    if verb == "get" and len(words) == 1:
        value = documents.setting(namespace, words[0])
        return await job.out("null" if value is None else value)
    if verb == "put" and rest[3:]:
        documents.set_setting(namespace, rest[2], rest[3])
        await job.phone.deliver()
        return 0
    if verb == "delete" and len(words) == 1:
        deleted = documents.setting(namespace, words[0]) is not None
        documents.set_setting(namespace, words[0], None)
        await job.phone.deliver()
        return await job.out(f"Deleted {int(deleted)} rows")
    return await job.fail(f"Invalid command: {verb} {' '.join(words)}", 255)


async def svc(job: Job) -> int:
    names = {"wifi": "wifi_on", "bluetooth": "bluetooth_on", "data": "mobile_data"}
    match job.arguments:
        case [radio, ("enable" | "disable") as verb] if radio in names:
            job.phone.documents.set_setting("global", names[radio], str(int(verb == "enable")))
        case ["power", "stayon", _]:
            pass
        case _:
            return await job.fail("usage: svc wifi|bluetooth|data enable|disable", 255)
    await job.phone.deliver()
    return 0


async def ime(job: Job) -> int:
    documents = job.phone.documents
    without = job.phone.properties.number("sim.no_adbkeyboard")
    known = [LATIN_IME] if without else [ADB_IME, LATIN_IME]
    enabled = (documents.setting("secure", "enabled_input_methods") or "").split(":")
    match job.arguments:
        case ["list", *flags]:
            shown = [one for one in known if "-a" in flags or one in enabled]
            return await job.out("\n".join(one if "-s" in flags else f"{one}:\n  mId={one}" for one in shown))
        case ["reset"]:
            documents.set_setting("secure", "enabled_input_methods", LATIN_IME)
            documents.set_setting("secure", "default_input_method", LATIN_IME)
            text = f"Input method {LATIN_IME} selected"
        case [("enable" | "disable" | "set"), name] if name not in known:
            return await job.fail(f"Unknown input method {name} cannot be {job.arguments[0]}ed for user #0", 255)
        case ["enable", name]:
            text = f"Input method {name}: {'already' if name in enabled else 'now'} enabled"
            documents.set_setting("secure", "enabled_input_methods", ":".join(dict.fromkeys([*enabled, name])))
        case ["disable", name]:
            text = f"Input method {name}: now disabled"
            kept = [one for one in enabled if one != name]
            documents.set_setting("secure", "enabled_input_methods", ":".join(kept))
            if documents.setting("secure", "default_input_method") == name:
                documents.set_setting("secure", "default_input_method", LATIN_IME)
        case ["set", name]:
            if name not in enabled:
                return await job.fail(f"Unknown input method {name} cannot be selected for user #0", 255)
            documents.set_setting("secure", "default_input_method", name)
            job.phone.bind_keyboard()
            text = f"Input method {name} selected for user #0"
        case _:
            return await job.fail("usage: ime list [-a] [-s] | enable ID | disable ID | set ID | reset", 255)
    await job.phone.deliver()
    return await job.out(text)


COMMANDS = {"settings": settings, "svc": svc, "ime": ime}
