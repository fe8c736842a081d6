"""What every device keeps to, on real machinery. A device joins by a function in `OPENERS`."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

import devices
from actions.action import Action, Outcome
from actions.control import Answer, AskUser, Finish, Wait
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, MiddleClick, MoveTo, RightClick, Scroll
from actions.phone import Back, Enter, Home, OpenApp, Recents
from actions.touch import DoubleTap, LongPress, Swipe, Tap
from actions.web import AnswerDialog, Choose, CloseTab, GoBack, Goto, NewTab, Reload, SwitchTab
from devices import DeviceOptions, Environment
from devices.doubles.games.blackjack import Hit, Stand
from devices.doubles.games.number_line import Decrease, Increase
from devices.doubles.games.points import Write, WriteSimple
from devices.doubles.games.rooms import Forward, TurnLeft, TurnRight
from devices.gym import Step
from devices.wrappers.settled import Settled
from tasks.functions.samples import samples
from tests.devices.desktop.screen import shared_screen
from tests.devices.games.counter import COUNTER
from tests.devices.simphone.driver import Phone

PAD = str(Path(__file__).parent / "pages" / "pad.html")
Opener = Callable[[pytest.FixtureRequest], Environment]


def browser(request: pytest.FixtureRequest) -> Environment:
    return devices.connect("browser", DeviceOptions(address=PAD, headless=True))


def android(request: pytest.FixtureRequest) -> Environment:
    """On SimPhone, through the real adb."""
    phone: Phone = request.getfixturevalue("phone")
    request.getfixturevalue("monkeypatch").setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    return devices.connect("android", DeviceOptions(address=phone.serial))


def desktop(request: pytest.FixtureRequest) -> Environment:
    """On a virtual display with a window manager."""
    return devices.connect("desktop", DeviceOptions(address=shared_screen().display))


def still(request: pytest.FixtureRequest) -> Environment:
    return _picture(request, mobile=False)


def still_phone(request: pytest.FixtureRequest) -> Environment:
    return _picture(request, mobile=True)


def functions(request: pytest.FixtureRequest) -> Environment:
    return _picture(request, name="functions")


def _picture(request: pytest.FixtureRequest, mobile: bool = False, name: str = "still") -> Environment:
    path = request.getfixturevalue("tmp_path") / "picture.png"
    Image.new("L", (300, 200), 90).save(path)
    return devices.connect(name, DeviceOptions(address=str(path), mobile=mobile))


def game(device: str, address: str) -> Opener:
    return lambda request: devices.connect(device, DeviceOptions(address=address))


OPENERS: dict[str, Opener] = {
    "browser": browser,
    "android": android,
    "desktop": desktop,
    "still": still,
    "still, as a phone": still_phone,
    "functions": functions,
    "cards, number-line": game("cards", "number-line"),
    "cards, ezpoint": game("cards", "ezpoint"),
    "cards, point24": game("cards", "point24"),
    "cards, blackjack": game("cards", "blackjack"),
    "gridworld": game("gridworld", "walls"),
    "gym": game("gym", COUNTER),
}
"""By device; a device that opens as several things has an entry for each."""
AT, THERE = Point(40, 50), Point(90, 120)
SAMPLES: tuple[Action, ...] = (
    Click(point=AT), DoubleClick(point=AT), RightClick(point=AT), MiddleClick(point=AT), MoveTo(point=AT),
    Drag(start=AT, end=THERE), Scroll(direction="down", notches=1), Type(text="é"), Press(keys=("shift", "a")),
    Tap(point=AT), DoubleTap(point=AT), LongPress(point=AT, seconds=0.1), Swipe(start=AT, end=THERE),
    Home(), OpenApp(app="Notes"), Recents(), Back(), Enter(), OpenApp(app="Nonsense"),
    Goto(url=PAD), GoBack(), NewTab(), SwitchTab(index=1), SwitchTab(index=99), Reload(), CloseTab(),
    AnswerDialog(answer="accept"), Choose(value="x"),
    *(sample.gold[0] for sample in samples()),
    Increase(), Decrease(), Hit(), Stand(), Write(symbol="("), WriteSimple(symbol="+"), Step(action=1), Step(action=99),
    Forward(), TurnLeft(), TurnRight(),
    Wait(seconds=0.01), Answer(text="4"), Finish(status="success"), AskUser(question="?"),
)  # fmt: skip


@pytest.fixture(params=OPENERS)
def device(request: pytest.FixtureRequest) -> Iterator[Environment]:
    with OPENERS[request.param](request) as opened:
        yield opened


def test_it_shows_an_rgb_picture_and_a_screen(device: Environment) -> None:
    seen = device.observe()
    assert seen.image.mode == "RGB" and min(seen.image.size) > 0
    assert isinstance(seen.screen, Size) and min(seen.screen) > 0
    across, down = seen.image.width / seen.screen.width, seen.image.height / seen.screen.height
    assert abs(across - down) < 0.02, "picture and screen span the same area"


def test_looking_twice_shows_the_same(device: Environment) -> None:
    settled = Settled(device)
    settled.observe()
    assert settled.observe().image.tobytes() == settled.observe().image.tobytes()


def test_it_has_the_primitives_that_its_actions_need(device: Environment) -> None:
    for kind in device.action_space.actions:
        assert isinstance(device, kind.receiver), f"{kind.__name__} needs {kind.receiver.__name__}"


def test_every_action_of_its_space_has_a_sample_here(device: Environment) -> None:
    assert set(device.action_space.actions) <= {type(sample) for sample in SAMPLES}


def test_every_action_is_performed_or_refused(device: Environment) -> None:
    for sample in SAMPLES:
        if type(sample) in device.action_space:
            try:
                assert isinstance(device.perform(sample), Outcome)
            except ActionRefused as refusal:
                assert len(str(refusal)) > 10
            device.observe()


def test_it_can_be_put_back_to_its_start(device: Environment) -> None:
    before = Settled(device).observe()
    device.perform(Wait(seconds=0.01))
    device.reset()
    assert Settled(device).observe().screen == before.screen


def test_it_closes_once_and_fails_afterwards(device: Environment) -> None:
    device.close()
    device.close()
    with pytest.raises(DeviceFailure):
        device.observe()
    with pytest.raises(DeviceFailure):
        device.perform(next(sample for sample in SAMPLES if type(sample) in device.action_space))


def test_it_can_be_aborted_from_another_thread_and_closed_then(device: Environment) -> None:
    for _ in range(2):
        thread = threading.Thread(target=device.abort)
        thread.start()
        thread.join()
    device.close()
    with pytest.raises(DeviceFailure):
        device.observe()


def test_every_device_there_is_is_held_to_this() -> None:
    assert set(devices.names()) == {name.split(",")[0] for name in OPENERS}


def test_an_unknown_device_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="browser"):
        devices.connect("toaster", DeviceOptions())
