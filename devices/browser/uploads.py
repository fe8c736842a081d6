"""`Uploads`: the files of one folder that may be uploaded, and no other file of this machine."""

from pathlib import Path

from playwright.async_api import FileChooser

from actions.errors import ActionRefused
from devices.browser.events import quoted

LISTED = 20
_FORM = """element => [element.form?.getAttribute("action"),
    ...[...element.form?.elements ?? []].map(part => part.getAttribute("formaction"))]
    .filter(address => address && URL.canParse(address, document.baseURI))
    .map(address => new URL(address, document.baseURI)).filter(url => url.protocol !== "javascript:")
    .map(url => url.href)"""


async def receivers(chooser: FileChooser) -> list[str]:
    """The addresses that would get a file: of the frame that asks for it, and those that the form names."""
    frame = await chooser.element.owner_frame()
    named: list[str] = await chooser.element.evaluate(_FORM)
    return [frame.url if frame else chooser.page.url, *named]


class Uploads:
    """The files that may be uploaded; without a folder none."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def listed(self) -> str:
        """A sentence with the files that can be uploaded."""
        if self._folder is None:
            return "No file can be given here."
        names = self._names()
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        return f"Use ChooseFile with one of: {', '.join(map(quoted, names[:LISTED])) or 'none'}{more}."

    def path(self, name: str) -> Path:
        """The path of the file of that name. Raises ActionRefused if the folder has no such file."""
        if self._folder is None or name not in self._names():
            raise ActionRefused(f"There is no file {quoted(name)} to give. {self.listed()}")
        return self._folder / name

    def _names(self) -> list[str]:
        """The regular files in the folder itself; links that lead out of it are excluded."""
        if self._folder is None or not self._folder.is_dir():
            return []
        folder = self._folder.resolve()
        return sorted(path.name for path in folder.iterdir() if path.is_file() and path.resolve().parent == folder)
