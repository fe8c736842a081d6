"""A page's dialogs: Chromium gives no picture while one is open, so it is drawn into the last one."""

import textwrap
import unicodedata
from dataclasses import dataclass

from PIL import Image, ImageDraw
from playwright.async_api import Dialog, Error

from actions.action import Action
from actions.errors import ActionRefused
from actions.geometry import Box, Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, MiddleClick, RightClick
from actions.web import AnswerDialog
from devices.browser.events import quoted
from devices.browser.fonts import font_for

IN_A_ROW = 5
"""The most dialogs in a row of one page that are shown; Chromium also offers to stop more."""
SHOWN_TEXT = 300
LINES = 8
LETTER, LINE, EDGE = 14, 20, 12
"""Sizes in page pixels."""


class OpenDialog:
    """A dialog that waits for an answer."""

    def __init__(self, dialog: Dialog) -> None:
        self._dialog = dialog
        self.type = dialog.type
        self.message = dialog.message
        self.text = dialog.default_value
        """The content of a prompt's text field."""

    def __str__(self) -> str:
        if self.type == "beforeunload":
            return "The page asks whether to leave it. Answer with AnswerDialog: accept leaves it, dismiss stays."
        field = f" Its text field holds {quoted(self.text)}." if self.type == "prompt" else ""
        cancel = "" if self.type == "alert" else ", dismiss is Cancel"
        return (
            f"The page shows a dialog ({self.type}) that says {quoted(self.message, SHOWN_TEXT)} and waits for an "
            f"answer.{field} Use AnswerDialog: accept is OK{cancel}."
        )

    def type_text(self, text: str) -> None:
        """Sets the text of a prompt's field. Raises ActionRefused without one."""
        if self.type != "prompt":
            raise ActionRefused(f"{self} It has no text field.")
        self.text = text

    async def answer(self, accept: bool) -> None:
        """Accepts or dismisses it; a dialog that is gone needs no answer."""
        try:
            if accept:
                await self._dialog.accept(self.text if self.type == "prompt" else None)
            else:
                await self._dialog.dismiss()
        except Error:
            return

    def pressed(self, keys: tuple[str, ...]) -> bool:
        """Answers by keys: Enter accepts, Escape dismisses. Raises ActionRefused for others."""
        if keys in (("enter",), ("space",), ("escape",)):
            return keys != ("escape",)
        raise ActionRefused(str(self))

    def clicked(self, point: Point, screen: Size) -> bool | None:
        """The answer of a click on the drawn dialog; None for its text field. Raises ActionRefused elsewhere."""
        drawn = _Drawn.of(self, screen)
        if drawn.accept.holds(point):
            return True
        if drawn.dismiss and drawn.dismiss.holds(point):
            return False
        if drawn.field and drawn.field.holds(point):
            return None
        raise ActionRefused(str(self))

    def boxes(self, screen: Size) -> tuple[Box, Box]:
        """Of the drawn dialog, in page pixels: the whole, and the part with its text and its text field."""
        drawn = _Drawn.of(self, screen)
        return drawn.around, drawn.around._replace(bottom=drawn.accept.top - 1)

    def answer_of(self, action: Action, screen: Size) -> bool | None:
        """Whether an action would accept it; None if it would do neither. Raises ActionRefused as the action would."""
        match action:
            case AnswerDialog(answer=answer):
                return answer == "accept"
            case Press(keys=keys):
                return self.pressed(keys)
            case Type(text=text):
                return text.endswith("\n") or None
            case Click(point=point) | DoubleClick(point=point) | MiddleClick(point=point) | RightClick(point=point):
                return self.clicked(point, screen)
        raise ActionRefused(str(self))

    def drawn_into(self, picture: Image.Image, screen: Size) -> Image.Image:
        """The picture with the dialog drawn at Chromium's position: in the middle of the top edge."""
        scale = picture.width / screen.width
        drawn = _Drawn.of(self, screen)
        picture = Image.blend(picture, Image.new("RGB", picture.size), 0.3)
        draw = ImageDraw.Draw(picture)
        font = font_for(self.message + self.text, LETTER * scale)

        def box(of: Box, fill: str, text: str = "", ink: str = "black") -> None:
            corners = [round(scale * side) for side in of]
            draw.rounded_rectangle(corners, radius=4 * scale, fill=fill, outline="#5f6368")
            draw.text((corners[0] + EDGE * scale / 2, scale * (of.top + 4)), text, ink, font)

        box(drawn.around, "white")
        top = drawn.around.top + EDGE
        draw.multiline_text(
            ((drawn.around.left + EDGE) * scale, top * scale),
            "\n".join(drawn.lines),
            "black",
            font,
            spacing=(LINE - LETTER) * scale,
        )
        if drawn.field:
            box(drawn.field, "white", self.text[:60])
        leaving = self.type == "beforeunload"
        box(drawn.accept, "#1a73e8", "Leave" if leaving else "OK", "white")
        if drawn.dismiss:
            box(drawn.dismiss, "#e8eaed", "Stay" if leaving else "Cancel")
        return picture


@dataclass(frozen=True)
class _Drawn:
    """The boxes of a drawn dialog's parts, in page pixels."""

    around: Box
    lines: list[str]
    field: Box | None
    accept: Box
    dismiss: Box | None

    @classmethod
    def of(cls, dialog: OpenDialog, screen: Size) -> "_Drawn":
        width = min(440, screen.width - 8)
        message = "Leave this page? Changes may not be saved." if dialog.type == "beforeunload" else dialog.message
        per_line = max(8, int((width - 2 * EDGE) / (LETTER * (1 if _is_wide(message) else 0.55))))
        lines = [line for text in message[:SHOWN_TEXT].splitlines() for line in textwrap.wrap(text, per_line) or [""]]
        lines = lines[:LINES]
        left, top = (screen.width - width) / 2, 4
        below = top + EDGE + LINE * len(lines) + 4
        field = None
        if dialog.type == "prompt":
            field = Box(left + EDGE, below, left + width - EDGE, below + 24)
            below += 30
        right = left + width - EDGE
        buttons = [Box(right - 70 - 76 * place, below, right - 76 * place, below + 24) for place in (0, 1)]
        around = Box(left, top, left + width, below + 24 + EDGE)
        one = dialog.type == "alert"
        return cls(around, lines, field, buttons[0] if one else buttons[1], None if one else buttons[0])


def _is_wide(text: str) -> bool:
    """Whether letters of it are as wide as they are high, as Chinese ones are."""
    return any(unicodedata.east_asian_width(letter) in "WF" for letter in text)
