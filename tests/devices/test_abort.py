"""A call that is never answered ends with an abort: the browser with its Chromium, the phone with its connection."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import devices
from actions.action import Action
from actions.errors import DeviceFailure
from actions.geometry import Point
from actions.keyboard import Press
from actions.mouse import Click
from devices import DeviceOptions, Environment
from devices.android.device import Android
from tests.devices.simphone.driver import Phone

SOON_S = 10
"""What a busy machine may take; without an abort these calls end after 30 s, or never."""
HANDLERS = {"click": Click(point=Point(50, 50)), "keydown": Press(keys=("a",))}


@contextmanager
def aborted(environment: Environment, after_s: float = 0.5) -> Iterator[None]:
    """Aborts the environment in the middle of the block, which must end soon after that."""
    timer = threading.Timer(after_s, environment.abort)
    begun = time.monotonic()
    timer.start()
    yield
    timer.join()
    assert time.monotonic() - begun < after_s + SOON_S


@pytest.mark.parametrize(("event", "action"), HANDLERS.items())
def test_a_handler_that_never_returns_holds_no_call_to_an_aborted_browser(
    event: str, action: Action, tmp_path: Path
) -> None:
    page = tmp_path / "busy.html"
    page.write_text(
        f"<title>Busy</title><h1>Busy</h1><script>addEventListener('{event}', () => {{while (1);}})</script>"
    )
    with devices.connect("browser", DeviceOptions(address=str(page), headless=True)) as browser:
        with aborted(browser), pytest.raises(DeviceFailure):
            while True:
                browser.perform(action)
                browser.observe()
        with pytest.raises(DeviceFailure):
            browser.observe()


def test_a_command_that_the_phone_never_answers_ends_with_an_abort(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(phone.adb_port))
    with devices.connect("android", DeviceOptions(address=phone.serial)) as android:
        assert isinstance(android, Android)
        with aborted(android), pytest.raises(DeviceFailure, match="aborted"):
            android.phone.read("sleep", "25")
        with pytest.raises(DeviceFailure):
            android.observe()
