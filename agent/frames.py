"""A step's screenshot in a terminal: each character shows two pixels, one above the other."""

from PIL import Image, ImageDraw
from rich.text import Text

from agent.episode import Step
from agent.terminal import Terminal

UPPER_HALF = "\N{UPPER HALF BLOCK}"
MARK = "#e4002b"


def print_frame(console: Terminal, step: Step) -> None:
    """Prints the screenshot of a step, as large as the terminal, with the points of its action.

    Prints nothing where there is no terminal, or one without colours or without this character.
    """
    if console.is_terminal and console.color_system and console.encoding.startswith("utf"):
        console.print(framed(_marked(step), console.width, console.height - 2))


def framed(picture: Image.Image, columns: int, lines: int) -> Text:
    """The picture in at most so many columns and lines of characters, each of which is two pixels of a smaller one."""
    scale = min(columns / picture.width, 2 * lines / picture.height)
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale / 2))
    small = picture.convert("RGB").resize((width, 2 * height), Image.Resampling.BOX)
    frame = Text(no_wrap=True)
    for line in range(height):
        for column in range(width):
            upper, lower = (_colour(small, column, 2 * line + half) for half in (0, 1))
            frame.append(UPPER_HALF, f"{upper} on {lower}")
        frame.append("\n")
    return frame


def _marked(step: Step) -> Image.Image:
    """The screenshot with a disc at each point of the action."""
    seen = step.observation
    picture, (width, height) = seen.image.copy(), seen.screen
    pen, radius = ImageDraw.Draw(picture), max(seen.size) // 40
    for point in (step.turn.action.points() if step.turn.action else {}).values():
        x, y = point.x * seen.size.width / width, point.y * seen.size.height / height
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=MARK)
    return picture


def _colour(picture: Image.Image, x: int, y: int) -> str:
    red, green, blue = picture.getpixel((x, y))  # type: ignore[misc]  # an RGB picture has three
    return f"#{red:02x}{green:02x}{blue:02x}"
