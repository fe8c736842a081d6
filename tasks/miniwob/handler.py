"""`PageHandler`: serves the package's pages, and the one of ours that shows an episode of them."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tasks import miniwob
from tasks.worlds.site_server import QuietHandler

EPISODE = Path(__file__).parent / "episode.html"


class PageHandler(QuietHandler):
    """Knows `/episode.html`, and every file of the package by its path there."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=str(miniwob.html()))

    def translate_path(self, path: str) -> str:
        return str(EPISODE) if urlsplit(path).path == "/episode.html" else super().translate_path(path)
