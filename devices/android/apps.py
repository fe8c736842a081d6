"""Finds an installed app by the name under its icon or by its package, and the activity that its icon starts.

adb lists packages, not the labels of icons, so a name is compared with the words of the package: "Maps" is
`com.google.android.apps.maps`.
"""

import re
import unicodedata

from actions.errors import ActionRefused
from devices.android.connection import Connection

SHOWN = 60
"""The most packages that a refusal lists."""
_LAUNCHER = ("-a", "android.intent.action.MAIN", "-c", "android.intent.category.LAUNCHER")
_COMPONENT = re.compile(r"^\s*([\w.]+)/([\w.$]+)\s*$", re.MULTILINE)
_FLAGS = "0x10200000"
"""FLAG_ACTIVITY_NEW_TASK and FLAG_ACTIVITY_RESET_TASK_IF_NEEDED, as a launcher sets them."""


def open_app(phone: Connection, app: str) -> str:
    """Starts an app like its icon, and returns its package.

    Raises:
        ActionRefused: no app, or more than one, has that name (the message lists the candidates), or it did not start.
    """
    package = find_app(phone, app)
    said = phone.act("am", "start", *_LAUNCHER, "-f", _FLAGS, "-n", _activity(phone, package))
    if re.search(r"^(Error|Exception|java\.|Security)", said, re.MULTILINE):
        raise ActionRefused(f"{app!r} ({package}) did not open: {said[-200:]}")
    return package


def find_app(phone: Connection, app: str) -> str:
    """The package of the app.

    Raises:
        ActionRefused: no app, or more than one, has that name; the message lists the candidates.
    """
    packages = _packages(phone)
    if app in packages:
        return app
    words = _words(app)
    exact = [package for package in packages if "".join(words) in _parts(package)]
    named = words and min(map(len, words)) > 1  # every package contains a single letter
    found = exact or [package for package in packages if named and all(word in _joined(package) for word in words)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ActionRefused(f"Several apps match {app!r}: {_listed(found)}. Name one by its package.")
    raise ActionRefused(f"No app is called {app!r}. The installed apps are: {_listed(packages)}.")


def _activity(phone: Connection, package: str) -> str:
    """The component that the app's icon starts; the phone chooses it if there are several."""
    resolved = phone.read("cmd", "package", "resolve-activity", "--brief", *_LAUNCHER, package)
    for name, activity in _COMPONENT.findall(resolved):
        if name == package:
            return f"{package}/{activity}"
    raise ActionRefused(f"The app {package} has no icon that starts it.")


def _packages(phone: Connection) -> list[str]:
    """The packages that have an icon, or all installed ones."""
    found = {
        name for name, _ in _COMPONENT.findall(phone.read("cmd", "package", "query-activities", "--brief", *_LAUNCHER))
    }
    return sorted(found) or sorted(re.findall(r"^package:([\w.]+)", phone.read("pm", "list", "packages"), re.MULTILINE))


def _words(name: str) -> list[str]:
    """The words of a name, in lower case and without accents."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.findall(r"[^\W_]+", "".join(char for char in plain if not unicodedata.combining(char)))


def _parts(package: str) -> set[str]:
    return {"".join(_words(part)) for part in package.split(".")} - {""}


def _joined(package: str) -> str:
    return " ".join("".join(_words(part)) for part in package.split("."))


def _listed(packages: list[str]) -> str:
    more = f", and {len(packages) - SHOWN} more" if len(packages) > SHOWN else ""
    return ", ".join(packages[:SHOWN]) + more
