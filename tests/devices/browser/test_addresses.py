"""What written addresses mean, and that any text at all is an address or is refused with a reason."""

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devices.browser.addresses import full_address

PAGE = "http://127.0.0.1:8000/shop/list.html?a=1#top"
LOGIN = Path("tasks/worlds/site/login.html").resolve().as_uri()


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("tasks/worlds/site/login.html", LOGIN),
        ("./tasks/worlds/site/login.html?seed=3#x", f"{LOGIN}?seed=3#x"),
        ("tasks/worlds/site/login.html#x?y", f"{LOGIN}#x?y"),
        (" example.com ", "https://example.com"),
        ("http:example.com", "http://example.com"),
        ("HTTPS://example.com/a", "https://example.com/a"),
        ("localhost:3000#/login", "http://localhost:3000#/login"),
        ("localhost:3000?x=1", "http://localhost:3000?x=1"),
        ("localhost", "http://localhost"),
        ("shop.localhost:80/a", "http://shop.localhost:80/a"),
        ("localhost.example.com", "https://localhost.example.com"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000/x", "http://[::1]:8000/x"),
        ("[2001:db8::1]/x", "https://[2001:db8::1]/x"),
        ("example.com:8080?x", "https://example.com:8080?x"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("user:pw@host", "https://user:pw@host"),
        ("user:pw@localhost:3000/x", "http://user:pw@localhost:3000/x"),
        ("//example.com/x", "https://example.com/x"),
        ("bücher.example", "https://bücher.example"),
        ("about:blank", "about:blank"),
        ("http:///example.com", "http://example.com"),
        ("file:///no/such/file", "file:///no/such/file"),
        ("example.com/?next=http://a:b@c", "https://example.com/?next=http://a:b@c"),
    ],
)
def test_an_address_means_a_file_or_a_host(written: str, url: str) -> None:
    assert full_address(written) == url


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("/search?q=x", "http://127.0.0.1:8000/search?q=x"),
        ("?page=2", "http://127.0.0.1:8000/shop/list.html?page=2"),
        ("#bottom", "http://127.0.0.1:8000/shop/list.html?a=1#bottom"),
        ("../about", "http://127.0.0.1:8000/about"),
        ("cart/checkout", "http://127.0.0.1:8000/shop/cart/checkout"),
        ("login.html?x", "http://127.0.0.1:8000/shop/login.html?x"),
        ("README.md", "https://README.md"),
        ("tasks/worlds/site/login.html", "http://127.0.0.1:8000/shop/tasks/worlds/site/login.html"),
        ("example.com/x", "https://example.com/x"),
    ],
)
def test_on_a_site_what_names_no_host_is_a_place_on_it(written: str, url: str) -> None:
    assert full_address(written, PAGE, files=False) == url


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("javascript:alert(1)", "the scheme 'javascript'"),
        ("javascript:8080", "the scheme 'javascript'"),
        ("JavaScript:x:y@z", "the scheme 'javascript'"),
        ("data:text/html,x", "the scheme 'data'"),
        ("mailto:ada@example.com", "the scheme 'mailto'"),
        ("chrome://settings", "the scheme 'chrome'"),
        ("about:settings", "the scheme 'about'"),
        ("view-source:https://example.com", "the scheme 'view-source'"),
        ("/no/such/file.html", "no file"),
        ("~ada/x", "no file"),
        ("~nobody-of-that-name/x", "no file"),
        ("?q=x", "no file"),
        ("x" * 300, "no host"),
        ("find a pizza place", "no host"),
        ("https://", "no host"),
        ("localhost:99999", "out of range"),
        ("[::1", "is no address"),
        ("", "is empty"),
        ("a\nb", "holds characters"),
        ("a\0b", "holds characters"),
        ("\ud800.com", "holds characters"),
        ("exa mple.com", "no host"),
    ],
)
def test_what_cannot_be_opened_is_refused_with_the_reason(written: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        full_address(written)


PIECES = (
    "/",
    "//",
    ":",
    "@",
    "?",
    "#",
    "~",
    ".",
    "..",
    "[",
    "]",
    "%",
    "\\",
    " ",
    "\t",
    "\0",
    "é",
    "中",
    "x" * 300,
    "80",
)
HOSTILE = st.one_of(
    st.text(max_size=400),
    st.lists(st.sampled_from((*PIECES, "http", "file", "javascript", "localhost", "a", "tasks")), max_size=12).map(
        "".join
    ),
)


@settings(deadline=None)
@given(HOSTILE, st.sampled_from((None, PAGE, "about:blank", LOGIN)), st.booleans())
def test_any_text_is_an_address_or_refused_with_a_reason(written: str, page: str | None, files: bool) -> None:
    try:
        url = full_address(written, page, files)
    except ValueError as reason:
        assert len(str(reason)) > 10 and len(str(reason)) < 1000
    else:
        assert urlsplit(url).scheme in ("http", "https", "file", "about") and url.isprintable()
