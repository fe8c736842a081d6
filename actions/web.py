"""What a web browser's own controls do: the `Web` protocol and Goto, GoBack, NewTab, SwitchTab; group `WEB`."""

from typing import ClassVar, Protocol, runtime_checkable

from pydantic import Field

from actions.action import Action, Outcome


@runtime_checkable
class Web(Protocol):
    """A browser's address bar, its back button and its tabs."""

    def goto(self, url: str) -> Outcome: ...

    def go_back(self) -> Outcome: ...

    def new_tab(self, url: str | None) -> Outcome: ...

    def switch_tab(self, index: int) -> Outcome:
        """Shows a tab by its place, counted from 1 in the order they were opened."""
        ...


class Goto(Action):
    """Open a web address in the present tab."""

    receiver: ClassVar[type] = Web
    aliases: ClassVar[tuple[str, ...]] = ("visit_url", "navigate", "open_url", "go_to", "goto_url", "visit")
    url: str = Field(min_length=1, max_length=2_000, description="The address.")

    def apply(self, device: Web) -> Outcome:
        return device.goto(self.url)


class GoBack(Action):
    """Go back to the previous page."""

    receiver: ClassVar[type] = Web
    aliases: ClassVar[tuple[str, ...]] = ("back", "history_back", "navigate_back", "page_back")

    def apply(self, device: Web) -> Outcome:
        return device.go_back()


class NewTab(Action):
    """Open a new tab and show it."""

    receiver: ClassVar[type] = Web
    aliases: ClassVar[tuple[str, ...]] = ("open_tab", "tab_new")
    url: str | None = Field(default=None, max_length=2_000, description="The address to open in it.")

    def apply(self, device: Web) -> Outcome:
        return device.new_tab(self.url)


class SwitchTab(Action):
    """Show another open tab."""

    receiver: ClassVar[type] = Web
    aliases: ClassVar[tuple[str, ...]] = ("change_tab", "focus_tab", "select_tab", "tab_focus")
    index: int = Field(ge=1, description="The tab's place, counted from 1 in the order they were opened.")

    def apply(self, device: Web) -> Outcome:
        return device.switch_tab(self.index)


WEB: tuple[type[Action], ...] = (Goto, GoBack, NewTab, SwitchTab)
