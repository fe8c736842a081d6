"""Hosts as a browser understands them, whatever their spelling, and how near to this machine an address is."""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum
from urllib.parse import unquote

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\"#%/:<>?@\[\\\]^`{|}]")
"""The forbidden code points of a host (https://url.spec.whatwg.org/#forbidden-domain-code-point) and some quotes."""
_DOTS = re.compile("[\u3002\uff0e\uff61]")
"""The other full stops that count as dots in a host."""
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufe00-\ufe0f\ufeff]")
"""Characters that a host drops (UTS 46, `ignored`)."""
LONGEST = 253
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Nearness(IntEnum):
    """How near to this machine an address is; a page may ask for what is as near as its own site, or further away."""

    PUBLIC = 0
    NETWORK = 1
    """A private network."""
    MACHINE = 2
    """This machine itself, or a link-local address, where clouds keep their machines' credentials."""


def canonical(written: str) -> str:
    """A host in the one spelling in which it is compared: ASCII, lower case, IP addresses in their usual form.

    It follows the URL standard's host parser (https://url.spec.whatwg.org/#host-parsing), except that the last dot of
    `example.com.` is dropped, and that an IPv4 address within an IPv6 address is written as IPv4: both are the same
    machine. IPv6 addresses have no brackets.

    Raises:
        ValueError: it is no host.
    """
    if written.startswith("["):
        if not written.endswith("]"):
            raise ValueError(f"{written!r} is no host: a bracket is missing")
        return str(embedded(_ipv6(written[1:-1], written)))
    if written.count(":") > 1:
        return str(embedded(_ipv6(written, written)))
    text = _DOTS.sub(".", _INVISIBLE.sub("", unquote(written, errors="strict")))
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())
    labels = [_ascii(label) for label in text.removesuffix(".").split(".")]
    host = ".".join(labels)
    if not all(labels) or len(host) > LONGEST or _FORBIDDEN.search(host):
        raise ValueError(f"{written[:LONGEST]!r} is no host")
    return _ipv4(labels, written) if _numeric(labels[-1]) else host


def address_in(host: str) -> Address | None:
    """The IP address that a canonical host is; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def is_localhost(host: str) -> bool:
    """Whether a canonical host is a name of this machine (RFC 6761)."""
    return host == "localhost" or host.endswith(".localhost")


def nearness(host: str) -> Nearness:
    """How near a canonical host is, as far as its spelling tells: a name may still resolve to a nearer address."""
    if is_localhost(host):
        return Nearness.MACHINE
    address = address_in(host)
    return Nearness.PUBLIC if address is None else nearness_of(address)


def nearest(addresses: Iterable[Address]) -> Nearness:
    """The nearness of a name that resolves to these addresses."""
    return max(map(nearness_of, addresses), default=Nearness.PUBLIC)


def nearness_of(address: Address) -> Nearness:
    """How near an address is. Whatever is not assigned to the public network counts as private."""
    address = embedded(address)
    this_network = address.version == 4 and address in ipaddress.IPv4Network("0.0.0.0/8")
    if address.is_loopback or address.is_unspecified or address.is_link_local or this_network:
        return Nearness.MACHINE
    return Nearness.NETWORK if not address.is_global or address.is_multicast else Nearness.PUBLIC


def reached(address: Address) -> Address:
    """The address that a connection to an address leads to: the unspecified one leads to this machine."""
    address = embedded(address)
    if not address.is_unspecified:
        return address
    return ipaddress.ip_address("127.0.0.1" if address.version == 4 else "::1")


def embedded(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for (mapped, NAT64, 6to4), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _ascii(label: str) -> str:
    if label.isascii():
        return label
    return f"xn--{label.encode('punycode').decode()}"


def _ipv6(text: str, written: str) -> ipaddress.IPv6Address:
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError as error:
        raise ValueError(f"{written!r} is no host: {error}") from error
    if address.scope_id is not None:
        raise ValueError(f"{written!r} is no host: a web address has no zone")
    return address


def _numeric(label: str) -> bool:
    """Whether a host that ends in this label is an IPv4 address, or nothing."""
    return label.isdigit() or re.fullmatch(r"0x[0-9a-f]*", label) is not None


def _ipv4(labels: list[str], written: str) -> str:
    """The address of one to four numbers: decimal, octal (0177) or hexadecimal (0x7f); the last fills what is left."""
    try:
        *first, last = map(_number, labels)
        if len(labels) > 4 or any(part > 255 for part in first) or last >= 256 ** (5 - len(labels)):
            raise ValueError("a number is too large, or there are too many")
    except ValueError as error:
        raise ValueError(f"{written!r} is no host: it ends in a number but is no IP address") from error
    value = last + sum(part << 8 * (3 - place) for place, part in enumerate(first))
    return str(ipaddress.IPv4Address(value))


def _number(label: str) -> int:
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    return int(label, 8 if label.startswith("0") and len(label) > 1 else 10)
