"""`complaint`: what one check finds wrong with the device's state or with the answer."""

from functools import singledispatch
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from actions.errors import UsageError
from agent.episode import Episode
from devices import Environment
from tasks.scripted.schema import AdbCheck, AnswerCheck, FileCheck, RegionCheck, TextCheck, UrlCheck

SHOWN = 200
DIFFERENT = 24
"""Levels of 256 by which a pixel's colour must differ to count; less is font smoothing."""


class Scene(NamedTuple):
    """The data that a check may inspect."""

    environment: Environment
    episode: Episode
    folder: Path


@singledispatch
def complaint(check: object, scene: Scene) -> str | None:
    """Why the check does not hold; None if it does.

    Raises:
        UsageError: the check does not fit the device. DeviceFailure: the device is lost.
    """
    raise TypeError(f"not a check: {check!r}")


@complaint.register
def _(check: UrlCheck, scene: Scene) -> str | None:
    from tasks.worlds.pages import evaluate

    url = str(evaluate(scene.environment, "location.href"))
    return None if check.holds(url) else f"the address is {url!r}"


@complaint.register
def _(check: TextCheck, scene: Scene) -> str | None:
    text = _text(scene.environment)
    return None if check.holds(text) else f"{_wanted(check)} is not on the screen"


@complaint.register
def _(check: AnswerCheck, scene: Scene) -> str | None:
    return None if check.holds(scene.episode.declared) else f"the answer is {scene.episode.declared[:SHOWN]!r}"


@complaint.register
def _(check: FileCheck, scene: Scene) -> str | None:
    try:
        text = (scene.folder / check.path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return f"the file {check.path} cannot be read: {error.strerror}"
    return None if check.holds(text) else f"the file {check.path} contains {text[:SHOWN]!r}"


@complaint.register
def _(check: AdbCheck, scene: Scene) -> str | None:
    from tasks.worlds.phones import phone_of

    printed = phone_of(scene.environment).read(*check.command)
    return None if check.holds(printed) else f"{' '.join(check.command)} prints {printed.strip()[:SHOWN]!r}"


@complaint.register
def _(check: RegionCheck, scene: Scene) -> str | None:
    try:
        with Image.open(scene.folder / check.picture) as file:
            wanted = file.convert("RGB")
    except OSError as error:
        raise UsageError(f"The picture {scene.folder / check.picture} of a check cannot be read: {error}.") from error
    seen = scene.environment.observe()
    across, down = seen.image.width / seen.screen.width, seen.image.height / seen.screen.height
    left, top, right, bottom = check.box
    part = seen.image.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    if part.size != wanted.size:
        return f"the region is {part.width}x{part.height} pixels, its picture {wanted.width}x{wanted.height}"
    levels = np.abs(np.asarray(part, np.int16) - np.asarray(wanted, np.int16)).max(axis=2)
    differing = float((levels > DIFFERENT).mean())
    return None if differing <= check.tolerance else f"{100 * differing:.1f} % of the region's pixels differ"


def _text(environment: Environment) -> str:
    """The text on the screen, as the device reports it."""
    if type(environment).__name__ == "Android":
        from tasks.worlds.phones import texts

        return "\n".join(texts(environment))
    from tasks.worlds.pages import evaluate

    return str(evaluate(environment, "document.body ? document.body.innerText : ''"))


def _wanted(check: TextCheck) -> str:
    return repr((check.contains if check.contains is not None else check.equals or "")[:SHOWN])
