"""`Happenings`: what pages do on their own (tabs, dialogs, downloads, crashes), answered and noted for the model."""

import time
from functools import partial
from pathlib import Path

from playwright.sync_api import BrowserContext, Dialog, Download, Error, FileChooser, Page, Request

SHOWN_TYPES = frozenset({"document", "stylesheet", "image", "font", "script", "xhr", "fetch"})
"""Playwright's types of requests whose answers a page may show. Streams and beacons are not among them."""
YOUNG_S = 2.0
"""An older request is taken for one that is held open (long polling), and no longer waited for."""


class Happenings:
    """Listens to every page of a context. `notes` are sentences about what happened since they were last cleared."""

    def __init__(self, context: BrowserContext, downloads: Path) -> None:
        self.notes: list[str] = []
        self.crashed = False
        self.current: Page | None = None
        self._downloads = downloads
        self._under_way: dict[Request, tuple[Page, float]] = {}
        for page in context.pages:
            self._listen(page)
        context.on("page", self._opened)

    def loading(self) -> bool:
        """Whether the page that is shown has asked for something in the last two seconds and not got it yet."""
        since = time.monotonic() - YOUNG_S
        self._under_way = {request: begun for request, begun in self._under_way.items() if begun[1] > since}
        return any(page is self.current for page, _ in self._under_way.values())

    def _opened(self, page: Page) -> None:
        """A new tab or popup is followed: it is where whoever opened it wants to go on."""
        self._listen(page)
        if self.current is not None:
            self.notes.append("A new tab opened and is shown.")
        self.current = page

    def _listen(self, page: Page) -> None:
        # The file chooser's listener has to be there before the first click: switching it on takes the browser a while.
        page.on("filechooser", self._file_asked)
        page.on("dialog", self._dialog)
        page.on("download", self._download)
        page.on("crash", self._crash)
        page.on("close", self._closed)
        page.on("request", partial(self._asked, page))
        page.on("requestfinished", self._answered)
        page.on("requestfailed", self._answered)

    def _asked(self, page: Page, request: Request) -> None:
        if request.resource_type in SHOWN_TYPES:
            self._under_way[request] = (page, time.monotonic())

    def _answered(self, request: Request) -> None:
        self._under_way.pop(request, None)

    def _closed(self, page: Page) -> None:
        if page is self.current:
            self.notes.append("The tab closed.")

    def _crash(self, page: Page) -> None:
        if page is self.current:
            self.crashed = True

    def _dialog(self, dialog: Dialog) -> None:
        kind = {"beforeunload": "question whether to leave"}.get(dialog.type, dialog.type)
        self.notes.append(f"The page showed a dialog ({kind}) that says {dialog.message[:300]!r}; it was accepted.")
        try:
            dialog.accept(dialog.default_value) if dialog.type == "prompt" else dialog.accept()
        except Error:
            self.notes.append("The dialog was gone before it could be answered.")

    def _download(self, download: Download) -> None:
        name = Path(download.suggested_filename).name or "download"
        try:
            self._downloads.mkdir(parents=True, exist_ok=True)
            taken = len(list(self._downloads.iterdir()))
            place = self._downloads / (f"{taken}-{name}" if (self._downloads / name).exists() else name)
            download.save_as(place)
        except (Error, OSError) as error:
            self.notes.append(f"A download of {name!r} failed: {str(error).splitlines()[0]}")
        else:
            self.notes.append(f"The file {place.name!r} was downloaded.")

    def _file_asked(self, chooser: FileChooser) -> None:
        self.notes.append("The page asked for a file to upload; none was chosen: files cannot be uploaded.")
