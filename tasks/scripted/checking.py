"""`unmet`: which checks do not hold for the device's state or the answer, and what is there instead."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import singledispatch
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from actions.errors import TaskFailure
from actions.geometry import Box
from agent.episode import Episode, Verification
from devices import Environment, Observation
from devices.wrappers.settled import Settled
from tasks.scripted.checks import (
    SHOWN,
    AdbCheck,
    AnswerCheck,
    BaseCheck,
    CommandCheck,
    ElementCheck,
    FileCheck,
    JavaScriptCheck,
    QuestionCheck,
    RegionCheck,
    TextCheck,
    TitleCheck,
    UrlCheck,
)
from tasks.worlds.printed import as_read
from tasks.worlds.texts import text_on

AGAIN_S = 0.1
"""How long to wait before a check is made again."""
COMMAND_S = 30.0
DIFFERENT = 24
"""Levels of 256 by which a pixel's colour must differ to count; less is font smoothing."""


Judging = Callable[[str, Observation], Verification]
"""Answers a question about a screen with yes or no, as `agent.verifying.Judge` does."""


class Scene(NamedTuple):
    """The data that a check may inspect."""

    environment: Environment
    episode: Episode
    folder: Path
    judge: Judging | None = None
    """The model that answers questions; None where there is none."""


class Found(NamedTuple):
    """Whether a check holds, without its negation, and what is there."""

    holds: bool | None
    """None if that cannot be said, so that neither the check nor its negation holds."""
    there: str
    box: Box | None = None
    """Where on the screen it looked, in input pixels."""


class Unmet(NamedTuple):
    """A check that does not hold: what was expected and what is there, and where on the screen."""

    expected: str
    there: str
    box: Box | None

    @property
    def why(self) -> str:
        return f"expected that {self.expected}; {self.there}"


def unmet(checks: Sequence[BaseCheck], scene: Scene) -> list[Unmet]:
    """The checks that do not hold, each after the time that it may take, counted from this call; questions last.

    Raises:
        TaskFailure: a check cannot be made. DeviceFailure: the device is lost. EngineFailure: the model is.
    """
    started = time.monotonic()
    in_turn = sorted(checks, key=lambda check: isinstance(check, QuestionCheck))
    return [found for check in in_turn if (found := _unmet(check, scene, started + check.within_s))]


def _unmet(check: BaseCheck, scene: Scene, until: float) -> Unmet | None:
    while True:
        found = look_up(check, scene)
        if found.holds is not None and found.holds != check.negated:
            return None
        if check.once or time.monotonic() >= until:
            wanted = f"this does not hold: {check.expected()}" if check.negated else check.expected()
            return Unmet(wanted, found.there, found.box)
        time.sleep(AGAIN_S)


@singledispatch
def look_up(check: BaseCheck, scene: Scene) -> Found:
    """What is there now.

    Raises:
        TaskFailure: the check cannot be made. DeviceFailure: the device is lost.
    """
    raise TypeError(f"not a check: {check!r}")


@look_up.register
def _(check: UrlCheck, scene: Scene) -> Found:
    url = str(_evaluate(scene, "location.href"))
    return Found(check.holds(url), f"it is {_shown(url)}")


@look_up.register
def _(check: TitleCheck, scene: Scene) -> Found:
    title = _title(scene)
    return Found(check.holds(title), f"it is {_shown(title)}")


@look_up.register
def _(check: TextCheck, scene: Scene) -> Found:
    text = _text(scene)
    return Found(check.holds(text, as_read if _is_desktop(scene) else str), f"the text is {_shown(text)}")


@look_up.register
def _(check: AnswerCheck, scene: Scene) -> Found:
    answer = scene.episode.declared
    return Found(check.holds(answer), f"it is {_shown(answer)}")


@look_up.register
def _(check: FileCheck, scene: Scene) -> Found:
    try:
        text = (scene.folder / check.path).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return Found(False, f"the file cannot be read: {error.strerror}")
    if not check.given:
        return Found(True, "it exists")
    if check.at is None:
        return Found(check.holds(text), f"it contains {_shown(text)}")
    try:
        value = _value_at(json.loads(text), check.at)
    except (ValueError, RecursionError) as error:
        return Found(False, f"the file is not valid JSON: {error}")
    except LookupError as error:
        return Found(False, f"the file has no {error.args[0]!r}")
    held = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Found(check.holds(held), f"it is {_shown(held)}")


@look_up.register
def _(check: AdbCheck, scene: Scene) -> Found:
    from tasks.worlds.phones import phone_of

    printed = phone_of(scene.environment).read(*check.command)
    return Found(check.holds(printed), f"it is {_shown(printed)}")


