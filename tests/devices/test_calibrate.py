"""Every kind of device is touched within two pixels of where the model pointed, at every scale and rotation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import devices
import run_agent
from actions.errors import UsageError
from actions.geometry import Size
from agent.episode import Ending
from devices import DeviceOptions, Environment, Observation
from devices.wrappers import Wrapped
from model import profile
from tasks.calibration.measure import TARGETS, Hit, accurate, calibrate, cause, summary
from tasks.calibration.targets import PageBoard, WindowBoard, board_for
from tasks.worlds.virtual_screen import Screen
from tests.devices.desktop.screen import shared_screen
from tests.devices.simphone.driver import Phone

MODEL = profile.load("qwen2.5-vl-7b")


def hits_on(device: Environment, kind: str, model: profile.Profile = MODEL) -> list[Hit]:
    with board_for(device, kind) as board:
        episode, hits = calibrate(model, device, board)
    assert episode.ending is Ending.FINISHED, episode.answer
    return list(hits)


@pytest.mark.parametrize("scale", [1.5, *(pytest.param(scale, marks=pytest.mark.slow) for scale in (1, 1.25, 2))])
def test_a_browser_is_touched_where_it_was_pointed_at(scale: float) -> None:
    with devices.connect("browser", DeviceOptions(headless=True, scale=scale, viewport=Size(1280, 800))) as device:
        hits = hits_on(device, "browser")
    assert accurate(hits), hits


def test_a_frame_of_thousandths_costs_no_more_than_its_own_coarseness() -> None:
    with devices.connect("browser", DeviceOptions(headless=True, viewport=Size(1280, 800))) as device:
        hits = hits_on(device, "browser", profile.load("qwen2-vl-7b"))
    assert accurate(hits), hits


@pytest.fixture
def two_monitors() -> Iterator[Screen]:
    screen = shared_screen()
    screen.run("xrandr", "--setmonitor", "left", "500/130x800/210+0+0", "screen")
    screen.run("xrandr", "--setmonitor", "right", "780/200x800/210+500+0", "none")
    yield screen
    for name in ("left", "right"):
        screen.run("xrandr", "--delmonitor", name)


def test_each_of_two_monitors_is_touched_where_it_was_pointed_at(two_monitors: Screen) -> None:
    for number in (1, 2):
        with devices.connect("desktop", DeviceOptions(address=f"{two_monitors.display}/{number}")) as device:
            hits = hits_on(device, "desktop")
        assert accurate(hits), (number, hits)


class DenseWindow(WindowBoard):
    """Over a screen that is captured with twice as many pixels as the pointer moves in, as a Mac's is."""

    def observe(self) -> Observation:
        seen = super().observe()
        return Observation(seen.image.resize((2 * seen.image.width, 2 * seen.image.height)), seen.screen)


def test_a_dense_screen_is_touched_where_it_was_pointed_at() -> None:
    """No X11 display has input units of its own; what is doubled here is the picture of a real one."""
    with devices.connect("desktop", DeviceOptions(address=shared_screen().display)) as device:
        with DenseWindow(device) as board:
            episode, hits = calibrate(MODEL, device, board)
    assert episode.ending is Ending.FINISHED and accurate(hits), (episode.answer, hits)


@pytest.mark.parametrize("rotation", ["1", *(pytest.param(rotation, marks=pytest.mark.slow) for rotation in "03")])
def test_a_phone_is_touched_where_it_was_pointed_at_however_it_lies(
    phone: Phone, rotation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    phone.shell(f"settings put system user_rotation {rotation}")
    with devices.connect("android", DeviceOptions(address=phone.serial)) as device:
        hits = hits_on(device, "android")
    assert accurate(hits), hits


class _Shrunk(Wrapped):
    """A device that says that its screen is smaller than it is."""

    def observe(self) -> Observation:
        seen = self.inner.observe()
        return Observation(seen.image, Size(seen.screen.width * 9 // 10, seen.screen.height * 9 // 10))


class _ShrunkPage(PageBoard):
    def around(self, device: Environment) -> Environment:
        return _Shrunk(super().around(device))


def test_a_device_that_is_wrong_is_found_out() -> None:
    with devices.connect("browser", DeviceOptions(headless=True)) as device:
        with _ShrunkPage.served("browser") as board:
            episode, hits = calibrate(MODEL, device, board)
    assert not cause(MODEL, episode), "the picture is as large as the screen"
    assert "1280 x 800 pixels as a picture of 168 x 224" in cause(profile.load("embedded"), episode)
    assert len(hits) == TARGETS and not accurate(hits)
    assert max(hit.error for hit in hits) > 50
    assert "9 of 9 targets touched, largest error" in summary(hits)
    assert not accurate([]) and not accurate([Hit(index, 0, 0) for index in range(8)])


def test_the_command_tells_the_largest_error(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    flags = ["--calibrate", "--headless", "--model", "qwen2.5-vl-7b", "--runs", str(tmp_path)]
    assert run_agent.main(flags) == 0
    assert "9 of 9 targets touched, largest error" in capsys.readouterr().out
    with pytest.raises(UsageError, match="A 'still' device cannot show targets"), board_for(Wrapped(None), "still"):  # type: ignore[arg-type]
        pass
