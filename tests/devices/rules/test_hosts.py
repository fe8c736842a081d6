"""Hosts have one spelling in which they are compared, and a nearness to this machine."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.rules.hosts import Nearness, address_in, canonical, nearest, nearness, nearness_of
from tests.devices.rules.spellings import NO_HOSTS, SPELLINGS


@pytest.mark.parametrize(("written", "host"), SPELLINGS.items())
def test_a_host_has_one_spelling(written: str, host: str) -> None:
    assert canonical(written) == host
    assert canonical(f"[{host}]" if ":" in host else host) == host


@pytest.mark.parametrize("written", NO_HOSTS)
def test_what_a_browser_does_not_take_as_a_host_is_none(written: str) -> None:
    with pytest.raises(ValueError, match="no host"):
        canonical(written)


@given(st.text())
def test_any_text_is_a_host_or_none(text: str) -> None:
    try:
        host = canonical(text)
    except ValueError:
        return
    assert host.isascii() and host == host.lower() and "/" not in host and "@" not in host
    assert canonical(f"[{host}]" if ":" in host else host) == host


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_the_same_in_every_notation(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    first, second, third, fourth = address.packed
    for written in (
        str(number),
        hex(number),
        f"0{number:o}",
        f"{first:#x}.{second}.{number & 0xFFFF}",
        f"0{first:o}.{number & 0xFFFFFF}",
        f"{first}.{second}.{third}.{fourth}.",
        f"[::ffff:{address}]",
        f"[64:ff9b::{number:x}]" if number < 0x10000 else f"[64:ff9b::{address}]",
        f"[2002:{first:02x}{second:02x}:{third:02x}{fourth:02x}::]",
    ):
        assert canonical(written) == str(address), written


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("example.com", Nearness.PUBLIC),
        ("8.8.8.8", Nearness.PUBLIC),
        ("2606:4700::1111", Nearness.PUBLIC),
        ("172.32.0.1", Nearness.PUBLIC),
        ("localhost.example.com", Nearness.PUBLIC),
        ("10.0.0.1", Nearness.NETWORK),
        ("172.16.0.1", Nearness.NETWORK),
        ("192.168.1.1", Nearness.NETWORK),
        ("100.64.0.1", Nearness.NETWORK),
        ("198.18.0.1", Nearness.NETWORK),
        ("224.0.0.251", Nearness.NETWORK),
        ("255.255.255.255", Nearness.NETWORK),
        ("fd00::1", Nearness.NETWORK),
        ("ff02::1", Nearness.NETWORK),
        ("127.0.0.1", Nearness.MACHINE),
        ("127.255.255.254", Nearness.MACHINE),
        ("0.0.0.0", Nearness.MACHINE),
        ("0.1.2.3", Nearness.MACHINE),
        ("169.254.169.254", Nearness.MACHINE),
        ("fe80::1", Nearness.MACHINE),
        ("::1", Nearness.MACHINE),
        ("::", Nearness.MACHINE),
        ("localhost", Nearness.MACHINE),
        ("a.b.localhost", Nearness.MACHINE),
    ],
)
def test_a_host_is_as_near_as_its_address(host: str, near: Nearness) -> None:
    assert nearness(host) is near


def test_an_address_within_another_is_as_near_as_the_inner_one() -> None:
    for written in ("::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:a00:1::"):
        assert nearness_of(ipaddress.IPv6Address(written)) is Nearness.NETWORK


def test_a_name_is_as_near_as_the_nearest_of_its_addresses() -> None:
    assert nearest(map(ipaddress.ip_address, ("8.8.8.8", "127.0.0.1"))) is Nearness.MACHINE


def test_only_ip_addresses_are_addresses() -> None:
    assert address_in("10.0.0.1") and address_in("::1") and address_in("example.com") is None
