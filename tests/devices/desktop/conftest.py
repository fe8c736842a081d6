"""The desktop device on a virtual screen with real applications."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasks.worlds.virtual_screen import Screen


@pytest.fixture
def file(screen: Screen) -> Iterator[Path]:
    """An empty text file in the home folder of the screen's applications."""
    path = screen.home / "note.txt"
    path.write_text("")
    yield path
    path.unlink()
