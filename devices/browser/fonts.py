"""`font_for`: a font that has the characters of a text. Pillow's own has Latin letters only."""

import functools
import subprocess
from contextlib import suppress

from PIL import ImageFont

LATIN_END = 0x250
"""Unicode's Latin blocks end here."""
MATCH_S = 5.0


def font_for(text: str, size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font, of this machine if Pillow's does not suffice.

    Without a font that has them, some characters are drawn as boxes; fonts-noto-cjk has Chinese, Japanese and Korean.
    """
    foreign = frozenset(letter for letter in text if ord(letter) >= LATIN_END and not letter.isspace())
    if foreign and (file := _installed_with(foreign)):
        with suppress(OSError):  # a format that Pillow does not read
            return ImageFont.truetype(file, size)
    return ImageFont.load_default(size)


@functools.lru_cache(maxsize=64)
def _installed_with(letters: frozenset[str]) -> str:
    """The file of the installed font that has most of these letters, by fontconfig; empty without fontconfig."""
    wanted = " ".join(f"{ord(letter):x}" for letter in sorted(letters))
    try:
        found = subprocess.run(
            ["fc-match", "--format=%{file}", f":charset={wanted}"],
            capture_output=True,
            text=True,
            timeout=MATCH_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout
