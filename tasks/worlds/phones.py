"""Queries the phone of an Android environment, for tasks that set up, score and solve by its state."""

import json
import re
from typing import Any
from urllib.parse import urlsplit

from actions.errors import DeviceFailure, UsageError
from actions.geometry import Box, Point
from devices import Environment
from devices.android.connection import Connection
from devices.android.device import Android
from devices.android.elements import elements


def phone_of(environment: Environment) -> Connection:
    """The connection to the phone. Raises UsageError if the environment is not a phone."""
    if not isinstance(environment, Android):
        raise UsageError(f"This task runs on the android device, not on {type(environment).__name__}.")
    return environment.phone


def state(environment: Environment, app: str) -> dict[str, Any]:
    """The state of one of SimPhone's apps."""
    found = json.loads(phone_of(environment).read("cat", f"/data/data/com.simphone.{app}/state.json"))
    assert isinstance(found, dict), found
    return found


def setting(environment: Environment, namespace: str, key: str) -> str:
    """One of the phone's settings."""
    return phone_of(environment).read("settings", "get", namespace, key).strip()


def show_page(environment: Environment, url: str) -> None:
    """Opens a page of this machine's loopback server in the phone's browser, through a forwarded port."""
    phone = phone_of(environment)
    phone.reverse(urlsplit(url).port or 80)
    phone.act("am", "start", "-W", "-a", "android.intent.action.VIEW", "-d", url)


def shows_page(environment: Environment) -> bool:
    """Whether the phone's browser is in front."""
    return "com.simphone.browser" in phone_of(environment).read("dumpsys", "window", "windows")


def middle(environment: Environment, wanted: str) -> Point:
    """The centre of the element with that text, description or resource name.

    Raises:
        DeviceFailure: there is none on the screen.
    """
    left, top, right, bottom = map(int, bounds(environment, wanted))
    return Point((left + right) // 2, (top + bottom) // 2)


def bounds(environment: Environment, wanted: str) -> Box:
    """The box of the element with that text, description or resource name, in pixels.

    Raises:
        DeviceFailure: there is none on the screen.
    """
    for node in elements(phone_of(environment)):
        names = (node.get("text"), node.get("content-desc"), node.get("resource-id", "").rpartition("/")[2])
        if wanted in names:
            return Box(*map(int, re.findall(r"-?\d+", node.get("bounds", ""))))
    raise DeviceFailure(f"{wanted!r} is not on the phone's screen.")


def texts(environment: Environment) -> list[str]:
    """The texts and descriptions of the elements on the screen, from the top of their tree."""
    said = (node.get(name, "") for node in elements(phone_of(environment)) for name in ("text", "content-desc"))
    return [text for text in said if text]
