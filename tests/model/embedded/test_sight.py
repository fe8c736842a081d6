"""The embedded model sees: it clicks the requested button on pages of a real browser."""

import io
import json
import random
import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from actions.geometry import Box, Point
from devices.browser.launch import program
from model import profile as profiles
from model.engine import Engine, Picture
from model.engines import EngineOptions, connect
from tests.model import tiny

PAGES, BUTTONS = 40, 3
WORDS = ("submit", "okay", "yes", "no", "cancel", "next", "previous")
LOOK = """
body { margin: 0; background: #555; font: 14px DejaVu Sans }
main { width: 160px; height: 210px; background: white; overflow: clip; font-size: 10px }
header { background: yellow; height: 50px; padding: 3px; box-sizing: border-box }
button { display: block }
"""


class Shown(NamedTuple):
    """A page's picture, what is asked there, and where the right button is."""

    picture: Picture
    question: str
    box: Box


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program(playwright.chromium.executable_path), args=["--no-sandbox"]
        )
        yield browser.new_page(viewport={"width": 168, "height": 224})
        browser.close()


@pytest.fixture(scope="module")
def pages(page: Page) -> list[Shown]:
    return [shown(page, random.Random(seed)) for seed in range(PAGES)]


@pytest.fixture(scope="module")
def engine() -> Engine:
    return connect("local", profiles.load("embedded"), EngineOptions())


def shown(page: Page, chance: random.Random) -> Shown:
    words = chance.sample(WORDS, BUTTONS)
    wanted = chance.choice(words)
    question = f'Click on the "{wanted}" button.'
    buttons = "".join(f'<button style="margin: {chance.randrange(10)}px 2px">{word}</button>' for word in words)
    page.set_content(f"<style>{LOOK}</style><main><header>{question}</header>{buttons}</main>")
    edges = page.get_by_role("button", name=wanted, exact=True).bounding_box()
    assert edges is not None
    left, top = edges["x"], edges["y"]
    box = Box(left, top, left + edges["width"], top + edges["height"])
    return Shown(Picture(Image.open(io.BytesIO(page.screenshot())).convert("RGB")), question, box)


def hits(engine: Engine, picture: Picture, asked: Shown) -> bool:
    reply = engine.generate(tiny.question(asked.question, picture), (), 64).text
    point = re.search(r"\[\d+, \d+\]", reply)
    return point is not None and asked.box.holds(Point(*json.loads(point.group())))


def test_it_clicks_the_right_one_of_three_buttons_far_more_often_than_chance(
    engine: Engine, pages: list[Shown]
) -> None:
    """Choosing a button blindly hits 13 of 40; 23 or more of them about once in 700 tries."""
    assert sum(hits(engine, asked.picture, asked) for asked in pages) >= 23


def test_it_goes_by_the_picture_and_not_by_the_question(engine: Engine, pages: list[Shown]) -> None:
    """With the pictures exchanged it hits about as often as choosing blindly."""
    exchanged = [*pages[1:], pages[0]]
    assert sum(hits(engine, other.picture, asked) for other, asked in zip(exchanged, pages, strict=True)) <= 20
