"""What a run may open, for addresses of any kind, and to what its pages may connect."""

from pathlib import Path

import pytest

from devices.rules.hosts import Nearness
from devices.rules.sites import Site, Sites, sites_in
from devices.rules.verdict import Decision

ALLOW, ASK, DENY = Decision.ALLOW, Decision.ASK, Decision.DENY


@pytest.mark.parametrize(
    ("site", "covered", "others"),
    [
        (
            "example.com",
            "example.com www.example.com a.b.example.com EXAMPLE.COM. example.com:8443",
            "example.com.evil.org notexample.com example.org \u0435\u0445ample.com example-com.org com example.co",
        ),
        ("www.example.com", "example.com shop.example.com", "ww.example.org"),
        ("*.example.com", "example.com shop.example.com", "example.org"),
        ("shop.example.com", "shop.example.com www.shop.example.com", "example.com pay.example.com"),
        ("example.com:8443", "example.com:8443 a.example.com:8443", "example.com example.com:443"),
        ("https://example.com", "https://example.com https://example.com:8443", "http://example.com"),
        ("bücher.example", "xn--bcher-kva.example BÜCHER.example", "bucher.example"),
        ("localhost", "localhost localhost:3000 LOCALHOST.", "a.localhost 127.0.0.1 [::1] localhost.evil.org"),
        ("a.localhost", "a.localhost", "b.a.localhost b.localhost localhost"),
        ("127.0.0.1", "127.1 0x7f.1 2130706433 [::ffff:127.0.0.1] 127.0.0.1:8000", "127.0.0.2 localhost"),
        ("127.0.0.1:8000", "127.0.0.1:8000", "127.0.0.1:8001"),
        ("[::1]:8000", "[::1]:8000 [0:0::1]:8000", "[::2]:8000 [::1]"),
        ("com", "com", "example.com"),
        ("intranet", "intranet intranet:8080", "a.intranet"),
    ],
)  # fmt: skip
def test_a_site_covers_its_subdomains_and_no_look_alike(site: str, covered: str, others: str) -> None:
    sites = Sites.of("about:blank", (site, "evil.invalid"))
    for host in covered.split():
        assert sites.page(f"{'' if '://' in host else 'https://'}{host}/").decision is ALLOW, host
    for host in others.split():
        assert sites.page(f"{'' if '://' in host else 'https://'}{host}/").decision is not ALLOW, host


@pytest.mark.parametrize("written", ["", "example.com/login", "ftp://example.com", "a b", "example.com:99999", "?x"])
def test_what_is_no_site_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"no (site|host)"):
        Site.read(written)


@pytest.mark.parametrize(
    ("url", "decision"),
    [
        ("https://example.com/x", ALLOW),
        ("https://user:password@example.com/x", ALLOW),
        ("https://example.com@evil.org/", ASK),
        ("https://evil.org/?https://example.com/", ASK),
        ("https://evil.org/#@example.com", ASK),
        ("https://evil.org\\@example.com/", ASK),
        ("https://exa%00mple.com/", DENY),
        ("http://192.168.1.1/", DENY),
        ("http://127.0.0.1:9222/json", DENY),
        ("http://0x7f.1/", DENY),
        ("http://[::ffff:10.0.0.1]/", DENY),
        ("http://169.254.169.254/latest/meta-data", DENY),
        ("about:blank", ALLOW),
        ("blob:https://example.com/0f", ALLOW),
        ("file:///etc/passwd", DENY),
        ("FILE:///etc/passwd", DENY),
        ("data:text/html,x", DENY),
        ("javascript:alert(1)", DENY),
        ("view-source:https://example.com", DENY),
        ("chrome://settings", DENY),
        ("about:settings", DENY),
        ("filesystem:https://example.com/x", DENY),
        ("ftp://example.com", DENY),
        ("", DENY),
    ],
)
def test_pages_move_within_the_sites_of_the_run(url: str, decision: Decision) -> None:
    assert Sites.of("https://www.example.com/start").page(url).decision is decision


@pytest.mark.parametrize(
    ("url", "decision"),
    [
        ("https://anything.org", ALLOW),
        ("http://8.8.8.8/", ALLOW),
        ("http://localhost:8080", DENY),
        ("http://a.localhost", DENY),
        ("http://0/", DENY),
        ("http://10.1.2.3", DENY),
        ("http://[fe80::1]/", DENY),
        ("file:///tmp/x", DENY),
    ],
)
def test_where_no_site_is_named_public_ones_are_open(url: str, decision: Decision) -> None:
    assert Sites.of("about:blank").page(url).decision is decision


