"""A still picture remembers what was done to it and never changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import devices
from actions.control import Wait
from actions.errors import DeviceFailure, UsageError
from actions.geometry import Point, Size
from actions.mouse import Click, Scroll
from actions.touch import Swipe
from devices import DeviceOptions
from devices.still import Still, part_around


def test_it_remembers_where_it_was_touched_until_it_is_reset() -> None:
    with Still(Image.new("RGB", (30, 20)), mobile=True) as still:
        seen = still.observe()
        still.perform(Swipe(start=Point(1, 2), end=Point(3, 4)))
        still.perform(Wait(seconds=60))
        assert still.touched == [Point(1, 2), Point(3, 4)]
        assert [type(action) for action in still.done] == [Swipe, Wait]
        assert still.observe() == seen and seen.screen == Size(30, 20)
        still.reset()
        assert still.touched == [] == still.done


@given(st.integers(2, 3000), st.integers(2, 3000), st.floats(0, 1), st.floats(0, 1))
def test_the_part_around_a_point_lies_on_the_picture_and_holds_it(
    width: int, height: int, across: float, down: float
) -> None:
    point, size = Point(round(across * (width - 1)), round(down * (height - 1))), Size(width, height)
    part = part_around(point, size)
    assert 0 <= part.left < part.right <= width and 0 <= part.top < part.bottom <= height
    assert (part.right - part.left, part.bottom - part.top) == (width // 2, height // 2)
    assert part.left <= point.x <= part.right and part.top <= point.y <= part.bottom


def test_a_mouse_only_points_at_it() -> None:
    space = Still(Image.new("RGB", (30, 20))).action_space
    assert Click in space and Scroll not in space


def test_a_picture_that_is_missing_or_damaged_or_not_named_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "torn.png").write_bytes(b"\x89PNG\r\n")
    for name in ("none.png", "torn.png"):
        with pytest.raises(DeviceFailure, match=name):
            devices.connect("still", DeviceOptions(address=str(tmp_path / name)))
    with pytest.raises(UsageError, match="--address"):
        devices.connect("still", DeviceOptions())
