"""The apps that are installed and the state of each, one JSON object per app; the only copy is here."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Document: TypeAlias = dict[str, Json]

SETTINGS = "com.simphone.settings"
LAUNCHER = "com.simphone.launcher"


class App(BaseModel):
    """One app as its `app.json` describes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    label: str
    color: str
    secure: bool = False
    """Whether its window is black in screen captures, as with FLAG_SECURE."""
    activities: dict[str, str]
    """The screen of each activity; the first one is the start screen."""
    actions: dict[str, str] = Field(default_factory=dict)
    """The activity that answers an intent's action."""
    state: dict[str, object]
    """Its initial state."""

    @property
    def main_activity(self) -> str:
        return next(iter(self.activities))


def read_apps() -> tuple[App, ...]:
    """The apps in the `apps` folder, by package."""
    found = Path(__file__).with_name("apps").glob("*/app.json")
    apps = (App.model_validate_json(path.read_text(encoding="utf-8")) for path in found)
    return tuple(sorted(apps, key=lambda app: app.package))


class Documents:
    """Each app's state by package. Changes from outside the screen are marked until the screen has read them."""

    def __init__(self, apps: Sequence[App]) -> None:
        self._initial: dict[str, Document] = {app.package: json.loads(json.dumps(app.state)) for app in apps}
        self._now = copy.deepcopy(self._initial)
        self._undelivered: set[str] = set(self._now)

    def read(self, package: str) -> Document:
        """A copy of an app's state."""
        return copy.deepcopy(self._now[package])

    def text(self, package: str) -> bytes:
        return (json.dumps(self._now[package], indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()

    def write_text(self, package: str, data: bytes) -> None:
        """Replaces an app's state by written data.

        Raises:
            ValueError: it is not a JSON object with the entries that the app needs.
        """
        found = json.loads(data.decode("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("the state of an app is a JSON object")
        for name, value in self._initial[package].items():
            if name not in found:
                raise ValueError(f"{name!r} is missing")
            if type(found[name]) is not type(value):
                raise ValueError(f"{name!r} must be a {type(value).__name__}, not a {type(found[name]).__name__}")
        self.write(package, found)

    def write(self, package: str, document: Document) -> None:
        self._now[package] = document
        self._undelivered.add(package)

    def accept(self, package: str, document: Document) -> None:
        """Stores an app's state from the screen, which needs no notice of it."""
        self._now[package] = document

    def reset(self, package: str) -> None:
        self.write(package, copy.deepcopy(self._initial[package]))

    def take_undelivered(self) -> dict[str, Document]:
        """Changes that the screen has not read yet; returned once."""
        found = {package: self._now[package] for package in sorted(self._undelivered)}
        self._undelivered.clear()
        return found

    def setting(self, namespace: str, name: str) -> str | None:
        """An Android setting, as `settings get` prints it."""
        value = self._table(namespace).get(name)
        return None if value is None else str(value)

    def settings(self, namespace: str) -> dict[str, str]:
        return {name: str(value) for name, value in sorted(self._table(namespace).items())}

    def set_setting(self, namespace: str, name: str, value: str | None) -> None:
        """Sets a setting, or deletes it with None."""
        table = self._table(namespace)
        if value is None:
            table.pop(name, None)
        else:
            table[name] = value
        self._undelivered.add(SETTINGS)

    def _table(self, namespace: str) -> Document:
        table = self._now[SETTINGS][namespace]
        if not isinstance(table, dict):
            raise ValueError(f"the settings named {namespace!r} are not a table")
        return table
