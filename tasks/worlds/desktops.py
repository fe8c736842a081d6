"""What a desktop shows in words, for checks of tasks and for recordings."""

from actions.errors import DeviceFailure, UsageError
from actions.keyboard import Press
from devices import Environment
from devices.desktop.device import Desktop
from devices.rules.places import Detail
from tasks.worlds.printed import lines_in


def title_of(environment: Environment) -> str:
    """The title of the window with the keyboard focus; empty if it has none.

    Raises:
        UsageError: the environment is not a desktop. DeviceFailure: the display is lost, or tells no titles.
    """
    if not isinstance(environment, Desktop):
        raise UsageError(f"This task runs on the desktop device, not on {type(environment).__name__}.")
    (place,) = environment.touches(Press(keys=("escape",)), Detail.APP)
    if place.unread and place.box is None:
        raise DeviceFailure(f"The title of the window with the focus is not known. {place.unread}")
    return place.title


def texts(environment: Environment) -> list[str]:
    """The lines of text on the screen, read off its picture. Raises UsageError: the extra `ocr` is not installed."""
    return [line.text for line in lines_in(environment.observe().image)]
