"""Actions of a browser's own controls: the `Web` protocol with group `WEB`, and `Uploading` with group `UPLOAD`."""

from typing import Literal, Protocol

from pydantic import Field

from actions.action import Action, Outcome


class Web(Protocol):
    """A browser's address bar, its buttons, its tabs, and its windows over a page: dialogs, lists and pickers."""

    def goto(self, url: str) -> Outcome: ...

    def go_back(self) -> Outcome: ...

    def reload(self) -> Outcome: ...

    def new_tab(self, url: str | None) -> Outcome: ...

    def switch_tab(self, index: int) -> Outcome:
        """Shows a tab by its number, counted from 1 in the order of opening."""
        ...

    def close_tab(self) -> Outcome: ...

    def answer_dialog(self, accept: bool, text: str | None) -> Outcome:
        """Answers the open dialog; a text goes into its field first."""
        ...

    def choose(self, value: str) -> Outcome:
        """Chooses an option of the focused list, or sets the focused field."""
        ...


class Uploading(Protocol):
    """A browser that may give files to pages."""

    def choose_file(self, file: str) -> Outcome:
        """Gives the file of this name to the page that asks for one."""
        ...


class Goto(Action):
    """Open a web address in the present tab."""

    url: str = Field(min_length=1, max_length=2_000, description="The address.")

    def apply(self, device: Web) -> Outcome:
        return device.goto(self.url)


class GoBack(Action):
    """Go back to the previous page."""

    def apply(self, device: Web) -> Outcome:
        return device.go_back()


class Reload(Action):
    """Load the present page again."""

    def apply(self, device: Web) -> Outcome:
        return device.reload()


class NewTab(Action):
    """Open a new tab and show it."""

    url: str | None = Field(default=None, max_length=2_000, description="The address to open in it.")

    def apply(self, device: Web) -> Outcome:
        return device.new_tab(self.url)


class SwitchTab(Action):
    """Show another open tab."""

    index: int = Field(ge=1, description="The tab's place, counted from 1 in the order they were opened.")

    def apply(self, device: Web) -> Outcome:
        return device.switch_tab(self.index)


class CloseTab(Action):
    """Close the present tab."""

    def apply(self, device: Web) -> Outcome:
        return device.close_tab()


class AnswerDialog(Action):
    """Answer the dialog that the page shows."""

    answer: Literal["accept", "dismiss"] = Field(description="accept is OK or Leave, dismiss is Cancel or Stay.")
    text: str | None = Field(default=None, max_length=10_000, description="What to enter first, if it asks for a text.")

    def apply(self, device: Web) -> Outcome:
        return device.answer_dialog(self.answer == "accept", self.text)


class Choose(Action):
    """Choose an option of the list, or set the date, time or colour field, that has the keyboard focus."""

    value: str = Field(max_length=1_000, description="The option as it reads, or a value such as 2026-12-31.")

    def apply(self, device: Web) -> Outcome:
        return device.choose(self.value)


class ChooseFile(Action):
    """Give the page the file that it asks for."""

    file: str = Field(min_length=1, max_length=300, description="The file's name.")

    def apply(self, device: Uploading) -> Outcome:
        return device.choose_file(self.file)


WEB: tuple[type[Action], ...] = (Goto, GoBack, Reload, NewTab, SwitchTab, CloseTab, AnswerDialog, Choose)
UPLOAD: tuple[type[Action], ...] = (ChooseFile,)
