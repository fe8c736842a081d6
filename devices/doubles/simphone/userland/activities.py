"""Starting and stopping apps: `am` and `monkey`; also the broadcasts that helper apps answer on a phone."""

import base64
import binascii
from functools import partial
from urllib.parse import parse_qs, urlsplit

from devices.doubles.simphone.documents import App
from devices.doubles.simphone.userland.input import press_key
from devices.doubles.simphone.userland.job import Job
from devices.doubles.simphone.userland.packages import ODD, ODD_OPENS

_VALUED = {
    "-n", "-a", "-d", "-c", "-t", "-f", "-p", "--user", "--es", "-e", "--ei", "--ez", "--eia", "--el", "--ef", "--esa",
}  # fmt: skip
_EXTRAS = {"--es", "-e", "--ei", "--ez", "--eia", "--el", "--ef", "--esa"}


class Intent:
    """An intent in the syntax of `am`."""

    def __init__(self, words: list[str]) -> None:
        self.options: dict[str, str] = {}
        self.extras: dict[str, str] = {}
        self.flags: set[str] = set()
        self.component = ""
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if word in _EXTRAS and len(rest) > 1:
                name = rest.pop(0)
                self.extras[name] = rest.pop(0)
            elif word in _VALUED and rest:
                self.options[word] = rest.pop(0)
            elif word.startswith("-"):
                self.flags.add(word)
            else:
                self.component = word
        self.component = self.options.get("-n", self.component or self.options.get("-p", ""))
        self.action = self.options.get("-a", "")
        self.data = self.options.get("-d", "")

    def __str__(self) -> str:
        parts = [("act", self.action), ("cat", f"[{self.options.get('-c', '')}]" if "-c" in self.options else "")]
        parts += [("dat", self.data), ("cmp", self.component)]
        text = " ".join(f"{name}={value}" for name, value in parts if value)
        return f"Intent {{ {text}{' (has extras)' if self.extras else ''} }}"


async def am(job: Job) -> int:
    verb, rest = (job.arguments[:1] or [""])[0], job.arguments[1:]
    if verb in {"start", "start-activity"}:
        return await _start(job, Intent(rest))
    if verb == "broadcast":
        return await _broadcast(job, Intent(rest))
    if verb in {"force-stop", "kill"} and rest:
        await job.phone.ask("stop", rest[-1])
        return 0
    if verb in {"startservice", "start-service", "kill-all", "wait-for-broadcast-idle"}:
        return 0
    return await job.fail(f"Error: unknown command '{verb}'", 255)


async def _start(job: Job, intent: Intent) -> int:
    await job.out(f"Starting: {intent}")
    app, activity = _resolve(job, intent)
    if app is None or activity is None:
        if intent.component and "/" in intent.component:
            await job.out("Error type 3")
            return await job.out(f"Error: Activity class {{{intent.component}}} does not exist.")
        return await job.fail(f"Error: Activity not started, unable to resolve {intent}")
    if "-S" in intent.flags:
        await job.phone.ask("stop", app.package)
    query = _query(intent)
    await job.phone.act(partial(_open, job, app, activity, query))
    if "-W" in intent.flags:
        await job.out(f"Status: ok\nLaunchState: HOT\nActivity: {app.package}/.{activity}\nTotalTime: 30\nWaitTime: 32")
        return await job.out("Complete")
    return 0


async def _open(job: Job, app: App, activity: str, query: str) -> None:
    await job.phone.screen.call("start", app.package, activity, query)
    await job.phone.screen.settle()


def _resolve(job: Job, intent: Intent) -> tuple[App | None, str | None]:
    """The app and the activity of an intent."""
    if intent.component:
        package, _, name = intent.component.partition("/")
        if intent.component == ODD and job.phone.properties.number("sim.odd_apps"):
            package, _, name = ODD_OPENS.partition("/")
        app = job.phone.app(package)
        if app is None:
            return None, None
        activity = name.removeprefix(package).removeprefix(".") or app.main_activity
        return (app, activity) if activity in app.activities else (app, None)
    scheme = urlsplit(intent.data).scheme
    wanted = f"{intent.action} {scheme}".strip()
    if "android.intent.category.HOME" in intent.options.get("-c", ""):
        wanted = "android.intent.category.HOME"
    for app in job.phone.apps:
        if wanted in app.actions:
            return app, app.actions[wanted]
    return None, None


def _query(intent: Intent) -> str:
    """The search text of `geo:0,0?q=pizza` or of an extra; for a page, its whole address."""
    if urlsplit(intent.data).scheme == "http":
        return intent.data
    found = parse_qs(urlsplit(intent.data).query).get("q", [""])[0]
    return found or intent.extras.get("query", "")


async def _broadcast(job: Job, intent: Intent) -> int:
    await job.out(f"Broadcasting: {intent}")
    name = intent.action
    if name.startswith("clipper.") and not job.phone.properties.number("sim.no_clipper"):
        if name == "clipper.set":
            await job.phone.set_clipboard(intent.extras.get("text", ""))
            return await job.out('Broadcast completed: result=-1, data="Text is copied into clipboard."')
        return await job.out(f'Broadcast completed: result=-1, data="{job.phone.clipboard}"')
    listens = job.phone.helper_bound() and not job.phone.properties.number("sim.ime_deaf")
    if name.startswith("ADB_") and listens:
        try:
            await _type(job, name, intent.extras)
        except (binascii.Error, UnicodeDecodeError, ValueError) as error:
            return await job.fail(f"com.android.adbkeyboard: {error}")
    return await job.out("Broadcast completed: result=0")


async def _type(job: Job, name: str, extras: dict[str, str]) -> None:
    """The ADBKeyboard input method's action, if it is active and a field has the focus."""
    window = await job.phone.window()
    if not window.focused:
        return
    screen = job.phone.screen
    text = extras.get("msg", "")
    if name == "ADB_INPUT_TEXT":
        await job.phone.act(partial(screen.insert, text))
    elif name == "ADB_INPUT_B64":
        await job.phone.act(partial(screen.insert, base64.b64decode(text, validate=True).decode("utf-8")))
    elif name == "ADB_INPUT_CHARS":
        typed = "".join(chr(int(number)) for number in extras.get("chars", "").split(","))
        await job.phone.act(partial(screen.insert, typed))
    elif name == "ADB_CLEAR_TEXT":
        await job.phone.ask("clearText")
    elif name == "ADB_INPUT_CODE":
        await job.phone.act(partial(press_key, job, int(extras.get("code", "0"))))
    elif name == "ADB_EDITOR_CODE":
        await job.phone.act(partial(press_key, job, 66))


async def monkey(job: Job) -> int:
    """Only `monkey -p PACKAGE [-c CATEGORY] 1`, which opens an app; random events are not implemented.

    As on a phone, it switches the automatic rotation on.
    """
    job.phone.documents.set_setting("system", "accelerometer_rotation", "1")
    await job.phone.deliver()
    words = job.arguments
    package = words[words.index("-p") + 1] if "-p" in words[:-1] else ""
    app = job.phone.app(package)
    if app is None:
        return await job.fail("** No activities found to run, monkey aborted.", 252)
    await job.phone.act(partial(_open, job, app, app.main_activity, ""))
    return await job.out("Events injected: 1")


COMMANDS = {"am": am, "monkey": monkey}
