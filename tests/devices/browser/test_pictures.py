"""Our way to a picture gives the same pixels as Playwright's own, at every scale, scrolled or not."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from actions.geometry import Point
from actions.mouse import Click, Scroll
from devices.wrappers.settled import Settled
from tests.devices.browser.at import Open, Site, evaluate, title

PAD = Path(__file__).parent.parent / "pages" / "pad.html"
WIDE = (
    "<meta name=viewport content='width=device-width, minimum-scale=1'>"
    "<body style='margin:0;background:linear-gradient(red,blue);width:2000px;height:3000px'><h1>wide</h1>"
)


@pytest.mark.parametrize("page", ["pad", "wide"])
@pytest.mark.parametrize(
    ("scale", "mobile"), [(1, False), (1.25, False), (1.5, False), (2, False), (1, True), (2, True)]
)
def test_a_look_has_the_pixels_of_playwrights_screenshot(
    opened: Open, site: Site, page: str, scale: float, mobile: bool
) -> None:
    if mobile and page == "wide":
        pytest.skip("a phone zooms out of it, where Playwright's own pictures differ from one to the next")
    browser = opened(str(PAD) if page == "pad" else site.add("/", WIDE), scale=scale, mobile=mobile, patience_s=20)
    for scrolled in (0, 137):
        evaluate(browser, f"scrollTo(0, {scrolled})")
        evaluate(browser, "new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        ours = Settled(browser).observe().image
        theirs = browser.ask(lambda page: page.screenshot(animations="allow", caret="initial"))
        reference = Image.open(io.BytesIO(theirs)).convert("RGB")
        assert ours.size == reference.size and ImageChops.difference(ours, reference).getbbox() is None


LAYOUTS = {
    "no viewport": ("", 980, 700, 900), "a wide one": ("<meta name=viewport content='width=1200'>", 1200, 900, 900),
    "its own width": ("<meta name=viewport content='width=device-width'>", 412, 100, 900),
    "shown larger": ("<meta name=viewport content='width=device-width,initial-scale=2'>", 412, 100, 300),
}  # fmt: skip


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_phones_tap_lands_where_the_picture_shows_it(opened: Open, site: Site, layout: str, scale: int) -> None:
    meta, width, left, top = LAYOUTS[layout]
    style = f"position:absolute;left:{left}px;top:{top}px;width:80px;height:60px;background:#f00"
    body = f"<body style='margin:0;width:{width}px;height:3000px'><div id=b style='{style}'></div>"
    code = "<script>addEventListener('click', event => document.title = event.target.id || 'missed')</script>"
    browser = opened(site.add("/", f"{meta}{body}{code}"), mobile=True, scale=scale, patience_s=20.0)
    browser.perform(Scroll(direction="down", point=Point(200, 400)))
    laid_out = "[devicePixelRatio, innerWidth, screen.width, visualViewport.scale]"
    before = evaluate(browser, laid_out)
    box = None
    for _ in range(50):  # the page scrolls smoothly
        image = browser.observe().image
        if (last := red_box(image)) and last == box:
            break
        box = last
    assert box and evaluate(browser, laid_out) == before, "a look leaves the page as it is"
    browser.perform(Click(point=Point((box[0] + box[2]) / 2 / scale, (box[1] + box[3]) / 2 / scale)))
    browser.ask(lambda page: page.wait_for_function("document.title"))
    assert title(browser) == "b"


def red_box(image: Image.Image) -> tuple[int, int, int, int] | None:
    """Where the picture is red."""
    red, green, _ = image.split()
    return ImageChops.subtract(red, green).point(lambda value: 255 * (value > 200)).getbbox()
