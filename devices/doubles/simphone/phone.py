"""The phone: its apps' state, files, properties, clipboard, panel and screen together."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from pydantic import BaseModel, ConfigDict

from devices.doubles.simphone.display import Display, Pixels
from devices.doubles.simphone.documents import SETTINGS, App, Documents, read_apps
from devices.doubles.simphone.files import Files, Live
from devices.doubles.simphone.properties import NotAllowed, Properties
from devices.doubles.simphone.screen import Screen, black_png

LATIN_IME = "com.simphone.keyboard/.LatinIME"
ADB_IME = "com.android.adbkeyboard/.AdbIME"


_PANEL = Pixels(1080, 2400)


@dataclass(frozen=True)
class Options:
    """The properties of a phone's panel."""

    size: Pixels = _PANEL
    density: int = 480


class Window(BaseModel):
    """The state that the page reports."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    package: str
    activity: str
    secure: bool
    asleep: bool
    keyboard: bool
    """Whether the input method is shown."""
    focused: bool
    """Whether a text field has the focus."""
    tasks: list[tuple[str, str]]
    """Package and activity of every running app, the last used first."""


class Phone:
    """A phone that is switched on. Its opener closes it."""

    def __init__(self, options: Options) -> None:
        self.apps: tuple[App, ...] = read_apps()
        self.documents = Documents(self.apps)
        self.properties = Properties(options.density)
        self.display = Display(options.size, options.density)
        self.files = Files({path: live for app in self.apps for path, live in self._live(app)}, self._timestamp)
        self.clipboard = ""
        self.fault: Callable[[str, float], None] = lambda name, value: None
        """Called with every `sim.` property that is set."""
        self._screen: Screen | None = None
        self._bound_at = 0.0
        self._late: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, options: Options) -> Self:
        """A phone with its home screen on.

        Raises:
            NoChromium: there is no Chromium to draw the screen.
        """
        phone = cls(options)
        phone._screen = await Screen.open(phone.display.current, phone._hear)
        await phone.configure()
        await phone.deliver()
        return phone

    async def close(self) -> None:
        if self._late:
            self._late.cancel()
            await asyncio.gather(self._late, return_exceptions=True)
        if self._screen:
            await self._screen.close()

    @property
    def screen(self) -> Screen:
        assert self._screen, "the phone is not open"
        return self._screen

    @property
    def now(self) -> datetime:
        """The phone's clock, which stands still unless it is set."""
        return datetime.fromisoformat(self.properties["sim.time"]).replace(tzinfo=UTC)

    def bind_keyboard(self) -> None:
        """Switches to another keyboard, which starts listening after `sim.ime_bind_ms`."""
        self._bound_at = time.monotonic() + self.properties.number("sim.ime_bind_ms") / 1000

    def keyboard_bound(self) -> bool:
        return time.monotonic() >= self._bound_at

    def helper_bound(self) -> bool:
        """Whether the helper keyboard is the chosen one, and is listening."""
        return self.documents.setting("secure", "default_input_method") == ADB_IME and self.keyboard_bound()

    def app(self, package: str) -> App | None:
        return next((app for app in self.apps if app.package == package), None)

    def set_property(self, name: str, value: str) -> None:
        """Sets a property and applies its effect.

        Raises:
            NotAllowed: the value is not allowed.
        """
        if name == "sim.time":
            try:
                datetime.fromisoformat(value)
            except ValueError as error:
                raise NotAllowed("sim.time requires a time such as 2026-03-14T09:41:00") from error
        self.properties.put(name, value)
        if name.startswith("sim."):
            self.fault(name, self.properties.number(name) if name != "sim.time" else 0)

    async def configure(self) -> None:
        """Sends the page the state that it shows but does not store."""
        apps = [
            {"package": app.package, "label": app.label, "color": app.color, "secure": app.secure}
            | {"activities": app.activities}
            for app in self.apps
        ]
        size = self.display.current
        await self.screen.call(
            "configure",
            {"now": self.now.replace(tzinfo=None).isoformat(), "scale": self.display.scale, "apps": apps}
            | {"clipboard": self.clipboard, "width": size.width, "height": size.height}
            | {"locked": self.properties.number("sim.locked"), "asks": self.properties.number("sim.permission")}
            | {"ill": self.properties.number("sim.ill")}
            | {"barIme": self.documents.setting("secure", "default_input_method") == ADB_IME},
        )

    async def deliver(self) -> None:
        """Shows changes from outside, and rotates the panel if a setting requires it."""
        if changed := self.documents.take_undelivered():
            await self.screen.call("load", changed)
        rotation = self._wanted_rotation()
        if rotation != self.display.rotation or SETTINGS in changed:
            self.display.rotation = rotation
            await self.screen.resize(self.display.current)
            await self.configure()

    async def resize(self) -> None:
        """Shows the panel's new size or density."""
        await self.screen.resize(self.display.current)
        await self.configure()

    async def act(self, step: Callable[[], Awaitable[None]]) -> None:
        """Applies an input: now, or after `sim.lag_ms`."""
        lag_s = self.properties.number("sim.lag_ms") / 1000
        if not lag_s and (self._late is None or self._late.done()):
            await step()
            await self.deliver()
        else:
            self._late = asyncio.create_task(self._after(lag_s, self._late, step))

    async def _after(
        self, lag_s: float, before: asyncio.Task[None] | None, step: Callable[[], Awaitable[None]]
    ) -> None:
        await asyncio.sleep(lag_s)
        if before:
            await before
        await step()
        await self.deliver()

    async def ask(self, function: str, *arguments: object) -> str:
        """Calls a function of the page once it shows the latest changes."""
        await self.deliver()
        answer = await self.screen.call(function, *arguments)
        await self.deliver()
        return answer

    async def window(self) -> Window:
        return Window.model_validate_json(await self.ask("describe"))

    async def capture_png(self) -> bytes:
        """The screen as `screencap` may see it: a secure window and a screen that is off are black."""
        window = await self.window()
        if window.secure or window.asleep or self.properties.number("sim.black"):
            return black_png(self.display.current)
        return await self.screen.capture_png()

    async def reset(self) -> None:
        """Restores the phone's initial state, except files."""
        for app in self.apps:
            self.documents.reset(app.package)
        self.properties = Properties(self.display.density)
        self.display.override_size = self.display.override_density = None
        self.clipboard = ""
        await self.screen.call("forget")
        await self.configure()
        await self.deliver()

    async def set_clipboard(self, text: str) -> None:
        self.clipboard = text
        await self.configure()

    def _hear(self, kind: str, text: str) -> None:
        if kind == "clipboard":
            self.clipboard = text
            return
        if kind == "property":
            self.properties.put(*text.split("="))
            return
        said = json.loads(text)
        self.documents.accept(said["package"], said["state"])

    def _wanted_rotation(self) -> int:
        if self.documents.setting("system", "accelerometer_rotation") == "1":
            return int(self.properties.number("sim.sensor_rotation")) % 4
        wanted = self.documents.setting("system", "user_rotation") or "0"
        return int(wanted) % 4 if wanted.isdecimal() else 0

    def _timestamp(self) -> int:
        return int(self.now.timestamp())

    def _live(self, app: App) -> list[tuple[str, Live]]:
        """The state of an app as a file."""
        return [
            (
                f"/data/data/{app.package}/state.json",
                Live(
                    lambda: self.documents.text(app.package),
                    lambda data: self.documents.write_text(app.package, data),
                ),
            )
        ]