@look_up.register
def _(check: CommandCheck, scene: Scene) -> Found:
    try:
        done = subprocess.run(check.command, cwd=scene.folder, capture_output=True, timeout=COMMAND_S, check=False)
    except subprocess.TimeoutExpired:
        return Found(False, f"it did not end within {COMMAND_S:g} s")
    except OSError as error:
        raise TaskFailure(f"The command {check.command[0]!r} of a check cannot be run: {error.strerror}.") from error
    printed = (done.stdout + done.stderr).decode("utf-8", "replace")
    holds = done.returncode == check.exit_code and (not check.given or check.holds(printed))
    return Found(holds, f"it ended with {done.returncode} and printed {_shown(printed)}")


@look_up.register
def _(check: JavaScriptCheck, scene: Scene) -> Found:
    from tasks.worlds.pages import ExpressionFailure

    try:
        value = _evaluate(scene, check.expression)
    except ExpressionFailure as failure:  # such as a variable that the page has not defined yet
        return Found(None, _shown(str(failure)))
    return Found(
        value == check.equals and isinstance(value, bool) == isinstance(check.equals, bool), f"it is {value!r}"
    )


@look_up.register
def _(check: ElementCheck, scene: Scene) -> Found:
    from tasks.worlds.pages import element_facts

    facts = element_facts(scene.environment, check.selector, check.role, check.name)
    holds, said = True, []
    if check.count is not None:
        holds, said = facts.number == check.count, [f"there are {facts.number}"]
    elif not facts.number:
        return Found(check.wanted_state == "hidden" and check.value is None, "there is none")
    if check.wanted_state:
        holds = holds and check.wanted_state in facts.states
        said.append(f"it is {', '.join(facts.states)}")
    if check.value is not None:
        holds = holds and facts.value is not None and facts.value.strip() == check.value.strip()
        said.append(f"it has the value {_shown(facts.value or '')}")
    return Found(holds, " and ".join(said), facts.box)


@look_up.register
def _(check: RegionCheck, scene: Scene) -> Found:
    try:
        with Image.open(scene.folder / check.picture) as file:
            wanted = file.convert("RGB")
    except OSError as error:
        raise TaskFailure(f"The picture {scene.folder / check.picture} of a check cannot be read: {error}.") from error
    seen = scene.environment.observe()
    across, down = seen.image.width / seen.screen.width, seen.image.height / seen.screen.height
    left, top, right, bottom = check.box
    part = seen.image.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    if part.size != wanted.size:
        said = f"the region is {part.width}x{part.height} pixels, its picture {wanted.width}x{wanted.height}"
        return Found(False, said, check.box)
    levels = np.abs(np.asarray(part, np.int16) - np.asarray(wanted, np.int16)).max(axis=2)
    differing = float((levels > DIFFERENT).mean())
    said = f"{100 * differing:.1f} % of its pixels differ, and {100 * check.tolerance:g} % may"
    return Found(differing <= check.tolerance, said, check.box)


@look_up.register
def _(check: QuestionCheck, scene: Scene) -> Found:
    if scene.judge is None:
        raise TaskFailure(f"There is no model to ask {check.asks!r}.")
    look = Settled(scene.environment, deadline_s=check.within_s).observe()
    with scene.environment.clock.stopped():  # an answer may take longer than the device has time
        made = scene.judge(check.asks, look)
    return Found(made.holds, f"it is {'yes' if made.holds else 'no'}: {_shown(made.reason)}")


def _value_at(value: Any, place: str) -> Any:
    """The part of a JSON value at a place such as `orders[0].total`. Raises LookupError with the missing part."""
    for key, index in re.findall(r"([^.\[\]]+)|\[(\d+)\]", place):
        try:
            value = value[int(index)] if index else value[key]
        except (LookupError, TypeError) as error:
            raise LookupError(key or f"[{index}]") from error
    return value


def _evaluate(scene: Scene, expression: str) -> Any:
    from tasks.worlds.pages import evaluate

    return evaluate(scene.environment, expression)


def _is_desktop(scene: Scene) -> bool:
    return type(scene.environment).__name__ == "Desktop"


def _title(scene: Scene) -> str:
    if _is_desktop(scene):
        from tasks.worlds.desktops import title_of

        return title_of(scene.environment)
    return str(_evaluate(scene, "document.title"))


def _text(scene: Scene) -> str:
    """The text on the screen, as the device reports it, or as it is read off a desktop's picture."""
    if _is_desktop(scene):
        from tasks.worlds.desktops import texts as read

        return "\n".join(read(scene.environment))
    return text_on(scene.environment)


def _shown(text: str) -> str:
    return repr(text.strip()[:SHOWN]) + (f" and {len(text.strip()) - SHOWN} more" if len(text.strip()) > SHOWN else "")
