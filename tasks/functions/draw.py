"""Draws the pictures of the samples: run `python -m tasks.functions.draw` after a change of `samples.py`.

Needs Noto Sans CJK (Debian's fonts-noto-cjk) for Latin and Chinese; the pictures themselves are in the repository.
"""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from tasks.functions.function_task import PICTURES
from tasks.functions.samples import Sample, samples

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SIMPLIFIED_CHINESE = 2
SIZE = (448, 504)
MARGIN, TITLE, TEXT, LINE = 36, 30, 20, 36
SHADES = 8


def draw(sample: Sample) -> Image.Image:
    """A sheet with a title, and its lines or its bars, in a few shades of grey."""
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    pen.rectangle((12, 12, SIZE[0] - 13, SIZE[1] - 13), outline=96, width=2)
    pen.text((SIZE[0] / 2, 52), sample.title, 0, _font(TITLE), anchor="mm")
    pen.line((MARGIN, 84, SIZE[0] - MARGIN, 84), 96, 2)
    for index, (left, right) in enumerate(sample.lines):
        height = 116 + index * LINE
        pen.text((MARGIN, height), left, 0, _font(TEXT), anchor="lm")
        pen.text((SIZE[0] - MARGIN, height), right, 0, _font(TEXT), anchor="rm")
    for index, (label, value) in enumerate(sample.bars):
        edge, foot = MARGIN + index * 64, SIZE[1] - 70
        pen.rectangle((edge + 8, foot - value * 3, edge + 48, foot), 128)
        pen.text((edge + 28, foot - value * 3 - 14), str(value), 0, _font(16), anchor="mm")
        pen.text((edge + 28, foot + 18), label, 0, _font(16), anchor="mm")
    return image.quantize(SHADES)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size, index=SIMPLIFIED_CHINESE)


def main() -> None:
    """Draws all pictures."""
    PICTURES.mkdir(exist_ok=True)
    for sample in samples():
        draw(sample).save(PICTURES / f"{sample.id}.png", optimize=True)


if __name__ == "__main__":
    main()