def test_a_star_opens_all_sites_but_no_files_and_nothing_that_a_rule_denies() -> None:
    sites = Sites.of("https://example.com", ("*",), denied=("evil.org",))
    assert sites.page("http://127.0.0.1:1/").decision is ALLOW
    assert sites.page("https://other.org").decision is ALLOW
    assert sites.page("file:///etc/passwd").decision is DENY
    assert sites.page("https://a.evil.org").decision is DENY
    assert sites.connection("evil.org", 443, Nearness.PUBLIC, {}).decision is DENY
    assert sites.connection("localhost", 80, Nearness.MACHINE, {}).decision is ALLOW


def test_deny_wins_over_ask_and_both_over_what_is_open() -> None:
    sites = Sites.of("https://example.com", asked=("pay.example.com",), denied=("x.pay.example.com",))
    assert sites.page("https://example.com").decision is ALLOW
    assert sites.page("https://pay.example.com").decision is ASK
    assert sites.page("https://x.pay.example.com").decision is DENY
    answered = sites.opening("https://pay.example.com/login")
    assert answered.page("https://pay.example.com/again").decision is ALLOW
    assert answered.page("https://x.pay.example.com").decision is DENY


def test_a_session_opens_files_only_below_its_start_folder(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "deep").mkdir(parents=True)
    (folder / "start.html").touch()
    (folder / "way out.html").symlink_to("/etc/passwd")
    sites = Sites.of((folder / "start.html").as_uri())
    for inside in ("start.html?x=1#y", "deep/other.html", "deep/../start.html", "", "%73tart.html"):
        assert sites.page(f"{folder.as_uri()}/{inside}").decision is ALLOW, inside
    outside = ("../secret.html", "%2e%2e/secret.html", "deep/../../secret.html", "way%20out.html")
    for url in (*(f"{folder.as_uri()}/{path}" for path in outside), "file:///etc/passwd", f"{folder.as_uri()}-2/x"):
        assert sites.page(url).decision is DENY, url
    (folder / "loop").symlink_to(folder / "loop")
    for url in (f"file://server{folder}/start.html", f"{folder.as_uri()}/a%00b", "file://[", f"{folder.as_uri()}/loop"):
        assert sites.page(url).decision is DENY, url
    assert Sites.of(folder.as_uri()).page(f"{folder.as_uri()}/deep/other.html").decision is ALLOW


def test_from_a_file_pages_go_to_no_site_that_is_not_named(tmp_path: Path) -> None:
    start = (tmp_path / "start.html").as_uri()
    assert Sites.of(start).page("https://example.com").decision is ASK
    assert Sites.of(start).page("http://127.0.0.1").decision is DENY
    assert Sites.of(start, ("example.com",)).page("https://example.com").decision is ALLOW
    assert Sites.of(start).connection("cdn.example.com", 443, Nearness.PUBLIC, {}).decision is ALLOW
    assert Sites.of(start).connection("printer", 80, Nearness.NETWORK, {}).decision is DENY


@pytest.mark.parametrize(
    ("named", "host", "near", "decision"),
    [
        ("https://example.com", "cdn.example.net", Nearness.PUBLIC, ALLOW),
        ("https://example.com", "router.example.net", Nearness.NETWORK, DENY),
        ("https://example.com", "localhost", Nearness.MACHINE, DENY),
        ("http://10.0.0.1", "10.0.0.2", Nearness.NETWORK, ALLOW),
        ("http://10.0.0.1", "localhost", Nearness.MACHINE, DENY),
        ("http://localhost:3000", "127.0.0.2", Nearness.MACHINE, ALLOW),
        ("about:blank", "localhost", Nearness.MACHINE, DENY),
        ("about:blank", "example.com", Nearness.PUBLIC, ALLOW),
    ],
)
def test_a_page_connects_to_nothing_nearer_than_its_site(
    named: str, host: str, near: Nearness, decision: Decision
) -> None:
    assert Sites.of(named).connection(host, 80, near, {}).decision is decision


def test_a_site_that_comes_nearer_is_refused() -> None:
    """DNS rebinding: the page's own name resolves to this machine after the page was loaded from elsewhere."""
    sites, reached = Sites.of("https://example.com"), dict[Site, Nearness]()
    assert sites.connection("example.com", 443, Nearness.PUBLIC, reached).decision is ALLOW
    assert sites.connection("example.com", 443, Nearness.MACHINE, reached).decision is DENY
    assert sites.connection("sub.example.com", 6379, Nearness.MACHINE, reached).decision is DENY
    assert sites.connection("example.com", 443, Nearness.PUBLIC, reached).decision is ALLOW


