"""What every device keeps to, on real machinery. One that opens without options joins by being there."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from PIL import Image

import devices
from actions.action import Action, Outcome
from actions.control import Wait
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.keyboard import Press, Type
from actions.mouse import DoubleClick, Drag, Scroll
from actions.phone import OpenApp
from actions.touch import Swipe
from actions.web import Goto, SwitchTab
from devices import DeviceOptions, Environment
from devices.gym import Step
from devices.wrappers.settled import Settled
from tasks.functions.samples import samples
from tests.devices.desktop.screen import shared_screen
from tests.devices.desktop.sway import shared_sway
from tests.devices.games.counter import COUNTER
from tests.devices.simphone.driver import Phone
from tests.prompts.random_actions import example

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


def wayland(request: pytest.FixtureRequest) -> Environment:
    """On a headless Wayland compositor."""
    request.getfixturevalue("monkeypatch").setenv("XDG_RUNTIME_DIR", str(shared_sway().folder))
    return devices.connect("desktop", DeviceOptions(address=shared_sway().display))


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


def at(device: str, address: str | None) -> Opener:
    return lambda request: devices.connect(device, DeviceOptions(address=address))


OPENERS: dict[str, Opener] = {
    "browser": browser,
    "android": android,
    "desktop": desktop,
    "desktop, wayland": wayland,
    "still": still,
    "still, as a phone": still_phone,
    "functions": functions,
    "cards, number-line": at("cards", "number-line"),
    "cards, ezpoint": at("cards", "ezpoint"),
    "cards, point24": at("cards", "point24"),
    "cards, blackjack": at("cards", "blackjack"),
    "gridworld": at("gridworld", "walls"),
    "gym": at("gym", COUNTER),
}
"""By device, where it takes more than its name to open it; one that opens as several things has an entry for each."""
OPENERS |= {name: at(name, None) for name in set(devices.names()) - {name.split(",")[0] for name in OPENERS}}
AT, THERE = Point(40, 50), Point(90, 120)
REPORTING: tuple[Action, ...] = (
    Drag(start=AT, end=THERE), Scroll(direction="down", notches=1), Type(text="é"), Press(keys=("shift", "a")),
    Swipe(start=AT, end=THERE), OpenApp(app="Notes"), OpenApp(app="Nonsense"), Goto(url=PAD), SwitchTab(index=99),
    *(sample.gold[0] for sample in samples()), Step(action=99), Wait(seconds=0.01),
)  # fmt: skip
"""Actions that ask more of a device than plain ones do."""


def samples_for(device: Environment) -> list[Action]:
    """Actions of every kind that the device is offered."""
    kinds, there = device.action_space.actions, {type(action) for action in REPORTING}
    return [
        *(action for action in REPORTING if type(action) in kinds),
        *(example(kind) for kind in kinds if kind not in there),
    ]


def primitives(kind: type[Action]) -> set[str]:
    """What a device must be able to do for an action: the methods of the protocol that the action calls."""
    return set(kind.apply.__code__.co_names) & set(vars(get_type_hints(kind.apply)["device"]))


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


def test_it_has_the_primitives_that_its_actions_use(device: Environment) -> None:
    for kind in device.action_space.actions:
        missing = {name for name in primitives(kind) if not callable(getattr(device, name, None))}
        assert not missing, f"{kind.__name__} needs {missing}"


def test_the_primitives_of_an_action_are_those_that_it_calls() -> None:
    assert primitives(Drag) == {"drag"} and primitives(DoubleClick) == {"click"} and not primitives(Wait)


def test_every_action_is_performed_or_refused(device: Environment) -> None:
    for action in samples_for(device):
        try:
            assert isinstance(device.perform(action), Outcome)
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
        device.perform(samples_for(device)[0])


def test_it_can_be_aborted_from_another_thread_and_closed_then(device: Environment) -> None:
    for _ in range(2):
        thread = threading.Thread(target=device.abort)
        thread.start()
        thread.join()
    device.close()
    with pytest.raises(DeviceFailure):
        device.observe()


def test_an_unknown_device_is_answered_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="browser"):
        devices.connect("toaster", DeviceOptions())
