"""The panel's pixels: physical and overridden size and density, and its rotation."""

from dataclasses import dataclass
from typing import NamedTuple


class Pixels(NamedTuple):
    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass
class Display:
    """The state that `wm` reads and sets."""

    size: Pixels
    density: int
    override_size: Pixels | None = None
    override_density: int | None = None
    rotation: int = 0
    """In quarter turns: 0 and 2 are the panel's own orientation, 1 and 3 are sideways."""

    @property
    def natural(self) -> Pixels:
        """The size in the panel's own orientation."""
        return self.override_size or self.size

    @property
    def current(self) -> Pixels:
        """The size in the current rotation: of screen captures and of touch coordinates."""
        width, height = self.natural
        return Pixels(height, width) if self.rotation % 2 else Pixels(width, height)

    @property
    def scale(self) -> float:
        """Device pixels per density-independent pixel."""
        return (self.override_density or self.density) / 160


def read_size(text: str) -> Pixels:
    """`1080x2400` as pixels.

    Raises:
        ValueError: it is not such a size, or a size that no phone has.
    """
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise ValueError(f"{text!r} is not a size such as 1080x2400")
    size = Pixels(int(width), int(height))
    if not all(200 <= side <= 4096 for side in size):
        raise ValueError(f"both sides of {text!r} must be between 200 and 4096")
    return size
