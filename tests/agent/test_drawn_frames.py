"""A screenshot in a terminal keeps its shape, its colours and the terminal's limits."""

import pytest
from PIL import Image

from agent.frames import UPPER_HALF, framed


@pytest.mark.parametrize(
    ("picture", "columns", "lines", "size"),
    [
        ((336, 448), 80, 22, (33, 22)),  # as high as the terminal
        ((1280, 800), 80, 40, (80, 25)),  # as wide
        ((4, 4), 80, 24, (48, 24)),  # a small one is enlarged
        ((4000, 2), 80, 24, (80, 1)),
    ],
)
def test_a_frame_fits_the_terminal_and_keeps_the_shape(
    picture: tuple[int, int], columns: int, lines: int, size: tuple[int, int]
) -> None:
    drawn = framed(Image.new("RGB", picture, "white"), columns, lines).plain.splitlines()
    assert (len(drawn[0]), len(drawn)) == size
    assert {*"".join(drawn)} == {UPPER_HALF}


def test_the_halves_of_a_character_are_two_pixels() -> None:
    picture = Image.new("RGB", (2, 2), "#010203")
    picture.putpixel((1, 1), (255, 0, 16))
    assert [str(span.style) for span in framed(picture, 2, 1).spans] == ["#010203 on #010203", "#010203 on #ff0010"]
