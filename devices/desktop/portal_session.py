"""A remote desktop session of the desktop portal, which GNOME and KDE have: consent, screen streams and input.

Over D-Bus with jeepney, whose calls block as this device's do. The interfaces are org.freedesktop.portal.RemoteDesktop
and ScreenCast: https://flatpak.github.io/xdg-desktop-portal/docs/. The user is asked once, where the portal gives a
token that restores the consent (version 2 of RemoteDesktop: GNOME 45 and later, KDE); else at each start.
"""

import contextlib
import os
import queue
import uuid
from collections.abc import Mapping
from concurrent.futures import TimeoutError as NoAnswer
from pathlib import Path
from typing import Any, NamedTuple

from jeepney import DBusAddress, DBusErrorResponse, MatchRule, Properties, message_bus, new_method_call
from jeepney.io.common import RouterClosed
from jeepney.io.threading import DBusRouter, open_dbus_connection
from jeepney.wrappers import unwrap_msg

from actions.errors import UsageError
from devices.desktop.monitors import Monitor

CONSENT_S = 120.0
"""How long the user may take to answer the portal's dialog."""
ANSWER_S = 10.0
"""How long the portal may be silent otherwise."""
_BUS_NAME = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_REMOTE, _CAST = (f"org.freedesktop.portal.{name}" for name in ("RemoteDesktop", "ScreenCast"))
_KEYBOARD, _POINTER = 1, 2
_MONITORS = 1
_HIDDEN = 1
"""The mode in which pictures do not contain the pointer."""
_UNTIL_REVOKED = 2
"""The consent holds until the user takes it back."""
_RESTORING = 2
"""The first version of RemoteDesktop that restores a session."""
_AGREED, _CANCELLED = 0, 1


class Gone(ConnectionError):
    """The session has ended, or the portal does not answer."""


class Stream(NamedTuple):
    """A monitor that the user shares: its PipeWire node and its rectangle, in the units of the pointer."""

    node: int
    monitor: Monitor


