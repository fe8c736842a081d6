"""Secrets on a phone: typed into the focused field of their app, and found where elements on the screen show them."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree

from actions.errors import ActionRefused
from actions.geometry import Box
from actions.secrets import Secret, Secrets
from devices.android.connection import Connection, Slow
from devices.android.elements import elements, is_field
from devices.android.text import type_text
from devices.android.touching import front

SECRECY = (
    "On a phone a secret is painted over only where the screen's elements hold it as text: not in a picture, not in "
    "the keyboard's suggestions, and not while the screen moves."
)
FIND_S = 6.0
"""How long the phone may take to report the elements; it waits for a screen at rest."""
_BOUNDS = re.compile(r"\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]")


def type_secret(phone: Connection, secret: Secret) -> str:
    """Types the value into the focused field; returns a report.

    The field is looked for first, which takes a moment; right before the typing the phone is asked whether the app
    still has the keys.

    Raises:
        ActionRefused: no field has the focus, or it is not one for this secret. Nothing was typed.
    """
    try:
        field = next((node for node in elements(phone, FIND_S) if node.get("focused") == "true"), None)
    except (ValueError, Slow) as error:
        raise ActionRefused(f"The screen moves, so its fields are not known. {secret} was not typed.") from error
    if field is None or not is_field(field):
        raise ActionRefused(f"No field that takes text has the focus, so {secret} was not typed. Tap one first.")
    apps = {field.get("package", ""), front(phone)}
    if apps != {secret.place}:
        there = ", ".join(sorted(apps - {secret.place, ""})) or "an unknown app"
        raise ActionRefused(f"{secret} is for {secret.place}, and the focus is in {there}. It was not typed.")
    if secret.into_password and field.get("password") != "true":
        raise ActionRefused(f"{secret} is typed only into a password field, and another field has the focus.")
    return type_text(phone, secret.value, f"{secret} was typed")


def showing(phone: Connection, secrets: Secrets) -> list[Box] | None:
    """Where elements on the screen show a secret, in its pixels; None if the phone does not report them now."""
    try:
        return [box for node in elements(phone, FIND_S) if (box := _shown(node, secrets))]
    except (ValueError, Slow):
        return None


def _shown(node: ElementTree.Element, secrets: Secrets) -> Box | None:
    if all(secrets.masked(text) == text for text in _texts(node)):
        return None
    bounds = _BOUNDS.fullmatch(node.get("bounds", ""))
    return Box(*map(float, bounds.groups())) if bounds else None


def _texts(node: ElementTree.Element) -> Iterator[str]:
    return (node.get(name, "") for name in ("text", "content-desc", "hint"))