def test_a_site_within_a_private_network_is_reached_with_what_is_beside_it() -> None:
    sites, reached = Sites.of("http://intranet.example/"), dict[Site, Nearness]()
    assert sites.connection("intranet.example", 80, Nearness.NETWORK, reached).decision is ALLOW
    assert sites.connection("images.example", 80, Nearness.NETWORK, reached).decision is ALLOW
    assert sites.connection("images.example", 80, Nearness.MACHINE, reached).decision is DENY


@pytest.mark.parametrize(
    ("instruction", "named"),
    [
        ("go to https://shop.example.com/cart?x=1 and buy nothing", "shop.example.com"),
        ("log in at example.com, then open www.example.org.", "example.com example.org"),
        ("open localhost:3000 and 192.168.1.1", "localhost 192.168.1.1"),
        ("(see http://127.0.0.1:8000).", "127.0.0.1"),
        ("read bücher.de", "xn--bcher-kva.de"),
        ("look it up on en.wikipedia.org/wiki/Pizza", "en.wikipedia.org"),
        ("write to ada@example.com about report.pdf", ""),
        ("open README.md and main.py, e.g. with Node.js 1.2.3", ""),
        ("find a pizza place", ""),
        ("send a mail to john.it@example.com", ""),
        ("delete /home/ada/example.com.txt", ""),
    ],
)
def test_an_instruction_names_its_sites(instruction: str, named: str) -> None:
    assert " ".join(map(str, sites_in(instruction))) == named
    assert Sites.of("about:blank").naming(instruction).restricted == bool(named)


def test_the_user_reads_what_is_open(tmp_path: Path) -> None:
    assert Sites.of("about:blank").described(asking=False) == ""
    assert Sites.of("https://www.example.com", ("*",)).described(asking=False) == ""
    both = Sites.of("https://www.example.com", ("localhost:3000",))
    assert both.described(asking=False) == (
        "Sites: example.com and localhost:3000 (others are refused; --site adds more)."
    )
    assert "(you are asked about others; " in both.described(asking=True)
    only_files = Sites.of((tmp_path / "a.html").as_uri()).described(asking=False)
    assert only_files == f"Sites: the files in {tmp_path.resolve()} (others are refused; --site adds more)."


@pytest.mark.parametrize(
    ("start", "others", "url", "decision"),
    [
        ("https://a.test/", "allow", "https://b.test/x", "allow"),
        ("https://a.test/", "allow", "https://c.test/", "ask"),
        ("about:blank", "allow", "https://c.test/", "allow"),
        ("about:blank", "ask", "https://c.test/", "ask"),
        ("about:blank", "deny", "https://c.test/", "deny"),
        ("about:blank", "deny", "https://b.test/", "allow"),
        ("https://a.test/", "deny", "https://a.test/x", "allow"),
        ("https://a.test/", "deny", "https://c.test/", "deny"),
        ("about:blank", "allow", "https://bad.b.test/", "deny"),
        ("about:blank", "allow", "http://127.0.0.1:9/", "allow"),
        ("about:blank", "allow", "http://127.0.0.2/", "deny"),
    ],
)
def test_a_rule_that_allows_a_host_opens_its_site_and_closes_no_other(
    start: str, others: str, url: str, decision: str
) -> None:
    """A denial wins, and the default of the rules is for what nothing names."""
    allowed = ("b.test", "127.0.0.1")
    sites = Sites.of(start, denied=["bad.b.test"], allowed=allowed, others=Decision(others))
    assert sites.page(url).decision.value == decision


def test_a_site_that_a_rule_allows_is_reached_on_this_machine_and_opens_no_other_there() -> None:
    sites = Sites.of("about:blank", allowed=["127.0.0.1"])
    assert sites.connection("127.0.0.1", 80, Nearness.MACHINE, {}).decision is ALLOW
    assert sites.connection("127.0.0.2", 80, Nearness.MACHINE, {}).decision is DENY


def test_a_no_closes_what_is_asked_about_and_nothing_that_is_open_anyway() -> None:
    sites = Sites.of("http://localhost:3000/", asked=["b.test"], added=["b.test", "c.test"]).closing("https://b.test/x")
    sites = sites.closing("http://d.test/").closing("http://localhost:5000/")
    assert sites.page("https://www.b.test/").decision is DENY and sites.page("https://d.test/").decision is DENY
    assert sites.page("http://localhost:3000/a").decision is ALLOW and sites.page("https://c.test/").decision is ALLOW
    again = sites.naming("use d.test and b.test after all")
    assert again.page("https://d.test/").decision is ALLOW and again.page("https://b.test/").decision is ASK
