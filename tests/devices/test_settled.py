"""Waiting for the screen to settle: as short as possible, as long as necessary, and reported correctly."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from actions.geometry import Point, Size
from actions.mouse import Click
from actions.touch import Tap
from devices import DeviceOptions, Environment, Glimpse, Observation
from devices.browser.device import Browser
from devices.wrappers import Wrapped
from devices.wrappers.settled import Settled, changed_part
from tasks.worlds.site_server import QuietHandler, serving
from tests.fakes.pictures import PictureRow

MOVING = Path(__file__).parent / "pages" / "moving.html"


class Painted(PictureRow):
    """A screen that a function of the time since its first look paints."""

    def __init__(self, paint: Callable[[ImageDraw.ImageDraw, float], None]) -> None:
        super().__init__(Size(1280, 800))
        self._paint = paint
        self._started: float | None = None
        self.looks = 0

    def observe(self) -> Observation:
        self.looks += 1
        now = time.monotonic()
        self._started = self._started or now
        image = Image.new("RGB", self.screen, "white")
        self._paint(ImageDraw.Draw(image), now - self._started)
        return Observation(image, self.screen)


def look(paint: Callable[[ImageDraw.ImageDraw, float], None], deadline_s: float = 5.0) -> tuple[Observation, float]:
    started = time.monotonic()
    seen = Settled(Painted(paint), deadline_s=deadline_s).observe()
    return seen, time.monotonic() - started


AT_REST = 6
"""At most so many looks fit into the quiet time, and fewer where they are slow: none was wasted on movement."""


def test_a_still_screen_is_waited_for_no_longer_than_the_quiet_time() -> None:
    still = Painted(lambda draw, at: draw.rectangle((10, 10, 200, 200), "blue"))
    seen = Settled(still).observe()
    assert seen.settling and seen.settling.settled and still.looks <= AT_REST


def test_a_blinking_caret_does_not_keep_it_waiting() -> None:
    def paint(draw: ImageDraw.ImageDraw, at: float) -> None:
        if int(at * 20) % 2:
            draw.rectangle((300, 300, 301, 318), "black")

    blinking = Painted(paint)
    seen = Settled(blinking).observe()
    assert seen.settling and seen.settling.settled and blinking.looks <= AT_REST


def test_an_animation_is_waited_out() -> None:
    seen, took = look(lambda draw, at: draw.rectangle((min(at, 1.5) * 500, 100, min(at, 1.5) * 500 + 90, 190), "red"))
    assert seen.settling and seen.settling.settled and 1.5 <= took < 3
    assert seen.image.getpixel((755, 150)) == (255, 0, 0), "the picture is the one at rest"


def test_a_slow_fade_is_movement_too() -> None:
    def paint(draw: ImageDraw.ImageDraw, at: float) -> None:
        draw.rectangle((0, 0, 600, 600), (round(255 - min(at, 2) * 110),) * 3)

    _, took = look(paint)
    assert took > 1.5


def test_an_endless_spinner_is_left_at_the_deadline_and_marked() -> None:
    seen, took = look(
        lambda draw, at: draw.pieslice((600, 300, 640, 340), at * 400, at * 400 + 90, "black"), deadline_s=1
    )
    assert seen.settling and not seen.settling.settled and 1.0 <= took < 2


class Telling(Painted):
    """The same on a device that reports what it draws: a frame for each look, and for whatever has changed."""

    def __init__(self, moves_s: float, on_look: Callable[["Telling"], None] = lambda device: None) -> None:
        super().__init__(lambda draw, at: draw.rectangle((min(at, self._moves_s) * 500, 0, 1280, 90), "red"))
        self._moves_s = moves_s
        self._on_look = on_look
        self._told: Image.Image | None = None
        self.pauses = 0
        self.over = False

    def observe(self) -> Observation:
        self._on_look(self)
        self._told = None
        return super().observe()

    @contextmanager
    def drawing(self) -> Iterator["Telling"]:
        yield self

    def next(self, within_s: float) -> Glimpse | None:
        if self.over:
            return None
        newest = super().observe().image.reduce(4)
        if newest == self._told:
            time.sleep(within_s)
            return Glimpse(None, loading=False)
        self._told = newest
        return Glimpse(newest, loading=False)

    def pause(self, seconds: float) -> None:
        self.pauses += 1
        time.sleep(seconds)
        self._told = None

    def move(self, seconds: float) -> None:
        """Begins to move again."""
        self._started = time.monotonic()
        self._moves_s = seconds


def test_a_device_that_reports_what_it_draws_is_looked_at_once() -> None:
    device, looks = Telling(0.0, lambda _: looks.append(1)), list[int]()
    seen = Settled(device).observe()
    assert seen.settling and seen.settling.settled and looks == [1]


def test_what_it_draws_is_waited_out() -> None:
    device = Telling(0.4)
    seen = Settled(device).observe()
    assert seen.settling and seen.settling.settled and seen.settling.waited_s >= 0.4 and device.pauses
    assert [seen.image.getpixel((x, 50)) for x in (195, 205)] == [(255, 255, 255), (255, 0, 0)], "the one at rest"


def test_what_moves_during_the_look_is_waited_out() -> None:
    def begin(device: Telling) -> None:
        looks.append(1)
        if len(looks) == 1:
            device.move(0.3)
            time.sleep(0.1)

    device, looks = Telling(0.0, begin), list[int]()
    seen = Settled(device).observe()
    assert seen.settling and seen.settling.settled and len(looks) >= 2


def test_a_device_that_stops_reporting_is_looked_at_as_others_are() -> None:
    device = Telling(0.0)
    device.over = True
    seen = Settled(device).observe()
    assert seen.settling and seen.settling.settled and 2 <= device.looks <= AT_REST


def test_a_device_that_draws_for_ever_is_left_at_the_deadline_and_marked() -> None:
    seen = Settled(Telling(60.0), deadline_s=0.5).observe()
    assert seen.settling and not seen.settling.settled


def test_what_changed_since_the_last_look_is_told_within_two_hundredths() -> None:
    for part in (0.0, 0.01, 0.1, 0.5, 1.0):
        before, after = Image.new("RGB", (1000, 500), "white"), Image.new("RGB", (1000, 500), "white")
        after.paste((0, 90, 200), (0, 0, round(1000 * part), 500))
        assert abs(changed_part(before, after) - part) <= 0.02
    assert changed_part(before, Image.new("RGB", (500, 1000))) == 1.0


def test_the_first_look_has_nothing_to_compare_with_and_later_ones_do() -> None:
    row = Settled(PictureRow())
    first = row.observe()
    row.perform(Tap(point=Point(1, 1)))
    second, third = row.observe(), row.observe()
    assert [seen.settling.changed for seen in (first, second, third) if seen.settling] == [None, 0.0, 0.0], (
        "a change of five levels is no visible one"
    )
    for _ in range(4):
        row.perform(Tap(point=Point(1, 1)))
    fourth = row.observe()
    assert fourth.settling and fourth.settling.changed == 1.0
    row.reset()
    assert (again := row.observe().settling) and again.changed is None


@pytest.fixture
def page() -> Iterator[Callable[[str], Settled]]:
    browsers: list[Browser] = []

    def open_(query: str) -> Settled:
        browsers.append(Browser(DeviceOptions(address=f"{MOVING.as_uri()}{query}", headless=True)))
        return Settled(browsers[-1])

    yield open_
    for browser in browsers:
        browser.close()


class Recorded(Wrapped):
    """Keeps every picture."""

    def __init__(self, inner: Environment) -> None:
        super().__init__(inner)
        self.pictures: list[bytes] = []

    def observe(self) -> Observation:
        seen = self.inner.observe()
        self.pictures.append(seen.image.tobytes())
        return seen


def test_a_real_page_at_rest_is_waited_for_no_longer_than_the_quiet_time(page: Callable[[str], Settled]) -> None:
    screen = page("")
    screen.observe()
    looks = Recorded(screen.inner)
    for _ in range(5):
        seen = Settled(looks).observe()
        assert seen.settling and seen.settling.settled
    assert len(looks.pictures) <= 5 * AT_REST and len(set(looks.pictures)) == 1


def test_a_real_animation_that_starts_late_is_waited_out(page: Callable[[str], Settled]) -> None:
    screen = page("?kind=run&late=60")
    screen.observe()
    screen.perform(Click(point=Point(600, 500)))
    seen = screen.observe()
    assert seen.settling and seen.settling.settled and seen.settling.waited_s > 1.3
    assert screen.observe().image.tobytes() == seen.image.tobytes()


def test_a_real_spinner_is_left_at_the_deadline(page: Callable[[str], Settled]) -> None:
    screen = Settled(page("?kind=spin").inner, deadline_s=1.0)
    seen = screen.observe()
    assert seen.settling and not seen.settling.settled


class Slow(QuietHandler):
    """A page whose three buttons ask for a colour, for a picture, and for an answer that does not come."""

    ANSWERS = {
        "/": b"""<body style="margin: 0"><style>button { display: block; width: 200px; height: 100px }</style>
            <button onclick="fetch('/red').then(got => got.text()).then(got => document.body.style.background = got)">
            </button><button onclick="document.body.append(Object.assign(new Image(), {src: '/picture.svg'}))"></button>
            <button onclick="fetch('/never')"></button>""",
        "/red": b"red",
        "/picture.svg": b'''<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300">
            <rect width="300" height="300" fill="red"/></svg>''',
    }  # fmt: skip

    def do_GET(self) -> None:
        if self.path in ("/red", "/picture.svg"):
            time.sleep(0.8)
        elif self.path == "/never":
            self.rfile.read()  # until the browser is closed
            return
        content = self.ANSWERS.get(self.path, b"")
        self.send_response(200)
        self.send_header("Content-Type", "image/svg+xml" if self.path.endswith(".svg") else "text/html")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@pytest.fixture
def slow() -> Iterator[Settled]:
    with serving(Slow) as address, Browser(DeviceOptions(address=address, headless=True)) as browser:
        yield Settled(browser)


@pytest.mark.parametrize("top", [0, 100], ids=["a fetched answer", "a picture"])
def test_what_the_page_has_asked_for_is_waited_for(slow: Settled, top: int) -> None:
    assert not _has_red(slow.observe())
    slow.perform(Click(point=Point(100, top + 50)))
    seen = slow.observe()
    assert _has_red(seen) and seen.settling and seen.settling.settled


def _has_red(seen: Observation) -> bool:
    return any(colour == (255, 0, 0) for _, colour in seen.image.getcolors(maxcolors=1 << 24) or [])


def test_an_answer_that_does_not_come_is_waited_for_two_seconds_and_once(slow: Settled) -> None:
    slow.observe()
    slow.perform(Click(point=Point(100, 250)))
    first, second = slow.observe().settling, slow.observe().settling
    assert first and second and first.settled and second.settled
    assert second.waited_s < 1.5 < first.waited_s < 4
