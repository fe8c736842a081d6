"""Shows the calibration's targets on each kind of device: a page in browsers and on phones, a window on desktops."""

import functools
import importlib
import urllib.parse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from actions.action import Action, Outcome
from actions.errors import UsageError
from actions.web import Goto
from devices import Environment, Observation
from devices.rules.sited import Sited
from devices.wrappers import Wrapped
from tasks.calibration.measure import COLOUR, TARGETS, Board, Hit
from tasks.worlds.site_server import SITE, QuietHandler, serving

PARTS = (0.06, 0.5, 0.94)
RADIUS = 12


@contextmanager
def board_for(device: Environment, kind: str) -> Iterator[Board]:
    """The board for an open device of this kind.

    Raises:
        UsageError: the device cannot show targets.
    """
    if kind == "desktop":
        with WindowBoard(device) as window:
            yield window
    elif kind in ("browser", "android"):
        with PageBoard.served(kind) as page:
            yield page
    else:
        raise UsageError(f"A {kind!r} device cannot show targets: calibrate a browser, a desktop or a phone.")


class PageBoard:
    """A page that reports its touches to its server."""

    def __init__(self, address: str, kind: str, hits: list[Hit]) -> None:
        self._address = address
        self._kind = kind
        self._hits = hits

    @classmethod
    @contextmanager
    def served(cls, kind: str) -> Iterator["PageBoard"]:
        hits: list[Hit] = []
        handler = functools.partial(_Listening, hits, directory=str(SITE))
        with serving(handler) as address:
            yield cls(address, kind, hits)

    def around(self, device: Environment) -> Environment:
        url = f"{self._address}/targets.html"
        if self._kind == "browser":
            if isinstance(device, Sited):
                device.open_sites(url, asking=False)
            device.perform(Goto(url=url))
        else:
            from tasks.worlds.phones import show_page

            show_page(device, url)
        return device

    def hits(self) -> Sequence[Hit]:
        return self._hits


class _Listening(QuietHandler):
    """Serves the site, and records the touches that the page reports."""

    def __init__(self, hits: list[Hit], *arguments: Any, **options: Any) -> None:
        self._hits = hits
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        path = urllib.parse.urlsplit(self.path)
        if path.path != "/hit":
            super().do_GET()
            return
        report = urllib.parse.parse_qs(path.query)
        self._hits.append(Hit(int(report["index"][0]), float(report["x"][0]), float(report["y"][0])))
        self.send_response(204)
        self.end_headers()


class WindowBoard(Wrapped):
    """A window over a whole monitor, drawn by Tk, whose event loop runs only on request."""

    def __init__(self, device: Environment) -> None:
        """Raises UsageError if the device is not a desktop, or tkinter is missing."""
        from devices.desktop.device import Desktop
        from devices.desktop.display import is_wayland

        if not isinstance(device, Desktop):
            raise UsageError(f"A window with targets needs the desktop device, not {type(device).__name__}.")
        try:
            tkinter = importlib.import_module("tkinter")
        except ModuleNotFoundError as error:
            raise UsageError("The window with targets needs tkinter: sudo apt-get install python3-tk") from error
        if device.system.display is not None and is_wayland(device.system.display):
            raise UsageError("The window with targets is shown on X11 only. Calibrate a browser here.")
        super().__init__(device)
        self._monitor = device.monitor
        self._hits: list[Hit] = []
        self._root = tkinter.Tk(screenName=device.system.display)
        self._root.overrideredirect(True)  # no frame, and the window manager does not move it
        left, top, width, height = self._monitor
        self._root.geometry(f"{width}x{height}{left:+d}{top:+d}")
        self._canvas = tkinter.Canvas(self._root, background="white", highlightthickness=0)
        self._canvas.pack(fill="both", expand=True)
        self._canvas.bind("<ButtonPress-1>", self._hit)
        self._show()

    def around(self, device: Environment) -> Environment:
        return self

    def hits(self) -> Sequence[Hit]:
        return self._hits

    def observe(self) -> Observation:
        self._root.update()
        return self.inner.observe()

    def perform(self, action: Action) -> Outcome:
        outcome = self.inner.perform(action)
        self._root.update()
        return outcome

    def close(self) -> None:
        """Closes the window; the device stays open."""
        self._root.destroy()

    def _place(self) -> tuple[int, int]:
        down, right = divmod(len(self._hits), len(PARTS))
        return round(self._monitor.width * PARTS[right]), round(self._monitor.height * PARTS[down])

    def _show(self) -> None:
        self._canvas.delete("all")
        if len(self._hits) < TARGETS:
            x, y = self._place()
            colour = "#{:02x}{:02x}{:02x}".format(*COLOUR)
            self._canvas.create_oval(x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS, fill=colour, width=0)

    def _hit(self, event: Any) -> None:
        if len(self._hits) < TARGETS:
            x, y = self._place()
            self._hits.append(Hit(len(self._hits), event.x - x, event.y - y))
            self._show()
