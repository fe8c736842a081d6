"""`read_text`: the text of a file that a user names, or that somebody else may have written."""

import errno
from pathlib import Path


def read_text(path: Path, most: int = 2_000_000) -> str:
    """The text of a file, with at most that many characters, so that no file can fill the memory.

    Raises:
        OSError: it cannot be read, or is longer. UnicodeDecodeError: it is not UTF-8.
    """
    with path.open(encoding="utf-8") as file:
        text = file.read(most + 1)
    if len(text) > most:
        raise OSError(errno.EFBIG, f"it has more than {most:,} characters", str(path))
    return text
