"""Draws many lessons at a time: one Chromium page has a tile for each, and one picture shows them all.

The tiles are frames of one origin, each as large as the screen of the model in the box. MiniWoB++'s pages are laid out
in frames 500 wide, because in a narrow one its dialogs open out of view.
"""

import base64
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from actions.geometry import Size
from devices.browser import launch
from devices.doubles import simphone
from devices.doubles.simphone.documents import read_apps
from tasks.miniwob import SCREEN, html, oracles
from tasks.training_data import Drawn
from tasks.worlds.site_server import SITE, QuietHandler, serving

HERE = Path(__file__).parent
BENCH_WIDTH = 500
PHONE = "phone"
"""SimPhone's apps; `phone?apps=others` are those besides Maps."""
STYLE = (
    "#query, #reward-display, #click-canvas { visibility: hidden !important; }"
    "* { caret-color: transparent !important; transition: none !important; animation: none !important; }"
)


class Tiles(NamedTuple):
    """How many pages stand side by side, and how much of each is shown."""

    size: Size
    columns: int
    rows: int

    @property
    def pages(self) -> int:
        return self.columns * self.rows


SMALL, LARGE = Tiles(SCREEN, 8, 6), Tiles(Size(336, 448), 6, 5)


class _Pages(QuietHandler):
    """Serves our own pages, SimPhone's and MiniWoB++'s at one address."""

    def translate_path(self, path: str) -> str:
        for prefix, folder in (("/site", SITE), ("/lessons", HERE), ("/simphone", Path(simphone.__file__).parent)):
            if path.startswith(f"{prefix}/"):
                self.directory = str(folder)
                return super().translate_path(path.removeprefix(prefix))
        self.directory = str(html())
        return super().translate_path(path)


@contextmanager
def renderer() -> Iterator["Renderer"]:
    """A browser that draws lessons, and the server of their pages, so that all frames are of one origin."""
    with serving(_Pages) as address, sync_playwright() as playwright:
        browser = launch.start_headless(playwright)
        yield Renderer(browser.new_page(), address)
        browser.close()


class Renderer:
    """Draws lessons of one page after the other."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address
        self._pictures = page.context.new_cdp_session(page)

    def draw(self, place: str, seeds: Sequence[str]) -> Iterator[Drawn]:
        """A lesson for each seed on a page: `miniwob/TASK.html`, `site/PAGE.html`, `lessons/PAGE.html` or `phone`.

        A lesson that fails is skipped.
        """
        bench, phone = place.startswith("miniwob/"), place.startswith(PHONE)
        tiles = LARGE if phone else SMALL
        width, height = tiles.size
        self._page.set_viewport_size({"width": tiles.columns * width, "height": tiles.rows * height})
        self._page.goto(f"{self._address}/lessons/tiles.html")
        self._page.evaluate(
            "given => tiles.open(...given)",
            [f"/{place.replace(PHONE, 'simphone/apps/index.html', 1) if phone else place}",
             BENCH_WIDTH if bench else width, tiles.pages, tiles.columns, _script(place), STYLE, [width, height]],
        )  # fmt: skip
        for start in range(0, len(seeds), tiles.pages):
            batch = [*seeds[start : start + tiles.pages]]
            lessons = self._page.evaluate("seeds => tiles.draw(seeds)", batch + batch[-1:] * (tiles.pages - len(batch)))
            picture = self._picture()
            for at, (seed, lesson) in enumerate(zip(batch, lessons, strict=False)):
                if "failed" not in lesson:
                    left, top = at % tiles.columns * width, at // tiles.columns * height
                    yield Drawn(seed, picture.crop((left, top, left + width, top + height)), lesson)

    def _picture(self) -> Image.Image:
        shot = self._pictures.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")


def _script(place: str) -> str:
    """What a page needs to give lessons; a phone's gets the apps as the phone has them."""
    parts = [oracles()]
    if place.startswith("site/"):
        parts.append((HERE / "site.js").read_text("utf-8"))
    if place.startswith(PHONE):
        apps = [app.model_dump(mode="json") for app in read_apps()]
        parts += [f"window.simphone = {json.dumps(apps)};", (HERE / "phone.js").read_text("utf-8")]
    return "\n".join([*parts, (HERE / "lesson.js").read_text("utf-8")])
