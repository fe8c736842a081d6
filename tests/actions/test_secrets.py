"""Secrets: how they are described, what a model writes, and that no form of a value is left in a text."""

import base64
import html
import json
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.errors import UsageError
from actions.secrets import Secret, Secrets, read_secret

VALUES = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x24FF, categories=("L", "N", "P", "S", "Zs")),
    min_size=8,
    max_size=40,
)


def one(value: str, name: str = "PW") -> Secrets:
    return Secrets([Secret(name, value, "example.com")])


@pytest.mark.parametrize(
    ("spec", "name", "value", "place", "into_password"),
    [
        ("PW=env:SECRET@example.com", "PW", "from the variable", "example.com", False),
        ("PW!=env:SECRET@example.com:8443", "PW", "from the variable", "example.com:8443", True),
        ("user_1=file:a@b.txt@com.example.app", "user_1", "from a file", "com.example.app", False),
    ],
)
def test_a_secret_is_described_in_one_word(
    spec: str, name: str, value: str, place: str, into_password: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "from the variable")
    (tmp_path / "a@b.txt").write_text("from a file\n")
    secret = read_secret(spec, tmp_path)
    assert secret == Secret(name, value, place, into_password)
    assert value not in repr(secret) and str(secret) == f"{{{{{name}}}}}"


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("PW", "describes no secret. Write NAME=env:VARIABLE@HOST"),
        ("PW=hunter22@example.com", "describes no secret"),
        ("P W=env:SECRET@example.com", "describes no secret"),
        ("PW=env:SECRET", "describes no secret"),
        ("PW=env:SECRET@", "no place where it may be typed"),
        ("PW=env:SECRET@*", "no place where it may be typed"),
        ("PW=env:SECRET@https://example.com", "no place where it may be typed"),
        ("PW=env:MISSING@example.com", "the environment variable MISSING, which is not set"),
        ("PW=env:SHORT@example.com", "has 3 characters; it must have 4 to 200"),
        ("PW=env:LINES@example.com", "holds a line end"),
        ("PW=file:missing@example.com", "No such file"),
        ("PW=file:binary@example.com", "is not UTF-8 text"),
    ],
)
def test_what_describes_none_is_answered_with_a_sentence(
    spec: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SECRET": "hunter22", "SHORT": "abc", "LINES": "hun\nter22"}.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "binary").write_bytes(b"\xff\xfe12345")
    with pytest.raises(UsageError, match=why) as raised:
        read_secret(spec, tmp_path)
    assert "ter22" not in str(raised.value).replace("hunter22@example.com", ""), "what is no description is quoted"


def test_only_the_names_that_there_are_stand_for_something() -> None:
    secrets = one("hunter22")
    (secret,) = secrets
    assert secrets.parts("a{{PW}}\t{{ PW }}{{OTHER}}{PW}") == ["a", secret, "\t", secret, "{{OTHER}}{PW}"]
    assert secrets.parts("") == [] and Secrets().parts("{{PW}}") == ["{{PW}}"]
    with pytest.raises(UsageError, match="two secrets PW"):
        Secrets([secret, secret])


def forms_of(value: str) -> dict[str, str]:
    """A value as it may stand in other texts."""
    return {
        "as it is": value,
        "json": json.dumps(value)[1:-1],
        "json in unicode": json.dumps(value, ensure_ascii=False)[1:-1],
        "python": repr(f"{value}")[1:-1],
        "html": html.escape(value),
        "a part of an address": urllib.parse.quote(value, safe=""),
        "an address": urllib.parse.quote(value),
        "a form": urllib.parse.quote_plus(value),
        "twice": urllib.parse.quote(urllib.parse.quote(value, safe=""), safe=""),
        "hexadecimal": value.encode().hex().upper(),
        "a file's name": "".join(letter if letter.isalnum() else "_" for letter in value),
    }


@given(VALUES)
def test_no_form_of_a_value_is_left(value: str) -> None:
    secrets, encoded = one(value), value.encode()
    for form, text in forms_of(value).items():
        assert secrets.masked(f"<{text}>") == "<{{PW}}>", form
    for before in (b"", b"a", b"ab"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(before + encoded + b"end").decode()
            assert "{{PW}}" in secrets.masked(whole) and len(secrets.masked(whole)) < len(before) + 18, whole


@given(VALUES)
def test_masking_twice_is_masking_once_and_a_text_without_the_value_stays(value: str) -> None:
    secrets = one(value)
    once = secrets.masked(f"{value} {value[:-1]}... {{{{PW}}}}")
    assert secrets.masked(once) == once and secrets.masked("{{PW}} {{X}}") == "{{PW}} {{X}}"


def test_a_value_is_masked_where_a_text_was_cut_in_it() -> None:
    secrets = one("hunter22-canary")
    assert secrets.masked("the address 'http://h/?hunter22-c...'") == "the address 'http://h/?{{PW}}...'"
    assert secrets.masked("it is hunter22-can") == "it is {{PW}}"
    assert secrets.masked("hunters are out; hun...") == "hunters are out; hun..."


def test_the_longest_value_wins_and_lists_and_pairs_are_masked_too() -> None:
    secrets = Secrets([Secret("USER", "ada.love", "h"), Secret("PW", "ada.lovelace!", "h")])
    found = secrets.masked_in({"ada.love": ["ada.lovelace!", ("ada.love", 3)], "n": None})
    assert found == {"{{USER}}": ["{{PW}}", ("{{USER}}", 3)], "n": None}
    assert one("PASS", "PASSWORD").masked("{{PASSWORD}} PASS") == "{{PASSWORD}} {{PASSWORD}}"
