"""Screens to train on: pages with one dark square, in two sizes."""

import io

from PIL import Image

from model.embedded.shards import Letters, Screen
from model.engine import Picture
from model.engines.local.tokens import Vocabulary
from model.weights import find_tokenizer
from tests.model import tiny

SIDE = (168, 224)
QUESTIONS = ("Where?", "Where is it now?")


def screen(number: int, scale: int = 1) -> Screen:
    """A page with one dark square, and two questions about where it is."""
    place = (14 + 28 * (number % (6 * scale)), 14 + 28 * (number % (8 * scale)))
    image = Image.new("RGB", (SIDE[0] * scale, SIDE[1] * scale), "white")
    image.paste("black", (place[0] - 9, place[1] - 9, place[0] + 9, place[1] + 9))
    png = io.BytesIO()
    image.save(png, "PNG")
    tokenizer = find_tokenizer("model/embedded")
    assert tokenizer is not None
    vocabulary = Vocabulary(tokenizer, 28)
    reply = [*vocabulary.encode(f"[{place[0]}, {place[1]}]"), vocabulary.marker("<|im_end|>")]
    asked = [vocabulary.lay_out(tiny.question(text, Picture(image))).ids for text in QUESTIONS]
    letters = Letters("\u2611", [place[0]], [place[1]])
    page = "squares" if scale == 1 else "larger squares"
    return Screen(page, str(number), png.getvalue(), [(ids, reply, place) for ids in asked], letters)
