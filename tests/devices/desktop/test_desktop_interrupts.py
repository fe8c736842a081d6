"""The keyboard after interrupts, which may come in the middle of the X server's replies."""

import random
import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from devices.desktop.x11 import open_display
from devices.desktop.x11_keyboard import X11Keyboard
from tasks.worlds.virtual_screen import Screen

LONGEST_S = 0.06


@pytest.fixture
def keyboard(screen: Screen) -> Iterator[X11Keyboard]:
    opened = X11Keyboard(screen.display)
    yield opened
    opened.close()


@pytest.fixture
def interrupts() -> Iterator[random.Random]:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield random.Random(15)
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("text", ["abcXYZ" * 100, "\u4e2d\u6587\u00e9" * 20], ids=["own keys", "borrowed keys"])
def test_after_interrupts_at_any_moment_no_key_is_down_and_the_keyboard_goes_on(
    keyboard: X11Keyboard, screen: Screen, interrupts: random.Random, text: str
) -> None:
    for _ in range(40):
        signal.setitimer(signal.ITIMER_REAL, interrupts.uniform(0.0005, LONGEST_S))
        try:
            keyboard.type_text(text)
        except KeyboardInterrupt:
            pass
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert not down(screen)
    keyboard.press(("shift", "a"))
    assert not down(screen)


def down(screen: Screen) -> list[int]:
    """The key codes that are down, by the word of the server."""
    asking = open_display(screen.display)
    try:
        keys = asking.query_keymap()
    finally:
        asking.close()
    return [8 * byte + bit for byte, bits in enumerate(keys) for bit in range(8) if bits >> bit & 1]
