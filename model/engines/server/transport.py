"""`Transport`: one HTTP request at a time, with a deadline for all of it and a size limit for its answer.

httpx bounds each read, not their sum, and unpacks a compressed body whole; a server that sends one byte a second, or a
small body that unpacks to gigabytes, would get through.
"""

import socket
import threading
import zlib
from contextlib import suppress
from types import TracebackType
from typing import Any, NamedTuple

import httpx

from actions.errors import EngineFailure, UsageError

LARGEST_BODY = 16 * 2**20
"""Bytes, unpacked. A whole context of token ids is less than half a megabyte."""
LONGEST_CONNECT_S = 10.0
PACKED = ("gzip", "x-gzip", "deflate")


class Unreachable(EngineFailure):
    """No connection can be made."""


class Broken(EngineFailure):
    """The connection broke before the answer was complete."""


class NotTheFormat(EngineFailure):
    """The server answers, but not in the expected format."""


class Response(NamedTuple):
    """An answer with its complete body."""

    status: int
    headers: httpx.Headers
    content: bytes


def checked(url: str) -> str:
    """The base URL of a server, without a slash at its end.

    Raises:
        UsageError: it is not an http or https URL, or it contains a password or a query.
    """
    example = "--server takes a URL such as http://127.0.0.1:8000/v1"
    try:
        parsed = httpx.URL(url.strip())
        parsed.host.encode("idna")  # as in the DNS lookup
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UsageError(f"{example}, not {url!r}: {error}.") from error
    if parsed.userinfo:
        raise UsageError(f"{example}, without a user name or password in it. Pass a key with --api-key-file FILE.")
    port = 80 if parsed.port is None else parsed.port
    if parsed.scheme not in ("http", "https") or not parsed.host or not 0 < port < 2**16:
        raise UsageError(f"{example}, not {url!r}.")
    if parsed.query or parsed.fragment:
        raise UsageError(f"{example}, without a ? or # part, not {url!r}.")
    return url.strip().rstrip("/")


class Transport:
    """Sends requests, within limits of time and memory for each answer."""

    def __init__(self, timeout_s: float, key: str | None) -> None:
        self._timeout_s = timeout_s
        headers = {"accept-encoding": "identity"} | ({"authorization": f"Bearer {key}"} if key else {})
        self._http = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, LONGEST_CONNECT_S)),
            # A connection of its own for each request, which the deadline can close.
            limits=httpx.Limits(max_keepalive_connections=0),
            # Proxies of the environment are ignored: screens go only to the server that the user named.
            trust_env=False,
        )

    def ask(self, method: str, url: str, body: dict[str, Any] | None) -> Response:
        """The server's answer, whatever its status.

        Raises:
            Unreachable, Broken: no connection, or it broke. NotTheFormat: the body is too large or unreadable.
            EngineFailure: the deadline has passed.
        """
        too_late = (
            f"{url} gave no complete answer within {self._timeout_s:g} s. "
            "Raise --timeout, or check whether the server is overloaded."
        )
        with _Deadline(self._timeout_s) as deadline:
            try:
                with self._http.stream(method, url, json=body, extensions={"trace": deadline.trace}) as answer:
                    response = Response(answer.status_code, answer.headers, _read(answer, url))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                raise Unreachable(
                    f"The server {url} cannot be reached: {str(error) or 'no connection in time'}. "
                    "Start it, or pass another --server."
                ) from error
            except httpx.TimeoutException as error:
                raise EngineFailure(too_late) from error
            except httpx.TransportError as error:
                if deadline.over:
                    raise EngineFailure(too_late) from error
                raise Broken(f"The server {url} closed the connection before it had answered: {error}") from error
        if deadline.over:  # an answer without a length ends with the connection
            raise EngineFailure(too_late)
        return response

    def close(self) -> None:
        self._http.close()


class _Deadline:
    """Closes the connection of a request at its deadline, even while bytes still arrive."""

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._connection: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()

    def trace(self, event: str, about: dict[str, Any]) -> None:
        """Receives httpcore's events, one of which carries the connection."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._connection = about["return_value"].get_extra_info("socket")
            if self.over:
                self._end()

    def _end(self) -> None:
        self.over = True
        if self._connection:
            with suppress(OSError):  # closed already
                self._connection.shutdown(socket.SHUT_RDWR)


def _read(answer: httpx.Response, url: str) -> bytes:
    """The body, unpacked."""
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed not in (*PACKED, "identity", ""):
        raise NotTheFormat(f"{url} answers in the encoding {packed[:40]!r}, which was not requested.")
    unpack = zlib.decompressobj(wbits=47) if packed in PACKED else None  # 47: gzip or zlib, detected
    content = bytearray()
    try:
        for chunk in answer.iter_raw():
            content += unpack.decompress(chunk, LARGEST_BODY + 1 - len(content)) if unpack else chunk
            if len(content) > LARGEST_BODY:
                raise NotTheFormat(f"{url} answers with more than {LARGEST_BODY // 2**20} MiB, too much for a reply.")
    except zlib.error as error:
        raise NotTheFormat(f"{url} answers with broken {packed}: {error}.") from error
    if unpack and not unpack.eof:
        raise NotTheFormat(f"{url} answers with {packed} that is truncated.")
    return bytes(content)
