"""Plain-language explanations of Chromium's network errors (names as in net/base/net_error_list.h)."""

import re

NO_PAGE = (204, 205)
"""The statuses of an answer without a page: the previous page stays."""
_NAME = re.compile(r"net::(ERR_[A-Z0-9_]+)")
_MEANINGS = (
    ("ERR_NAME_NOT_RESOLVED", "there is no host of that name, or no network"),
    ("ERR_INTERNET_DISCONNECTED", "this machine has no network"),
    ("ERR_ADDRESS_", "this host cannot be reached from here"),
    ("ERR_CONNECTION_REFUSED", "nothing listens there"),
    ("ERR_CONNECTION_TIMED_OUT", "the host does not answer"),
    ("ERR_TIMED_OUT", "the host does not answer"),
    ("ERR_CONNECTION_", "the server closed the connection"),
    ("ERR_EMPTY_RESPONSE", "the server closed the connection without an answer"),
    ("ERR_HTTP_RESPONSE_CODE_FAILURE", "the server answered with an error and no page"),
    ("ERR_INVALID_AUTH_CREDENTIALS", "the server asks for a user name and a password"),
    ("ERR_UNEXPECTED_PROXY_AUTH", "the server asks for proxy credentials, but it is not a proxy"),
    ("ERR_PROXY_", "the proxy does not answer"),
    ("ERR_TUNNEL_", "the proxy could not connect to the host"),
    ("ERR_TOO_MANY_REDIRECTS", "the server redirects in a loop"),
    ("ERR_SSL_PROTOCOL_ERROR", "the server does not answer in https"),
    ("ERR_CERT_DATE_INVALID", "the server's certificate has expired, or this machine's clock is wrong"),
    ("ERR_CERT_COMMON_NAME_INVALID", "the server's certificate is for another host"),
    ("ERR_CERT_AUTHORITY_INVALID", "this machine does not trust the issuer of the server's certificate"),
    ("ERR_CERT_", "the server's certificate is not valid"),
    ("ERR_UNSAFE_PORT", "browsers block that port"),
    ("ERR_FILE_NOT_FOUND", "there is no such file"),
    ("ERR_ACCESS_DENIED", "it may not be read"),
    ("ERR_INVALID_URL", "it is not a valid address"),
    ("ERR_UNKNOWN_URL_SCHEME", "the browser does not support this kind of address"),
    ("ERR_INVALID_", "the server's answer is malformed"),
    ("ERR_CONTENT_DECODING_FAILED", "the server's answer is malformed"),
    ("ERR_INSUFFICIENT_RESOURCES", "the page made too many requests at once"),
    ("ERR_BLOCKED_BY_SITES", "nothing may be sent to this host in this run"),
    ("ERR_BLOCKED_BY_", "the browser blocked the page"),
)

_OF_ANOTHER_PROTOCOL = (
    "ERR_SSL_PROTOCOL_ERROR", "ERR_CONNECTION_RESET", "ERR_CONNECTION_CLOSED", "ERR_EMPTY_RESPONSE",
    "ERR_INVALID_HTTP_RESPONSE",
)  # fmt: skip
"""How a server answers that expects https instead of http, or the other way round."""


def meaning(said: str) -> str:
    """Explains a failure of Chromium or Playwright, with the error's own name."""
    named = _NAME.search(said)
    if not named:
        return said.splitlines()[0][:300]
    words = next((words for begin, words in _MEANINGS if named[1].startswith(begin)), "")
    return f"{words} ({named[1]})" if words else named[1]


def remedy(address: str, status: int | None, said: str) -> str:
    """A remedy for the user if the page of an address does not open; empty if none is known."""
    if status == 401:
        return "Log in with the name and the password in the address: http://USER:PASSWORD@HOST/."
    if "ERR_CERT_AUTHORITY_INVALID" in said:
        return (
            "If you trust the server, add its issuer's certificate, or its own if it issued that itself: mkdir -p "
            "~/.pki/nssdb && certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n NAME -i FILE (certutil is in the package "
            "libnss3-tools)."
        )
    spoken, other = ("https", "http") if address.lower().startswith("https:") else ("http", "https")
    if any(error in said for error in _OF_ANOTHER_PROTOCOL):
        return f"If the server does not speak {spoken}, write {other}:// in the address."
    return ""
