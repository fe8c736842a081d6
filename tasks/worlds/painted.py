"""Pages painted with Pillow: invented words as buttons, links, fields and marks, and a question about each."""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from actions.geometry import Size

FONTS = ("DejaVuSans.ttf", "DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "DejaVuSans-Bold.ttf")
"""Fonts; Pillow's own replaces one that is not installed."""
SIZES = range(9, 17)
SHADES = (("#ffffff", "#000000", "#efefef", "#0000ee"), ("#f3f5f8", "#1c2430", "#c9dcff", "#1a5fd0"),
          ("#222222", "#eeeeee", "#444444", "#8ab4ff"), ("#faf5ef", "#1c2430", "#f2c9a8", "#9a3412"))  # fmt: skip
"""The colours of the page, its texts, its buttons and its links."""
EDGE = "#8a94a3"
KINDS = ("button", "button", "link", "text", "field", "mark")
MARK, PADDING, ATTEMPTS = 13, 5, 12
UNCHECKED, CHECKED = "\u2610", "\u2611"
Box = tuple[int, int, int, int]


class Thing(NamedTuple):
    """An element to click: its kind, text, box, and letters with their centres."""

    kind: str
    text: str
    box: Box
    letters: list[tuple[str, int, int]]

    @property
    def answer(self) -> dict[str, Any]:
        left, top, right, bottom = self.box
        wide = left + MARK if self.kind == "mark" else right
        return {"action": "click", "point": [(left + wide) // 2, (top + bottom) // 2], "box": [*self.box]}

    def question(self, chance: random.Random) -> str:
        asked = {"button": f'Click on the "{self.text}" button.', "link": f'Click on the link "{self.text}".'}
        plain = f'Click on "{self.text}".'
        return chance.choice([asked.get(self.kind, plain), asked.get(self.kind, plain), plain])


def page(chance: random.Random, size: Size, kind: str, pixels: int) -> tuple[Image.Image, list[Thing]]:
    """A page and its elements, the first of that kind and font size; all texts differ."""
    shades = chance.choice(SHADES)
    image = Image.new("RGB", size, shades[0])
    pen, family = ImageDraw.Draw(image), chance.choice(FONTS)
    things: list[Thing] = []
    for _ in range(chance.randint(4, 16)):
        font, text = _font(family, pixels), _word(chance)
        box = _free(kind, font, text, size, [thing.box for thing in things], chance)
        if box and text.lower() not in {thing.text.lower() for thing in things}:
            things.append(Thing(kind, text, box, _paint(pen, kind, text, box, font, shades, chance)))
        elif not things:
            continue
        kind, pixels = chance.choice(KINDS), chance.choice(SIZES) if chance.random() < 0.3 else pixels
    return image, things


@cache
def _font(family: str, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    try:
        return ImageFont.truetype(family, size)
    except OSError:
        return ImageFont.load_default(size)


def _word(chance: random.Random) -> str:
    """A pronounceable word, or random letters and digits."""
    if chance.random() < 0.5:
        word = "".join(
            chance.choice("bcdfghjklmnprstvwz") + chance.choice("aeiou") for _ in range(chance.randint(1, 4))
        )
        return chance.choice([word, word.capitalize(), word + chance.choice("lnrst")])
    letters = "abcdefghijklmnopqrstuvwxyz" * 2 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(chance.choices(letters, k=chance.randint(2, 8)))


def _free(kind: str, font: Any, text: str, size: Size, taken: Sequence[Box], chance: random.Random) -> Box | None:
    """A free place for an element, if one is found."""
    width, height = _extent(kind, font, text)
    if width > size.width - 2:
        return None
    for _ in range(ATTEMPTS):
        left, top = chance.randrange(size.width - width), chance.randrange(size.height - height)
        box = (left, top, left + width, top + height)
        if all(box[2] < other[0] or other[2] < left or box[3] < other[1] or other[3] < top for other in taken):
            return box
    return None


def _extent(kind: str, font: Any, text: str) -> tuple[int, int]:
    rise, fall = font.getmetrics() if isinstance(font, ImageFont.FreeTypeFont) else (10, 3)
    width, height = int(font.getlength(text)) + 1, rise + fall
    match kind:
        case "button" | "field":
            return width + 2 * PADDING, height + PADDING
        case "mark":
            return width + MARK + PADDING, max(height, MARK)
        case _:
            return width, height


def _paint(
    pen: ImageDraw.ImageDraw, kind: str, text: str, box: Box, font: Any, shades: Sequence[str], chance: random.Random
) -> list[tuple[str, int, int]]:
    """Paints an element, and returns its letters with their centres."""
    left, top, right, bottom = box
    middle = (top + bottom) // 2
    start, letters = left, []
    _, ink, button, link = shades
    match kind:
        case "button":
            pen.rounded_rectangle(box, chance.choice([0, 3, 6]), fill=button, outline=EDGE)
            start = left + PADDING
        case "field":
            pen.rectangle(box, fill="white", outline=EDGE)
            start, ink = left + PADDING, "black"
        case "mark":
            edge = (left, middle - MARK // 2, left + MARK - 1, middle + MARK // 2)
            checked = chance.random() < 0.5
            pen.rectangle(edge, fill="#1a5fd0" if checked else "white", outline=EDGE)
            if checked:
                pen.line([(left + 3, middle), (left + 5, middle + 3), (left + 9, middle - 4)], fill="white", width=2)
            letters = [(CHECKED if checked else UNCHECKED, left + MARK // 2, middle)]
            start = left + MARK + PADDING
        case "link":
            ink = link
            pen.line([(left, bottom - 1), (right, bottom - 1)], fill=link)
    pen.text((start, middle), text, fill=ink, font=font, anchor="lm")
    ends = [font.getlength(text[:end]) for end in range(len(text) + 1)]
    return letters + [(letter, int(start + (ends[at] + ends[at + 1]) / 2), middle) for at, letter in enumerate(text)]
