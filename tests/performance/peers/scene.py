"""The page that all agents are given, and the record of what they did on it.

A button stands at one of a few places, and moves to the next one when it is clicked; each click also draws a band
across the page, which takes as long as the transition. A picture is finished if it shows the newest click's band whole.
"""

import io
from typing import NamedTuple

from PIL import Image

from actions.geometry import Point, Size

VIEW = Size(1280, 800)
"""What every agent is asked to open; a page of another size is laid out alike."""
PLACES = ((0.2, 0.3), (0.7, 0.2), (0.4, 0.5), (0.8, 0.45), (0.3, 0.15))
"""Where the button's centre is, in parts of the page's sides."""
COLOURS = ((200, 40, 40), (40, 40, 200))
BAND = (0.985, 0.8)
"""A point near the end of the band."""
FAR = 60
"""The largest distance of a colour from the band's own, in levels: some agents send JPEG."""

PAGE = """<!doctype html><title>Press</title>
<style>
  body { margin: 0; overflow: hidden; font: 16px sans-serif }
  button { position: absolute; width: 160px; height: 60px; transform: translate(-50%, -50%) }
  #band { position: absolute; top: 65%; height: 30%; left: 0; width: 100%; transform-origin: left }
  p { margin: 4px; color: #555 }
</style>
<button>Press me</button><div id="band"></div>
WORDS
<script>
  const places = PLACES, colours = COLOURS, seconds = SECONDS
  const button = document.querySelector("button"), band = document.querySelector("#band")
  let clicks = 0
  function show() {
    const [x, y] = places[clicks % places.length]
    button.style.left = 100 * x + "%"
    button.style.top = 100 * y + "%"
    band.style.background = `rgb(${colours[clicks % 2]})`
  }
  button.onclick = () => {
    clicks += 1
    show()
    if (seconds) band.animate([{transform: "scaleX(0)"}, {transform: "scaleX(1)"}], 1000 * seconds)
    navigator.sendBeacon("/clicked")
  }
  show()
</script>
"""
WORDS = "<p>A line of a text that fills the page, so that a picture of it is not nothing.</p>" * 20


def page(transition_s: float) -> str:
    """The page, whose band takes this long; none at all for 0."""
    filled = PAGE.replace("WORDS", WORDS).replace("PLACES", str([list(place) for place in PLACES]))
    return filled.replace("COLOURS", str([list(colour) for colour in COLOURS])).replace("SECONDS", str(transition_s))


def target(clicks: int, extent: Size) -> Point:
    """Where the button is after so many clicks, in a frame of this extent."""
    x, y = PLACES[clicks % len(PLACES)]
    return Point(round(x * extent.width), round(y * extent.height))


class Asked(NamedTuple):
    """A request to the model: when it came, its bytes, the newest picture, and the clicks that had landed."""

    at: float
    size: int
    picture: bytes
    clicks: int

    @property
    def finished(self) -> bool:
        """Whether the picture shows the newest click's band whole."""
        image = Image.open(io.BytesIO(self.picture)).convert("RGB")
        seen = image.getpixel((int(BAND[0] * image.width), int(BAND[1] * image.height)))
        assert isinstance(seen, tuple)
        return sum(abs(a - b) for a, b in zip(seen, COLOURS[self.clicks % 2], strict=True)) < FAR
