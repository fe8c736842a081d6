"""Our way to a picture gives the same pixels as Playwright's own, at every scale, scrolled or not."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from devices.wrappers.settled import Settled
from tests.devices.browser.at import Open, Site, evaluate

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
