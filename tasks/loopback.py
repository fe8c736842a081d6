"""HTTP servers on this machine: `listening` takes a port of loopback, `Guard` lets only what has the token through.

A web page that knows the port can send requests to it. It does not know the token, it names itself as their origin,
and one whose host name resolves to this machine sends that name as the host.
"""

import secrets
import socket
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions.errors import UsageError

HOST = "127.0.0.1"
TOKEN = "token"
WRONG_TOKEN = "This needs the token that was printed when the server started."
WRONG_HOST = "This server answers only under the address that it printed."
WRONG_ORIGIN = "This server takes no requests of other pages."
HEADERS = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def listening(port: int) -> socket.socket:
    """A socket that listens at a port of loopback; 0 is any free one. Raises UsageError if it cannot be used."""
    found = socket.socket()
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((HOST, port))
        found.listen(128)  # requests wait until the server is ready
    except OSError as error:
        found.close()
        raise UsageError(f"The port {port} cannot be used: {error.strerror}. Pass another one, or none.") from error
    return found


class Guard:
    """Around a whole application."""

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self._app = app
        self._token = token
        self._hosts = {f"{name}:{port}" for name in (HOST, "localhost")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        refusal = self._refusal(Headers(scope=scope), parse_qs(scope["query_string"].decode("latin-1")))
        answer = JSONResponse({"error": refusal}, 403) if refusal else self._app
        await answer(scope, receive, answered)

    def _refusal(self, headers: Headers, query: dict[str, list[str]]) -> str:
        """Why a request is refused; empty if it is not."""
        if headers.getlist("host") not in [[host] for host in self._hosts]:
            return WRONG_HOST
        if any(origin not in {f"http://{host}" for host in self._hosts} for origin in headers.getlist("origin")):
            return WRONG_ORIGIN
        given = headers.get("authorization", "").removeprefix("Bearer ") or query.get(TOKEN, [""])[0]
        return "" if secrets.compare_digest(given.encode(), self._token.encode()) else WRONG_TOKEN
