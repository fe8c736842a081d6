"""`at_page`: what a person does on a phone, whose picture they touch at a live page, because adb reports no touches."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from actions.action import Action, Outcome
from actions.keyboard import Type
from agent.control import Control
from agent.loop import Limits
from agent.record import Recorder
from agent.run_info import describe_run
from agent.terminal import Terminal
from devices import Environment
from devices.android.device import Android
from devices.android.elements import elements
from devices.rules.places import Detail, Place
from devices.watching import Done, Shown
from devices.watching.gestures import Gestures
from devices.wrappers import Wrapped
from devices.wrappers.settled import Settled
from model import profile
from tasks.live.front import Front
from tasks.live.showing import shown
from tasks.options import NO_MODEL

PASSWORD = "password field"


class Noted(Wrapped):
    """A phone that notes what is performed on it, with the words of what lies there."""

    def __init__(self, phone: Android) -> None:
        super().__init__(phone)
        self.gestures = Gestures()
        self._phone = phone
        self._secrets: dict[str, str] = {}
        """What was typed into each password field."""
        self._fields: dict[str, str] = {}
        """The words of each field before anything was typed into it; then they are what was typed."""

    def perform(self, action: Action) -> Outcome:
        place = next(iter(self._phone.touches(action, Detail.WORDS)), Place())
        outcome = super().perform(action)
        words = f"{place.role} {place.name!r}" if place.name else place.role
        field = f"{place.app} {place.box}"
        if isinstance(action, Type):
            words = self._fields.setdefault(field, words)
        if isinstance(action, Type) and place.role == PASSWORD:
            self._secrets[field] = self._secrets.get(field, "") + action.text
            self.gestures.type_secret(self._secrets[field], place.app, field, words)
        elif isinstance(action, Type):
            self.gestures.type(action.text, words)
        else:
            self.gestures.add(action, words)
        return outcome


class PageWatch:
    """What a person does at the page. It is over once they continue or stop there."""

    def __init__(self, phone: Android, front: Front, control: Control, over: threading.Event) -> None:
        """Whether it is over elsewhere is in `over`."""
        self._phone = phone
        self._noted = Noted(phone)
        self._used = Settled(self._noted, device=phone)
        self._front = front
        self._control = control
        self._over = over
        self._begun = False

    @property
    def over(self) -> bool:
        return not self._control.paused or self._control.stop_asked

    def shown(self) -> Shown | None:
        """At the beginning and the end what the phone shows; in between, what the person does is performed."""
        if self._begun and not (self.over or self._over.is_set()):
            self._front.use(self._used)
            return None
        self._begun = True
        texts: list[str] = []
        with suppress(ValueError):  # something moves on the screen
            texts = [text for node in elements(self._phone.phone) if (text := " ".join(node.get("text", "").split()))]
        return Shown("", "", tuple(texts))

    def done(self) -> Sequence[Done]:
        return self._noted.gestures.done


@contextmanager
def at_page(phone: Environment, over: threading.Event, console: Terminal) -> Iterator[PageWatch]:
    """Notes what a person does at a page, whose link is printed, from the phone's home screen.

    Raises:
        UsageError: a package that the page needs is missing, or its server does not start.
    """
    assert isinstance(phone, Android), phone
    with TemporaryDirectory() as place:
        folder = Path(place) / "recording"
        small = profile.load("embedded")  # a record names a model; none is asked
        Recorder(folder, describe_run("Recording", "android", None, NO_MODEL, small, phone.action_space, Limits()))
        control = Control(folder)
        control.pause()
        phone.reset()
        with shown(folder, console) as front:
            yield PageWatch(phone, front, control, over)
