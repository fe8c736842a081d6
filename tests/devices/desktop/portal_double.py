"""A double of the desktop portal on a bus of its own: version 2, which restores consents, and with an end to sessions.

It knows the calls that open a session, and one of input. The answers are those of xdg-desktop-portal 1.16 with GNOME's
backend; `run` in a thread.
"""

from collections.abc import Mapping
from typing import Any

from jeepney import DBusAddress, HeaderFields, MessageType, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import Proxy, open_dbus_connection

LOOK_S = 0.2
_PATH = "/org/freedesktop/portal/desktop"


class PortalDouble:
    """Answers as its attributes say, and notes what it is asked."""

    def __init__(self) -> None:
        self.response = 0
        self.devices = 3
        self.asked: dict[str, Mapping[str, Any]] = {}
        """The options of the latest call of each method."""
        self.session = ""
        self._closed = False
        self._bus = open_dbus_connection("SESSION")
        Proxy(message_bus, self._bus).RequestName("org.freedesktop.portal.Desktop")

    def run(self) -> None:
        """Serves calls until `close`."""
        with self._bus:
            self._serve()

    def _serve(self) -> None:
        while not self._closed:
            try:
                call = self._bus.receive(timeout=LOOK_S)
            except TimeoutError:
                continue
            fields = call.header.fields
            method = fields.get(HeaderFields.member)
            if call.header.message_type is not MessageType.method_call:
                continue
            if method == "Get":
                self._bus.send(new_method_return(call, "v", (("u", 2),)))
                continue
            if method in ("Close", "NotifyPointerButton"):
                self._bus.send(new_method_return(call))
                continue
            options = call.body[-1]
            self.asked[method] = options
            sender = fields[HeaderFields.sender]
            path = f"{_PATH}/request/{sender[1:].replace('.', '_')}/{options['handle_token'][1]}"
            self._bus.send(new_method_return(call, "o", (path,)))
            results: dict[str, Any] = {}
            if method == "CreateSession":
                self.session = path.replace("request", "session")
                results = {"session_handle": ("s", self.session)}
            elif method == "Start":
                about = {"position": ("(ii)", (0, 0)), "size": ("(ii)", (1280, 800))}
                results = {
                    "devices": ("u", self.devices), "restore_token": ("s", "kept"),
                    "streams": ("a(ua{sv})", [(7, about)]),
                }  # fmt: skip
            request = DBusAddress(path, interface="org.freedesktop.portal.Request")
            response = self.response if method == "Start" else 0
            self._bus.send(new_signal(request, "Response", "ua{sv}", (response, results)))

    def end_session(self) -> None:
        """As the user does on the desktop's panel."""
        session = DBusAddress(self.session, interface="org.freedesktop.portal.Session")
        self._bus.send(new_signal(session, "Closed", "a{sv}", ({},)))

    def close(self) -> None:
        """Ends `run` soon; the one who runs it waits for that, and then ends the bus."""
        self._closed = True
