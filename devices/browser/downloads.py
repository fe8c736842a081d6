"""`Downloads`: the files that pages give, kept in one folder under harmless names, and unfinished ones."""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Download, Error

from actions.secrets import Secrets
from devices.browser.events import Notes, quoted
from devices.browser.net_errors import meaning

MOST = 50
NAME_BYTES = 200
"""File systems allow 255 bytes; this leaves room for a number before the name."""
SUFFIX_BYTES = 30


class Downloads:
    """The downloads of one session."""

    def __init__(self, folder: Path, notes: Notes, secrets: Secrets) -> None:
        self._folder = folder
        self._secrets = secrets
        self._notes = notes
        self._begun = 0
        self._taken: set[str] = set()
        self._under_way: dict[asyncio.Task[None], str] = {}

    def begin(self, download: Download) -> None:
        """Stores a download once it is complete."""
        self._begun += 1
        if self._begun > MOST:
            self._notes.add("downloads that were refused", f"A download was refused: there have been {MOST}.")
            work = download.cancel()
            name = ""
        else:
            name = self._name(download.suggested_filename)
            self._notes.add("downloads", f"The download of {quoted(name)} has begun.")
            work = self._keep(download, name)
        task = asyncio.ensure_future(work)
        self._under_way[task] = name
        task.add_done_callback(lambda done: self._under_way.pop(done, None))

    @property
    def unfinished(self) -> str:
        """A sentence about unfinished downloads, if any."""
        names = [name for name in list(self._under_way.values()) if name]
        return f"Not downloaded completely: {', '.join(map(quoted, names))}." if names else ""

    async def wait(self, within_s: float) -> str:
        """Waits for running downloads, and returns the sentence about `unfinished` ones."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=within_s)
        return self.unfinished

    async def _keep(self, download: Download, name: str) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            await download.save_as(self._folder / name)
        except (Error, OSError) as error:
            self._notes.add("downloads", f"The download of {quoted(name)} {_failed(error)}.")
        else:
            self._notes.add("downloads", f"The file {quoted(name)} was downloaded.")

    def _name(self, suggested: str) -> str:
        """A free name in this folder, with the suggested suffix."""
        name = Path(self._secrets.masked(suggested).replace("\\", "/")).name
        path = Path(re.sub(r"[\x00-\x1f\x7f<>:\"|?*]", "_", name).strip(". ") or "download")
        suffix = _cut(path.suffix, SUFFIX_BYTES)
        name = _cut(path.stem, NAME_BYTES - len(suffix.encode())) + suffix
        number = 0
        unique = name
        while unique in self._taken or (self._folder / unique).exists():
            number += 1
            unique = f"{number}-{name}"
        self._taken.add(unique)
        return unique


def _failed(error: Error | OSError) -> str:
    """What became of a download, in words."""
    if isinstance(error, OSError):
        return f"could not be stored: {error.strerror or type(error).__name__}"
    if "canceled" in error.message:
        return "did not complete: the server or the page broke it off"
    return f"failed: {meaning(error.message.removeprefix('Download.save_as: '))}"


def _cut(text: str, most: int) -> str:
    """The longest prefix of a text within this many bytes."""
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")
