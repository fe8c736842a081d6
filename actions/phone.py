"""Actions of a phone's system buttons: the `Phone` protocol and Home, Back, Recents, Enter, OpenApp; group `PHONE`."""

from typing import Literal, Protocol

from pydantic import Field

from actions.action import Action, Outcome

SystemButton = Literal["home", "back", "recents", "enter"]


class Phone(Protocol):
    """A phone's buttons and its installed apps."""

    def push_button(self, button: SystemButton) -> Outcome: ...

    def open_app(self, app: str) -> Outcome:
        """Opens an app by the name under its icon or by its package; refuses if none or several match."""
        ...


class Home(Action):
    """Go to the home screen."""

    def apply(self, device: Phone) -> Outcome:
        return device.push_button("home")


class Back(Action):
    """Go back to the previous screen."""

    def apply(self, device: Phone) -> Outcome:
        return device.push_button("back")


class Recents(Action):
    """Show the recently used apps."""

    def apply(self, device: Phone) -> Outcome:
        return device.push_button("recents")


class Enter(Action):
    """Press the keyboard's enter key, to submit or search."""

    def apply(self, device: Phone) -> Outcome:
        return device.push_button("enter")


class OpenApp(Action):
    """Open an app by its name."""

    app: str = Field(min_length=1, max_length=200, description="The app's name, as under its icon.")

    def apply(self, device: Phone) -> Outcome:
        return device.open_app(self.app)


PHONE: tuple[type[Action], ...] = (Home, Back, Recents, Enter, OpenApp)
