"""The desktop device on a headless mutter, by the real desktop portal and its dialog: `make test-portal`."""

import concurrent.futures
import contextlib
import re
import subprocess
from collections.abc import Iterator

import pytest

import devices
from actions.errors import UsageError
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo, RightClick, Scroll
from devices import DeviceOptions, Environment
from tasks.worlds.virtual_screen import until
from tests.devices.desktop.mutter import CANCEL, SHARE, Mutter, User, mutter

pytestmark = pytest.mark.portal
TEXT = 'Plain, <b> & "q" $HOME 100%\nGrüße ŻÓŁĆ 中文字符 שלום 😀\n'


@pytest.fixture(scope="module")
def compositor() -> Iterator[Mutter]:
    with mutter() as running:
        yield running


@pytest.fixture(autouse=True)
def session(compositor: Mutter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    for name, value in compositor.environ.items():
        monkeypatch.setenv(name, value)


@contextlib.contextmanager
def answered(interaction: bool, button: tuple[int, int]) -> Iterator[None]:
    """A user answers the dialog that the block brings up."""
    with contextlib.closing(User()) as user, concurrent.futures.ThreadPoolExecutor(1) as hands:
        answering = hands.submit(user.answer, interaction, button)
        yield
        answering.result()


@pytest.fixture
def desktop(compositor: Mutter) -> Iterator[Environment]:
    with answered(True, SHARE):
        opened = devices.connect("desktop", DeviceOptions(address=compositor.display))
    with contextlib.closing(opened):
        yield opened
        compositor.clear()


def test_the_screen_is_seen_and_a_client_gets_what_is_done(compositor: Mutter, desktop: Environment) -> None:
    log = compositor.folder / "wev.log"
    before = desktop.observe().image
    compositor.start("sh", "-c", f"exec stdbuf -oL wev > {log}")
    until(lambda: log.exists() and "wl_keyboard] enter" in log.read_text())
    until(lambda: desktop.observe().image.getpixel((640, 400)) != before.getpixel((640, 400)))
    desktop.perform(MoveTo(point=Point(640, 400)))
    until(lambda: "wl_pointer] enter" in log.read_text())
    seen = desktop.observe()
    assert (seen.image.size, seen.screen) == ((1280, 800), (1280, 800))
    for action in (
        Click(point=Point(640, 400)),
        RightClick(point=Point(600, 420)),
        Drag(start=Point(600, 380), end=Point(660, 420)),
        Scroll(direction="down", notches=2, point=Point(640, 400)),
        Press(keys=("ctrl", "a")),
        Press(keys=("f12",)),
    ):
        desktop.perform(action)
    until(lambda: "F12" in log.read_text())
    report = log.read_text()
    # wev reports an event once for each device that it has been given, with the same serial number
    buttons = dict(re.findall(r"button: serial: (\d+).*?button: (\d+ .*?state: \d) ", report))
    assert [change[:3] + change[-1] for change in buttons.values()] == ["2721", "2720", "2731", "2730", "2721", "2720"]
    keys = dict(re.findall(r"key: serial: (\d+);.*?state: (\d .*?sym: \w+)", report, re.DOTALL))
    named = [(change[0], change.split()[-1]) for change in keys.values()]
    assert named == [("1", "Control_L"), ("1", "a"), ("0", "a"), ("0", "Control_L"), ("1", "F12")]
    places = {tuple(map(float, place)) for place in re.findall(r"x, y: ([\d.]+), ([\d.]+)", report)}
    start = min(places)
    assert (start[0] + 60, start[1] + 40) in places, "the drag's end from its start"


def test_an_editor_gets_every_text(compositor: Mutter, desktop: Environment) -> None:
    note = compositor.folder / "note.txt"
    note.write_text("")
    compositor.start("mousepad", "--disable-server", str(note))
    before = desktop.observe().image
    until(lambda: desktop.observe().image.tobytes() != before.tobytes())
    desktop.perform(Click(point=Point(600, 400)))
    desktop.perform(Type(text=TEXT))

    def saved() -> bool:
        desktop.perform(Press(keys=("ctrl", "s")))
        return note.read_text() == TEXT

    until(saved)


def test_a_user_who_cancels_or_allows_no_interaction_is_reported_as_that(compositor: Mutter) -> None:
    for button, reason in ((CANCEL, "was cancelled"), (SHARE, "remote interaction is off in the portal's dialog")):
        with answered(False, button), pytest.raises(UsageError, match=reason):
            devices.connect("desktop", DeviceOptions(address=compositor.display))


def test_the_clipboard_keeps_what_the_user_had_copied(compositor: Mutter, desktop: Environment) -> None:
    clipboard = desktop.system.keys._clipboard  # type: ignore[attr-defined]
    clipboard.copy("mine")
    desktop.perform(Type(text="é"))
    assert clipboard.paste() == "mine"
    subprocess.run(["wl-copy", "--clear"], check=True, timeout=20)
