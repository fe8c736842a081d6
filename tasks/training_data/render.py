"""Draws many lessons at a time: one Chromium page has a tile for each, and one picture shows them all.

The tiles are frames of one origin, each as large as the screen of the model in the box. MiniWoB++'s pages are laid out
in frames 500 wide, because in a narrow one its dialogs open out of view.
"""

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from actions.geometry import Size
from devices.browser import launch
from tasks.miniwob import SCREEN, html, oracles
from tasks.training_data import Drawn
from tasks.worlds.site_server import SITE, QuietHandler, serving

HERE = Path(__file__).parent
COLUMNS, ROWS = 8, 6
BENCH_WIDTH = 500
STYLE = (
    "#query, #reward-display, #click-canvas { visibility: hidden !important; }"
    "* { caret-color: transparent !important; transition: none !important; animation: none !important; }"
)


class _Pages(QuietHandler):
    """Serves our own pages and MiniWoB++'s at one address."""

    def translate_path(self, path: str) -> str:
        for prefix, folder in (("/site", SITE), ("/lessons", HERE)):
            if path.startswith(f"{prefix}/"):
                self.directory = str(folder)
                return super().translate_path(path.removeprefix(prefix))
        self.directory = str(html())
        return super().translate_path(path)


@contextmanager
def renderer() -> Iterator["Renderer"]:
    """A browser that draws lessons, and the server of their pages, so that all frames are of one origin."""
    with serving(_Pages) as address, sync_playwright() as playwright:
        program = launch.program(playwright.chromium.executable_path)
        browser = playwright.chromium.launch(executable_path=program, args=launch.flags())
        size = Size(COLUMNS * SCREEN.width, ROWS * SCREEN.height)
        yield Renderer(browser.new_page(viewport={"width": size.width, "height": size.height}), address)
        browser.close()


class Renderer:
    """Draws lessons of one page after the other."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address
        self._pictures = page.context.new_cdp_session(page)

    def draw(self, place: str, seeds: Sequence[str]) -> Iterator[Drawn]:
        """A lesson for each seed on a page: `miniwob/TASK.html`, `site/PAGE.html` or `lessons/PAGE.html`.

        A lesson that fails is skipped.
        """
        bench, own = place.startswith("miniwob/"), place.startswith("site/")
        script = [
            oracles(),
            (HERE / "site.js").read_text("utf-8") if own else "",
            (HERE / "lesson.js").read_text("utf-8"),
        ]
        self._page.goto(f"{self._address}/lessons/tiles.html")
        self._page.evaluate(
            "([address, width, count, columns, script, style]) =>"
            " tiles.open(address, width, count, columns, script, style)",
            [f"/{place}", BENCH_WIDTH if bench else SCREEN.width, COLUMNS * ROWS, COLUMNS, "\n".join(script), STYLE],
        )
        for start in range(0, len(seeds), COLUMNS * ROWS):
            batch = [*seeds[start : start + COLUMNS * ROWS]]
            lessons = self._page.evaluate(
                "seeds => tiles.draw(seeds)", batch + batch[-1:] * (COLUMNS * ROWS - len(batch))
            )
            picture = self._picture()
            for at, (seed, lesson) in enumerate(zip(batch, lessons, strict=False)):
                if "failed" not in lesson:
                    left, top = at % COLUMNS * SCREEN.width, at // COLUMNS * SCREEN.height
                    yield Drawn(seed, picture.crop((left, top, left + SCREEN.width, top + SCREEN.height)), lesson)

    def _picture(self) -> Image.Image:
        shot = self._pictures.send("Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True})
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
