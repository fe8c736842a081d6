"""What a written address means, and which addresses are opened at all."""

import re
from pathlib import Path

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(?!\d+(?:/|$))")
_LOOPBACK = re.compile(r"(localhost|127\.|\[::1\])")
ALLOWED = ("http", "https", "about", "file")


def full_address(written: str) -> str:
    """The URL that a written address means: an existing file, or a host, which gets a scheme.

    Raises:
        ValueError: it has a scheme that is never opened, such as `javascript:`.
    """
    written = written.strip()
    scheme = _SCHEME.match(written)
    if scheme:
        if scheme[1].lower() not in ALLOWED:
            raise ValueError(f"{written[:200]!r} has the scheme {scheme[1]!r}; only {', '.join(ALLOWED)} are opened")
        return written
    if written.startswith(("/", "./", "../", "~")) and Path(written).expanduser().exists():
        return Path(written).expanduser().resolve().as_uri()
    return f"{'http' if _LOOPBACK.match(written) else 'https'}://{written}"


def is_file(url: str) -> bool:
    """Whether a URL is a file of this machine."""
    return url.lower().startswith("file:")