class PortalSession:
    """One session. Its calls may come from any thread."""

    def __init__(self) -> None:
        """Shows the portal's dialog and waits for the user.

        Raises:
            UsageError: there is no such portal, or the user refused, or allowed no input.
        """
        with contextlib.ExitStack() as opened:
            try:
                connection = open_dbus_connection("SESSION", enable_fds=True)
            except (OSError, KeyError, RuntimeError) as error:
                raise UsageError(
                    f"The desktop portal needs a D-Bus session bus, and none answers ({error})."
                ) from error
            opened.callback(connection.close)
            self._router = DBusRouter(connection)
            opened.callback(self._router.close)
            self._sender = str(connection.unique_name).removeprefix(":").replace(".", "_")
            try:
                self._open()
            except Gone as error:
                raise UsageError(f"The desktop portal offers no remote desktop here ({error}).") from error
            opened.callback(self._end)
            self._opened = opened.pop_all()

    @property
    def closed(self) -> bool:
        """Whether the user has ended the session from the desktop. Raises Gone: the bus no longer answers."""
        if not self._router._rcv_thread.is_alive():
            raise Gone("the session bus has closed the connection")
        return not self._ends.empty()

    def notify(self, event: str, signature: str, *values: object) -> None:
        """Sends an input event, such as `PointerButton`. Raises Gone: the session has ended."""
        self._call(_REMOTE, f"Notify{event}", f"oa{{sv}}{signature}", self._session, {}, *values)

    def pipewire(self) -> int:
        """The descriptor of a new connection to PipeWire that has the session's streams; it is the caller's."""
        descriptor = self._call(_CAST, "OpenPipeWireRemote", "oa{sv}", self._session, {})[0]
        return int(descriptor.to_raw_fd())

    def break_off(self) -> None:
        """Ends the connection from any thread, so that a waiting call fails at once."""
        self._router.conn.interrupt()

    def close(self) -> None:
        """The desktop then releases the keys and buttons that the session holds down."""
        self._opened.close()

    def _open(self) -> None:
        version = int(self._property(_REMOTE, "version"))
        token = f"screenhand_{uuid.uuid4().hex}"
        self._session = str(
            self._ask(_REMOTE, "CreateSession", "a{sv}", options={"session_handle_token": ("s", token)})[
                "session_handle"
            ][1]
        )
        self._ends: queue.Queue[Any] = queue.Queue()
        ended = MatchRule(
            type="signal", interface="org.freedesktop.portal.Session", member="Closed", path=self._session
        )
        self._listen(ended, self._ends)
        devices: dict[str, tuple[str, object]] = {"types": ("u", _KEYBOARD | _POINTER)}
        if version >= _RESTORING:
            devices["persist_mode"] = ("u", _UNTIL_REVOKED)
            if token := _read_token():
                devices["restore_token"] = ("s", token)
        self._ask(_REMOTE, "SelectDevices", "oa{sv}", self._session, options=devices)
        sources = {"types": ("u", _MONITORS), "multiple": ("b", True), "cursor_mode": ("u", _HIDDEN)}
        self._ask(_CAST, "SelectSources", "oa{sv}", self._session, options=sources)
        started = self._ask(_REMOTE, "Start", "osa{sv}", self._session, "", options={}, patience_s=CONSENT_S)
        if started.get("devices", ("u", 0))[1] & (_KEYBOARD | _POINTER) != _KEYBOARD | _POINTER:
            raise UsageError(
                "The screen was shared, but remote interaction is off in the portal's dialog, so nothing could be "
                "clicked or typed. Start again, and switch 'Allow Remote Interaction' on in it."
            )
        if restoring := started.get("restore_token"):
            _write_token(restoring[1])
        self.streams = [Stream(node, _monitor(about)) for node, about in started.get("streams", ("", []))[1]]
        if not self.streams:
            raise UsageError("No monitor was chosen in the portal's dialog. Start again, and choose one in it.")

    def _ask(
        self, interface: str, method: str, signature: str, *values: object, options: Mapping[str, tuple[str, object]],
        patience_s: float = ANSWER_S,
    ) -> dict[str, Any]:  # fmt: skip
        """The results of a request, whose answer comes as a signal once the user has decided.

        Raises:
            UsageError: the user refused, or did not answer. Gone: the portal fails.
        """
        token = f"screenhand_{uuid.uuid4().hex}"
        path = f"{_PATH}/request/{self._sender}/{token}"
        answers: queue.Queue[Any] = queue.Queue()
        rule = MatchRule(type="signal", interface="org.freedesktop.portal.Request", member="Response", path=path)
        with contextlib.closing(self._listen(rule, answers)):
            self._call(interface, method, signature, *values, {**options, "handle_token": ("s", token)})
            try:
                response, results = answers.get(timeout=patience_s).body
            except queue.Empty:
                raise UsageError(f"Nobody answered the desktop portal's dialog within {patience_s:.0f} s.") from None
        if response == _CANCELLED:
            raise UsageError("The desktop portal's dialog was cancelled, so the screen may not be used.")
        if response != _AGREED:
            raise Gone(f"{method} was ended by the portal")
        return dict(results)

    def _listen(self, rule: MatchRule, found: "queue.Queue[Any]") -> Any:
        self._send(message_bus.AddMatch(rule))
        return self._router.filter(rule, queue=found)

    def _property(self, interface: str, name: str) -> Any:
        address = DBusAddress(_PATH, bus_name=_BUS_NAME, interface=interface)
        return self._send(Properties(address).get(name))[0][1]

    def _call(self, interface: str, method: str, signature: str, *values: object) -> Any:
        address = DBusAddress(_PATH, bus_name=_BUS_NAME, interface=interface)
        return self._send(new_method_call(address, method, signature, values))

    def _send(self, message: Any) -> Any:
        try:
            return unwrap_msg(self._router.send_and_get_reply(message, timeout=ANSWER_S))
        except (DBusErrorResponse, RouterClosed, NoAnswer, OSError, KeyError) as error:
            # jeepney 0.9 raises KeyError in place of RouterClosed when its connection ends during a call
            raise Gone(f"the desktop portal: {error or 'no answer'}") from error

    def _end(self) -> None:
        address = DBusAddress(self._session, bus_name=_BUS_NAME, interface="org.freedesktop.portal.Session")
        with contextlib.suppress(Gone):
            self._send(new_method_call(address, "Close"))


def _monitor(about: Mapping[str, tuple[str, Any]]) -> Monitor:
    return Monitor(*about.get("position", ("", (0, 0)))[1], *about["size"][1])


def _token_file() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state", "screenhand", "portal-token")


def _read_token() -> str:
    try:
        return _token_file().read_text(encoding="utf-8")
    except OSError:
        return ""


def _write_token(token: str) -> None:
    """Keeps the token for the next session; it is for this user only."""
    path = _token_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(token, encoding="utf-8")
