"""Finds an installed app by the name under its icon or by its package.

adb tells packages and not the names under the icons, so a name is compared with the words of the package: "Maps" is
`com.google.android.apps.maps`.
"""

import re

from actions.errors import ActionRefused
from devices.adb.connection import Connection

_LAUNCHABLE = (
    "cmd", "package", "query-activities", "--brief", "-a", "android.intent.action.MAIN",
    "-c", "android.intent.category.LAUNCHER",
)  # fmt: skip


def find_app(phone: Connection, app: str) -> str:
    """The package of the app.

    Raises:
        ActionRefused: no app, or more than one, has that name; the message names those there are.
    """
    packages = _packages(phone)
    if app in packages:
        return app
    wanted = re.sub(r"[^a-z0-9]", "", app.lower())
    found = [package for package in packages if wanted and wanted in re.sub(r"[^a-z0-9.]", "", package).split(".")]
    if len(found) == 1:
        return found[0]
    if found:
        raise ActionRefused(f"Several apps could be {app!r}: {', '.join(found)}. Name one by its package.")
    raise ActionRefused(f"No app is called {app!r}. Installed are: {', '.join(packages)}.")


def _packages(phone: Connection) -> list[str]:
    """The packages that have an icon, else all that are installed."""
    listed = phone.read(*_LAUNCHABLE)
    found = sorted(set(re.findall(r"^\s*([\w.]+)/[\w.$]+\s*$", listed, re.MULTILINE)))
    return found or sorted(re.findall(r"^package:([\w.]+)", phone.read("pm", "list", "packages"), re.MULTILINE))
