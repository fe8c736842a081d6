"""`System`: what the desktop device needs of a windowing system. Places are in the pointer's units."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from PIL import Image

from actions.errors import UsageError
from actions.geometry import Box
from actions.mouse import Button, MainButton
from actions.secrets import Secret
from devices.desktop.monitors import Corner, Monitor, Place
from devices.watching import Watch

AGAIN_S = 0.1
"""The pause between the clicks of a double click. A file manager may need a moment for the selection of the first; the
second must come within a quarter of a second (GTK's default; Windows' is half a second)."""

LINUX_BUTTONS: Mapping[Button, int] = {"left": 0x110, "right": 0x111, "middle": 0x112, "back": 0x113, "forward": 0x114}
"""Linux's codes of the buttons; back and forward are called BTN_SIDE and BTN_EXTRA there."""


class Monitors(NamedTuple):
    """All monitors, and the number of the primary one, counted from 1."""

    all: list[Monitor]
    primary: int


class Window(NamedTuple):
    """A window; class and title are empty where it has none. `box` is in units of the whole desktop."""

    kind: str
    title: str
    box: Box

    @property
    def exists(self) -> bool:
        """Whether there is one: none is over the desktop's background."""
        return self.box != NOWHERE


NOWHERE = Box(0, 0, -1, -1)


class Keys(Protocol):
    """The keyboard of a desktop."""

    @property
    def held(self) -> Collection[str]:
        """The keys that stay down."""
        ...

    def type_text(self, text: str) -> None: ...

    def type_secret(self, secret: Secret) -> None: ...

    def press(self, keys: tuple[str, ...], seconds: float) -> None: ...

    def hold(self, keys: tuple[str, ...]) -> None: ...

    def let_go(self, keys: tuple[str, ...]) -> None: ...

    def release(self) -> None: ...


class Camera(Protocol):
    """Looks at the monitors that there were at its opening."""

    @property
    def monitors(self) -> Monitors: ...

    def picture(self, monitor: Monitor) -> Image.Image:
        """What the monitor shows, as RGB; on dense screens it has more pixels than the monitor has units."""
        ...


class System(Protocol):
    """An X11 display, a Wayland compositor, or the one desktop of Windows or macOS."""

    @property
    def display(self) -> str | None:
        """The X11 display or Wayland socket; None where there is only one desktop."""
        ...

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """The errors of its calls once it no longer answers."""
        ...

    @property
    def keys(self) -> Keys: ...

    def answering(self) -> AbstractContextManager[None]:
        """Within the block it must answer in time."""
        ...

    def check(self) -> None:
        """Raises one of `lost` if it is gone."""
        ...

    def camera(self) -> AbstractContextManager[Camera]: ...

    def pointer(self) -> Place: ...

    def pulled(self, corners: Sequence[Corner]) -> bool:
        """Whether the pointer is in one of the corners; for the kill switch's own thread, over its own connection."""
        ...

    def move(self, place: Place) -> None: ...

    def drag_to(self, place: Place, button: MainButton) -> None:
        """Moves the pointer while this button is down."""
        ...

    def click(self, place: Place, button: MainButton, count: int) -> None: ...

    def send_button(self, button: Button, down: bool) -> None:
        """Raises ActionRefused if the mouse has no such button here."""
        ...

    def scroll(self, right: int, down: int) -> None:
        """Turns the wheel by notches."""
        ...

    def window_at(self, place: Place) -> Window | None:
        """None where it is not known."""
        ...

    def focused_window(self) -> Window | None:
        """None where it is not known."""
        ...

    def watched(self, corner: Callable[[], Place]) -> AbstractContextManager[Watch]:
        """Notes what a person does; `corner` is the monitor's top left one. Raises UsageError: impossible here."""
        ...

    def abort(self) -> None:
        """Ends its connections, so that a running call soon fails with one of `lost`."""
        ...

    def close(self) -> None: ...


class WithoutWindows:
    """The part of a system that does not report its windows, nor what a person does."""

    def window_at(self, place: Place) -> Window | None:
        return None

    def focused_window(self) -> Window | None:
        return None

    def watched(self, corner: Callable[[], Place]) -> AbstractContextManager[Watch]:
        raise UsageError(
            "What a person does on a desktop can be recorded on X11 only: elsewhere a program sees only the input "
            "of its own windows. Record in a browser here."
        )


class EventsOnWayland(WithoutWindows, ABC):
    """The part of a Wayland system that moves the pointer and presses its buttons one event at a time."""

    @abstractmethod
    def move(self, place: Place) -> None: ...

    @abstractmethod
    def send_button(self, button: Button, down: bool) -> None: ...

    def drag_to(self, place: Place, button: MainButton) -> None:
        self.move(place)

    def click(self, place: Place, button: MainButton, count: int) -> None:
        self.move(place)
        for index in range(count):
            time.sleep(AGAIN_S if index else 0)
            self.send_button(button, down=True)
            self.send_button(button, down=False)
