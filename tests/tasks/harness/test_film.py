"""A run as an animation: a frame per step, the point where it was, whatever a screen said."""

from pathlib import Path

import av
import pytest
from PIL import Image

import run_agent
from actions.errors import RecordFailure, UsageError
from actions.geometry import Point
from tasks.harness.film import film
from tests.tasks.harness.test_page import EVIL, record

MARK = (228, 0, 43)


def reddest(frame: Image.Image) -> tuple[float, float]:
    """The middle of the pixels that are nearly of the mark's colour."""
    rgb = frame.convert("RGB")
    found = [
        (x, y) for x in range(rgb.width) for y in range(rgb.height)
        if all(abs(is_ - wanted) < 40 for is_, wanted in zip(rgb.getpixel((x, y)), MARK, strict=True))  # type: ignore[arg-type]
    ]  # fmt: skip
    return sum(x for x, _ in found) / len(found), sum(y for _, y in found) / len(found)


def test_each_step_is_a_frame_with_its_point_marked(tmp_path: Path) -> None:
    record(tmp_path / "run", steps=3, said="a\nb \x1b[31m " + "long " * 500, point=Point(50, 25))
    assert run_agent.main(["--export", str(tmp_path / "run"), str(tmp_path / "run.gif")]) == 0
    with Image.open(tmp_path / "run.gif") as gif:
        # Equal frames that follow one another may be one frame that lasts as long.
        assert gif.format == "GIF" and gif.width == 320
        x, y = reddest(gif)
    assert abs(x - 50 * 320 / 200) < 1.5 and abs(y - 25 * 320 / 200) < 1.5


def test_a_film_for_players_has_the_same_frames_for_as_long(tmp_path: Path) -> None:
    record(tmp_path / "run", steps=3, said="a\nb", point=Point(50, 25))
    assert run_agent.main(["--export", str(tmp_path / "run"), str(tmp_path / "run.MP4")]) == 0
    with av.open(tmp_path / "run.MP4") as shown:
        assert shown.streams.video[0].codec_context.name == "h264"
        frames = [
            (float(frame.time or 0), Image.fromarray(frame.to_ndarray(format="rgb24")))
            for frame in shown.decode(video=0)
        ]
    assert [time for time, _ in frames] == [0, 1.2, 2.4, 5.4]
    x, y = reddest(frames[2][1])
    assert abs(x - 50 * 320 / 200) < 1.5 and abs(y - 25 * 320 / 200) < 1.5


@pytest.mark.parametrize("kind", ["gif", "mp4"])
def test_a_screenshot_that_is_gone_is_named_and_an_earlier_film_stays(tmp_path: Path, kind: str) -> None:
    record(tmp_path / "run", steps=2, said="a", point=Point(1, 1))
    (tmp_path / f"run.{kind}").write_bytes(b"earlier")
    for picture in (tmp_path / "run" / "screens").iterdir():
        picture.write_bytes(b"no picture")
    with pytest.raises(RecordFailure, match=r"cannot be made from .*\.png"):
        film(tmp_path / "run", tmp_path / f"run.{kind}")
    assert (tmp_path / f"run.{kind}").read_bytes() == b"earlier"


def test_what_holds_no_step_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no recorded episode"):
        film(tmp_path, tmp_path / "run.gif")
    record(tmp_path / "empty", steps=0, said="nothing")
    with pytest.raises(UsageError, match="no step"):
        film(tmp_path / "empty", tmp_path / "run.gif")


def test_a_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    record(tmp_path / "run", steps=1, said=EVIL)
    with pytest.raises(RecordFailure, match="cannot be made"):
        film(tmp_path / "run", tmp_path / "no" / "run.gif")
