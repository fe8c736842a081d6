"""Resolves written addresses, and decides which addresses may be opened."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

ALLOWED = ("http", "https", "about:blank", "file")
_REFUSED = (
    "javascript", "data", "blob", "vbscript", "view-source", "mailto", "tel", "sms", "ftp", "ws", "wss", "ssh",
)  # fmt: skip
_OF_BROWSERS = frozenset((
    "http", "https", "ws", "wss", "ftp", "about", "blob", "data", "file", "filesystem", "javascript", "view-source",
    "chrome", "chrome-error", "chrome-extension", "chrome-untrusted", "devtools",
))  # fmt: skip
"""The schemes that Chromium handles itself; any other one leads to another program."""
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_PORT = re.compile(r":\d+(?:[/?#]|$)")
_CREDENTIALS = re.compile(r"[^/?#@\s]*:[^/?#@\s]*@[^/?#@\s]")
_LOOPBACK = re.compile(r"(?:[^/?#@]*@)?(?:localhost|[\w-]+\.localhost|127(?:\.\d+){3}|0\.0\.0\.0|\[::1\])(?:[:/?#]|$)")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_NO_HOST = re.compile(r"[^./:]+(?:/|$)|[^/:]+\.(?:html?|php|aspx?|jsp)(?:[/?#]|$)", re.IGNORECASE)
"""The forms of a page's own links: `login`, `shop/cart`, `index.html`."""
SHOWN = 120
"""The longest quotation of a refused address, in characters."""


def full_address(written: str, page: str | None = None, files: bool = True) -> str:
    """The URL of a written address: an existing file, a path on the current site, or a host.

    `page` is the address of the current page, for `/search?q=x` and the like; `files` says whether files of this
    machine are allowed. A host gets a scheme: http on this machine, https elsewhere.

    Raises:
        ValueError: it is not an address, or its scheme is never opened, such as `javascript:`.
    """
    written = written.strip()
    if not written or not written.isprintable():
        raise ValueError(f"{shown(written)} is empty or holds characters that no address has")
    if files and (file := _existing(written)):
        return file
    return _checked(_url(written, page), written)


def is_file(url: str) -> bool:
    """Whether a URL is a file of this machine."""
    return url.lower().startswith("file:")


def program_scheme(url: str) -> str:
    """The scheme of a URL that leads to another program, such as `mailto`; empty if a browser opens it."""
    match = _SCHEME.match(url)
    scheme = match[1].lower()[:40] if match else ""
    return "" if scheme in _OF_BROWSERS else scheme


def shown(written: str) -> str:
    """A written address as quoted in a message."""
    return repr(written if len(written) <= SHOWN else f"{written[:SHOWN]}...")


def _url(written: str, page: str | None) -> str:
    scheme = _scheme_of(written)
    if scheme in ("http", "https"):
        return f"{scheme}://{written[len(scheme) + 1 :].lstrip('/')}"
    if scheme:
        return written
    on_a_site = page is not None and page.lower().startswith(("http:", "https:", "file:"))
    if written.startswith("//"):
        return f"{'http' if _LOOPBACK.match(written[2:]) else 'https'}:{written}"
    if written.startswith(("/", "?", "#", "./", "../")) or (on_a_site and _NO_HOST.match(written)):
        if not (page and on_a_site):
            raise ValueError(f"there is no file {shown(written)}")
        return urljoin(page, written)
    if written.startswith("~"):
        raise ValueError(f"there is no file {shown(written)}")
    return f"{'http' if _LOOPBACK.match(written) else 'https'}://{written}"


def _scheme_of(written: str) -> str:
    """The scheme in lower case; empty if the colon belongs to a port or a password. Raises ValueError."""
    match = _SCHEME.match(written)
    if not match:
        return ""
    scheme = match[1].lower()
    if scheme in ("http", "https", "file"):
        return scheme
    if written.lower() == "about:blank":
        return "about"
    known = scheme in _REFUSED
    if not known and (_PORT.match(written, match.end() - 1) or _CREDENTIALS.match(written)):
        return ""
    raise ValueError(f"{shown(written)} has the scheme {scheme[:40]!r}; only {', '.join(ALLOWED)} are opened")


def _checked(url: str, written: str) -> str:
    """The URL, if a browser can open it. Raises ValueError."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError beyond 65535
    except ValueError as error:
        raise ValueError(f"{shown(written)} is no address: {error}") from error
    if parts.scheme in ("http", "https"):
        host = parts.hostname or ""
        labels = host.removesuffix(".").split(".")
        if not (":" in host or all(map(_LABEL.fullmatch, labels))) or len(host) > 253:
            raise ValueError(f"{shown(written)} is no address: there is no host {host[:SHOWN]!r}")
    return url


def _existing(written: str) -> str | None:
    """The URL of this file or folder, including a query and fragment; None if it does not exist."""
    named = written.startswith(("/", "./", "../", "~"))
    for name, rest in ((written, ""), *((written[: at.start()], written[at.start() :]) for at in _ends(written))):
        try:
            path = Path(name).expanduser()
            if path.is_file() or (named and path.exists()):
                return path.resolve().as_uri() + rest
        except (OSError, RuntimeError, ValueError):  # too long, no such user, or a character that no name has
            continue
    return None


def _ends(written: str) -> list[re.Match[str]]:
    """The positions at which a query or a fragment may begin, in order."""
    return list(re.finditer(r"[?#]", written))[:1]
