"""`Camera`: complete screenshots of a phone's lit display, whatever the phone prints before them."""

import re
import time
from io import BytesIO

from PIL import Image, UnidentifiedImageError

from actions.errors import DeviceFailure
from devices.android.connection import Connection

TRIES = 3
BLACK = 8
"""A picture without a brighter pixel than this is black."""
_PNG = b"\x89PNG\r\n\x1a\n"
_SEVERAL = b"Multiple displays were found"
"""Android's warning, within the output; the captured display may then be off."""


class Camera:
    """Takes pictures with `screencap`. A foldable has several displays, of which the lit one is requested."""

    def __init__(self, phone: Connection) -> None:
        self._phone = phone
        self._display: str | None = None
        self._latest: tuple[bytes, Image.Image] | None = None

    def take(self) -> Image.Image:
        """A complete screenshot; the same object as the last one while the phone sends the same bytes.

        Raises:
            DeviceFailure: after several failures.
        """
        fault = ""
        for attempt in range(TRIES):
            time.sleep(0.2 if attempt else 0)
            named = ("-d", self._display) if self._display else ()
            data = self._phone.read_bytes("screencap", "-p", *named)
            try:
                picture = self._decoded(data)
            except (UnidentifiedImageError, OSError, SyntaxError) as error:
                fault = data[:200].decode("utf-8", "replace").strip() if len(data) < 2000 else str(error)
                self._display = self._lit() if named else self._display
                continue
            if (_SEVERAL in data[:2000] or is_black(picture)) and self._turn_to_the_lit():
                continue
            return picture
        raise DeviceFailure(f"The phone returns no screenshot: {fault or 'no data'}. Is its screen locked?")

    def _decoded(self, data: bytes) -> Image.Image:
        """The picture after any printed lines. Raises as Pillow does if it is missing or incomplete.

        Decoding takes a quarter of a look, and most looks are at a screen that has not changed.
        """
        if self._latest is None or self._latest[0] != data:
            begin = data.find(_PNG)
            self._latest = data, Image.open(BytesIO(data[max(begin, 0) :])).convert("RGB")
        return self._latest[1]

    def _turn_to_the_lit(self) -> bool:
        """Whether another display than the current one is lit; it is captured from now on."""
        before, self._display = self._display, self._lit()
        return self._display != before

    def _lit(self) -> str | None:
        """The physical display that the user sees, if there are several.

        The logical display 0, which takes the input, is put on the lit panel by the phone itself.
        """
        listing = self._phone.read("dumpsys", "SurfaceFlinger", "--display-id")
        listed = re.findall(r"^Display (\d+) \(HWC display", listing, re.MULTILINE)
        if len(listed) < 2:
            return None
        for viewport in re.findall(r"DisplayViewport\{[^}]*", self._phone.read("dumpsys", "display")):
            found = re.search(r"uniqueId='local:(\d+)'", viewport)
            if re.search(r"\bdisplayId=0\b", viewport) and found and found[1] in listed:
                return str(found[1])
        return str(listed[0])


def is_black(image: Image.Image) -> bool:
    """Whether an RGB picture shows nothing."""
    few = image.resize((max(1, image.width // 32), max(1, image.height // 32)), Image.Resampling.NEAREST)
    return _brightest(few) <= BLACK and _brightest(image) <= BLACK  # a few pixels suffice for most pictures


def _brightest(image: Image.Image) -> int:
    of_each_band: tuple[tuple[int, int], ...] = image.getextrema()  # type: ignore[assignment]  # of an RGB picture
    return max(brightest for _, brightest in of_each_band)
