"""Queries the phone of an Android environment, for tasks that set up, score and solve by its state."""

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from actions.action import Action
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Box, Point
from actions.touch import Swipe, Tap
from devices import Environment
from devices.android.connection import Connection
from devices.android.device import Android
from devices.android.elements import elements

MOST_SWIPES = 4
"""How often a solution swipes for an element that is out of view."""


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


def write_state(environment: Environment, app: str, changes: Mapping[str, Any]) -> None:
    """Changes entries of the state of one of SimPhone's apps."""
    text = json.dumps({**state(environment, app), **changes})
    phone_of(environment).act("sh", "-c", f"echo {shlex.quote(text)} > /data/data/com.simphone.{app}/state.json")


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


def in_front(environment: Environment) -> str:
    """The package and the class of the activity in front; empty if there is none.

    Such as `com.simphone.maps/com.simphone.maps.PlaceActivity`.
    """
    found = re.search(r"mCurrentFocus=Window\{\S+ \S+ (\S+)\}", phone_of(environment).read("dumpsys", "window"))
    return found[1] if found else ""


def played(environment: Environment, moves: Iterable[str | Action]) -> Iterator[Action]:
    """A solution: taps on named elements, each located when its turn comes, and other actions.

    Raises:
        DeviceFailure: an element is not on the screen, and swiping upwards does not bring it there.
    """
    for move in moves:
        if not isinstance(move, str):
            yield move
            continue
        for _ in range(MOST_SWIPES):
            if _boxes(environment, move):
                break
            width, height = environment.observe().screen
            yield Swipe(
                start=Point(width // 2, height * 3 // 5), end=Point(width // 2, height // 3)
            )  # above a row of tabs
        yield Tap(point=middle(environment, move))


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
    if not (boxes := _boxes(environment, wanted)):
        raise DeviceFailure(f"{wanted!r} is not on the phone's screen.")
    return boxes[0]


def _boxes(environment: Environment, wanted: str) -> list[Box]:
    """The boxes of the elements with that text, description or resource name, from the top of their tree."""
    return [
        Box(*map(int, re.findall(r"-?\d+", node.get("bounds", ""))))
        for node in elements(phone_of(environment))
        if wanted in (node.get("text"), node.get("content-desc"), node.get("resource-id", "").rpartition("/")[2])
    ]


def texts(environment: Environment) -> list[str]:
    """The texts and descriptions of the elements on the screen, from the top of their tree."""
    said = (node.get(name, "") for node in elements(phone_of(environment)) for name in ("text", "content-desc"))
    return [text for text in said if text]
