"""`StateCheck`: the user's own checks of the device, made before the model's word that it is done counts.

A check is a phrase: `url contains /thanks`, `text contains Thank you`, `answer equals 42`,
`file notes.txt contains milk`, `adb settings get global wifi_on equals 1`, or `region 10,20,110,60 is wanted.png`.
`title` is another subject, `matches` takes a regular expression, and `not` before a phrase negates it.
"""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from actions.action import Action
from actions.control import Answer, Finish
from actions.errors import UsageError
from agent.episode import Ending, Episode, Step, Turn, Verification
from devices import Environment, Observation
from tasks.scripted.checking import Scene, unmet
from tasks.scripted.checks import DEVICES, Check, TextCheck
from tasks.worlds import printed

FORMS = (
    "'url contains /thanks', 'text contains Thank you', 'answer equals 42', 'file PATH contains TEXT', "
    "'adb COMMAND equals TEXT', 'region LEFT,TOP,RIGHT,BOTTOM is PICTURE'"
)
_WORDS = re.compile(
    r"(not\s+)?(url|title|text|answer|file|adb)\s+(?:(.*?)\s+)?(contains|equals|matches)\s+(.+)", re.DOTALL
)
_REGION = re.compile(r"region\s+([\d.]+(?:,[\d.]+){3})\s+is\s+(.+)", re.DOTALL)
_WITHIN_S = 1.0
"""How long a check may take to hold once the screen is at rest."""
_CHECK: TypeAdapter[Check] = TypeAdapter(Check)


def read_check(phrase: str, device: str) -> Check:
    """The check that a phrase describes.

    Raises:
        UsageError: it describes none, or one that this device cannot make.
    """
    words, region = _WORDS.fullmatch(phrase.strip()), _REGION.fullmatch(phrase.strip())
    try:
        if region:
            box = [float(edge) for edge in region[1].split(",")]
            found = _CHECK.validate_python({"kind": "region", "box": box, "picture": region[2]})
            if not Path(region[2]).is_file():
                raise UsageError(f"The check {phrase!r} needs the picture {region[2]}, which is not there.")
        elif words:
            negation, kind, subject, how, text = words.groups(default="")
            given = {"path": subject} if kind == "file" else {"command": shlex.split(subject)} if kind == "adb" else {}
            if bool(given) != bool(subject):
                raise UsageError(f"{phrase!r} is no check. Write one like {FORMS}.")
            found = _CHECK.validate_python(
                {"kind": kind, "not": bool(negation), how: text, "within_s": _WITHIN_S, **given}
            )
        else:
            raise UsageError(f"{phrase!r} is no check. Write one like {FORMS}.")
    except (ValidationError, ValueError) as error:
        raise UsageError(f"{phrase!r} is no check: {str(error).splitlines()[0]}. Write one like {FORMS}.") from error
    if isinstance(found, TextCheck) and device == "desktop" and not printed.available():
        raise UsageError(printed.NEEDED)
    if device not in DEVICES.get(found.kind, (device,)):
        raise UsageError(f"The check {phrase!r} is for {' and '.join(DEVICES[found.kind])}; the device is {device}.")
    return found


class StateCheck:
    """Confirms a claim where every check holds on the device. Paths start at the current folder."""

    def __init__(self, device: Environment, checks: Sequence[tuple[str, Check]]) -> None:
        """`checks` are each a phrase and what it describes."""
        self._device = device
        self._checks = checks

    def __call__(
        self, instruction: str, steps: Sequence[Step], turn: Turn, observation: Observation, look: Observation
    ) -> Verification:
        """Raises DeviceFailure where the device is lost."""
        episode = Episode(instruction, tuple(steps), Ending.ANSWERED, _said(turn.action))
        scene = Scene(self._device, episode, Path())
        wrong = [
            f"'{phrase}' does not hold: {found.there}."
            for phrase, check in self._checks
            for found in unmet([check], scene)
        ]
        asked = "; ".join(phrase for phrase, _ in self._checks)
        return Verification(look, asked, not wrong, " ".join(wrong) or "Every check holds.")


def _said(action: Action | None) -> str:
    return action.text if isinstance(action, Answer | Finish) else ""
