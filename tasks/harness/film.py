"""`film`: a recorded run as an animated GIF or an MP4, one frame per step, with the point and a caption drawn in."""

import io
import textwrap
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from actions.errors import RecordFailure, UsageError
from actions.geometry import Size
from agent.lines import Decided, Line
from agent.record import read_lines, write_whole
from agent.run_info import read_info

SUFFIXES = (".gif", ".mp4")
STEP_MS, LAST_MS = 1200, 3000
SHORTEST, LONGEST = 320, 800
"""Screens narrower or wider than this many pixels are resized; the caption needs space, and a GIF must stay small."""
LETTER, LINES, MARGIN = 14, 3, 8
PAPER, INK, MARK = "#ffffff", "#202020", "#e4002b"


def film(run: Path, target: Path) -> int:
    """Writes the animation of one recorded episode, in the format of the target's suffix; returns the number of frames.

    Raises:
        UsageError: the folder has no episode, or one without steps, or a package is missing. RecordFailure: a
            screenshot cannot be read, or the file cannot be written.
    """
    if not (run / "run.json").is_file():
        raise UsageError(f"{run} holds no recorded episode: there is no run.json. Name the folder of one episode.")
    instruction, lines = read_info(run).instruction, read_lines(run)
    if not lines:
        raise UsageError(f"{run} has no step, so there is nothing to show.")
    width = min(max(lines[0].screen.width, SHORTEST), LONGEST)
    size = Size(width, max(round(line.screen.height * width / line.screen.width) for line in lines))
    write = _as_mp4 if target.suffix.lower() == ".mp4" else _as_gif
    try:
        write_whole(target, write([_frame(line, run, size, instruction) for line in lines]))
    except OSError as error:
        raise RecordFailure(f"{target} cannot be made from {run}: {error}.") from error
    return len(lines)


def _as_gif(frames: Sequence[Image.Image]) -> bytes:
    written, durations = io.BytesIO(), [STEP_MS] * (len(frames) - 1) + [LAST_MS]
    frames[0].save(written, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    return written.getvalue()


def _as_mp4(frames: Sequence[Image.Image]) -> bytes:
    """In H.264. A frame lasts until the next one, so the last one is shown again at the end."""
    try:
        import av
    except ModuleNotFoundError as error:
        raise UsageError("An .mp4 needs the package 'av'. Install it with: pip install '.[video]'") from error
    written = io.BytesIO()
    with av.open(written, "w", format="mp4") as container:
        stream = container.add_stream("libx264")
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuv420p"  # what every player shows
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        moments = [*range(0, len(frames) * STEP_MS, STEP_MS), (len(frames) - 1) * STEP_MS + LAST_MS]
        for frame, moment in zip([*frames, frames[-1]], moments, strict=True):
            shown = av.VideoFrame.from_ndarray(np.asarray(frame), format="rgb24")
            shown.pts, shown.time_base = moment, stream.time_base
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return written.getvalue()


def _frame(line: Decided, run: Path, size: Size, instruction: str) -> Image.Image:
    """The screenshot of a step with its points marked, above the instruction and the action."""
    font = ImageFont.load_default(LETTER)
    row = LETTER + 4
    height = size.height + row * LINES + 2 * MARGIN
    frame = Image.new("RGB", (size.width + size.width % 2, height + height % 2), PAPER)  # H.264 wants even sides
    scale = size.width / line.screen.width
    with Image.open(run / line.picture) as screenshot:
        shown = screenshot.convert("RGB").resize((size.width, round(line.screen.height * scale)))
    frame.paste(shown)
    pen = ImageDraw.Draw(frame)
    for point in (line.action.points() if line.action else {}).values():
        _mark(pen, point.x * scale, point.y * scale)
    letters = int((size.width - 2 * MARGIN) / font.getlength("n"))
    rows = (textwrap.shorten(text, letters, placeholder="...") for text in (instruction, *_caption(line)))
    for number, text in enumerate(rows):
        place = (MARGIN, size.height + MARGIN + number * row)
        pen.text(place, text, fill=INK, font=font)
    return frame


def _mark(pen: ImageDraw.ImageDraw, x: float, y: float) -> None:
    for radius, colour in ((11, PAPER), (10, MARK), (8, PAPER)):
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), outline=colour, width=2)
    pen.ellipse((x - 2, y - 2, x + 2, y + 2), fill=MARK)


def _caption(line: Decided) -> tuple[str, str]:
    """The action of a step and its outcome."""
    done = str(line.action) if line.action else line.mistake.text if line.mistake else ""
    return f"{line.index}  {done}", line.outcome.text if isinstance(line, Line) else ""
