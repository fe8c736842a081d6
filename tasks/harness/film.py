"""`film`: a recorded run as an animated GIF, one frame per step, with the point and a caption drawn in."""

import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from actions.errors import RecordFailure, UsageError
from actions.geometry import Size
from agent.lines import Decided, Line
from agent.record import read_lines
from agent.run_info import read_info

STEP_MS, LAST_MS = 1200, 3000
SHORTEST, LONGEST = 320, 800
"""Screens narrower or wider than this many pixels are resized; the caption needs space, and a GIF must stay small."""
LETTER, LINES, MARGIN = 14, 3, 8
PAPER, INK, MARK = "#ffffff", "#202020", "#e4002b"


def film(run: Path, target: Path) -> int:
    """Writes the animation of one recorded episode; returns the number of frames.

    Raises:
        UsageError: the folder has no episode, or one without steps. RecordFailure: a screenshot cannot be read, or
            the file cannot be written.
    """
    if not (run / "run.json").is_file():
        raise UsageError(f"{run} holds no recorded episode: there is no run.json. Name the folder of one episode.")
    instruction, lines = read_info(run).instruction, read_lines(run)
    if not lines:
        raise UsageError(f"{run} has no step, so there is nothing to show.")
    width = min(max(lines[0].screen.width, SHORTEST), LONGEST)
    size = Size(width, max(round(line.screen.height * width / line.screen.width) for line in lines))
    try:
        frames = [_frame(line, run, size, instruction) for line in lines]
        durations = [STEP_MS] * (len(frames) - 1) + [LAST_MS]
        frames[0].save(
            target, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True
        )
    except OSError as error:
        raise RecordFailure(f"{target} cannot be made from {run}: {error}.") from error
    return len(frames)


def _frame(line: Decided, run: Path, size: Size, instruction: str) -> Image.Image:
    """The screenshot of a step with its points marked, above the instruction and the action."""
    font = ImageFont.load_default(LETTER)
    row = LETTER + 4
    frame = Image.new("RGB", (size.width, size.height + row * LINES + 2 * MARGIN), PAPER)
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
