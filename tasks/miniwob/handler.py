"""`PageHandler`: serves the package's pages, and our page that shows one episode of them."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tasks import miniwob
from tasks.worlds.site_server import QuietHandler

EPISODE = Path(__file__).parent / "episode.html"


class PageHandler(QuietHandler):
    """Serves `/episode.html`, and every file of the package by its path."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments, directory=str(miniwob.html()))

    def translate_path(self, path: str) -> str:
        return str(EPISODE) if urlsplit(path).path == "/episode.html" else super().translate_path(path)
