"""`Sites`: which sites and files a browser's run may open, and what its pages may connect to.

Where a run's address, its instruction or the user names a site, pages move only there: any other site is asked about,
or refused with nobody to ask. Where none is named, every public site is open. Frames and a page's own requests are
free, but never to an address that is nearer to this machine than the named sites are.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import SplitResult, urlsplit
from urllib.request import url2pathname

from devices.rules.hosts import Nearness, address_in, canonical, is_localhost, nearness
from devices.rules.verdict import ALLOWED, Decision, Verdict

EVERYWHERE = "*"
PORTS = {"http": 80, "https": 443}
_SECURE = {"ws": "http", "wss": "https"}
NOT_ALLOWED = "the user does not allow its site"
SHOWN = 5
"""How many sites are listed in a sentence."""


class Site(NamedTuple):
    """A site: a host, and where they are given its scheme and port.

    A name with a dot covers its subdomains, as `example.com` covers `www.example.com`; `localhost`, names without a
    dot and IP addresses cover only themselves. Without a port it covers every port.
    """

    host: str
    port: int | None = None
    scheme: str | None = None

    @classmethod
    def read(cls, written: str) -> Self:
        """The site of a written host or URL; `www.` and `*.` before a name with a dot are dropped.

        Raises:
            ValueError: it is no host, or has a path.
        """
        scheme, _, rest = written.strip().rpartition("://")
        scheme = _SECURE.get(scheme.lower(), scheme.lower())
        if scheme and scheme not in PORTS:
            raise ValueError(f"{written!r} is no site: a site has the scheme http or https, or none")
        host, port = _split(rest.removesuffix("/"))
        if not re.fullmatch(r"[^/?#]*", host):
            raise ValueError(f"{written!r} is no site: write only its host, such as example.com")
        return cls(_shortened(canonical(host)), port, scheme or None)

    @classmethod
    def of(cls, url: str) -> Self:
        """The site that a URL names, with every port and scheme. Raises ValueError."""
        return cls(_shortened(canonical(_host(url))))

    def covers(self, host: str, port: int, scheme: str | None = None) -> bool:
        """Whether a canonical host at this port belongs to it. Where the scheme is not known, the port may tell it."""
        scheme = scheme or next((name for name, usual in PORTS.items() if usual == port), None)
        if self.port not in (None, port) or (self.scheme and scheme and self.scheme != scheme):
            return False
        return host == self.host or (self._has_subdomains and host.endswith(f".{self.host}"))

    @property
    def _has_subdomains(self) -> bool:
        return "." in self.host and address_in(self.host) is None and not is_localhost(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme + '://' if self.scheme else ''}{host}{f':{self.port}' if self.port else ''}"


@dataclass(frozen=True)
class Sites:
    """What a run may open. Immutable: a method that opens more returns another one."""

    named: tuple[Site, ...] = ()
    """The sites of the start address, the instruction and the user."""
    everywhere: bool = False
    """Whether the user opened all sites, also those of this machine and its network."""
    folder: Path | None = None
    """The folder of a start address that is a file: only files in it are opened."""
    denied: tuple[Site, ...] = ()
    """The sites to which nothing at all is sent."""
    asked: tuple[Site, ...] = ()
    """The sites that are asked about although they would be open."""
    allowed: tuple[Site, ...] = ()
    """The sites that a rule of the user opens. Unlike named ones they close no others."""
    others: Decision = Decision.ALLOW
    """What the user's rules decide about all other sites."""
    answered: tuple[Site, ...] = ()
    """The sites that the user opened when asked."""
    refused: tuple[Site, ...] = ()
    """The sites that the user did not open when asked: nobody is asked about them again."""

    @classmethod
    def of(
        cls,
        start: str,
        added: Iterable[str] = (),
        denied: Iterable[str] = (),
        asked: Iterable[str] = (),
        allowed: Iterable[str] = (),
        others: Decision = Decision.ALLOW,
    ) -> "Sites":
        """The sites of a run that starts at this URL. Raises ValueError if one is no site."""
        added = tuple(added)
        named = tuple(Site.read(one) for one in added if one != EVERYWHERE)
        if start.startswith(("http:", "https:")):
            named = (Site.of(start), *named)
        return cls(
            tuple(dict.fromkeys(named)),
            EVERYWHERE in added,
            _folder_of(start),
            tuple(map(Site.read, denied)),
            tuple(map(Site.read, asked)),
            tuple(map(Site.read, allowed)),
            others,
        )

    def naming(self, instruction: str) -> "Sites":
        """These, with the sites that the user's words name, which open even what was refused before."""
        named = sites_in(instruction)
        refused = tuple(site for site in self.refused if not any(_related(site, one) for one in named))
        return replace(self, named=tuple(dict.fromkeys((*self.named, *named))), refused=refused)

    def opening(self, url: str) -> "Sites":
        """These, with the site of a URL that the user opened. Raises ValueError."""
        return replace(self, answered=(*self.answered, Site.of(url)))

    def closing(self, url: str) -> "Sites":
        """These, without the site of a URL that the user did not open. Raises ValueError."""
        return replace(self, refused=(*self.refused, Site.of(url)))

    def page(self, url: str) -> Verdict:
        """Whether a page may open: for every address that a tab moves to, each redirect included."""
        scheme = url.partition(":")[0].lower()
        if scheme == "file":
            return self.file(url)
        if url in ("about:blank", "about:srcdoc") or scheme == "blob":
            return ALLOWED  # a page's own content: its origin was opened before
        if scheme not in PORTS:
            return _denied("only http, https and files are opened")
        try:
            place = endpoint(url)
        except ValueError as error:
            return _denied(str(error))
        verdict = self._page_of(*place)
        asked_before = verdict.decision is Decision.ASK and _covering(self.refused, *place)
        return _denied(NOT_ALLOWED) if asked_before else verdict

    def _page_of(self, host: str, port: int, scheme: str) -> Verdict:
        remedy = f"--site {Site(host)} opens it"
        if rule := _covering(self.denied, host, port, scheme):
            return _denied(f"a rule of the user denies {rule}")
        if _covering(self.answered, host, port, scheme):
            return ALLOWED
        if rule := _covering(self.asked, host, port, scheme):
            return Verdict(Decision.ASK, f"a rule of the user asks about {rule}")
        if self.everywhere or _covering((*self.named, *self.allowed), host, port, scheme):
            return ALLOWED
        if nearness(host) > self._nearest_to_all({}):
            return _denied(f"it is on this machine or its network, and no site of this run; {remedy}")
        if self.others is Decision.DENY:
            return _denied("no rule of the user allows it")
        if self.named or self.folder:
            return Verdict(Decision.ASK, f"only {self._listed()} open in this run; {remedy}")
        return Verdict(Decision.ASK, "no rule of the user is about it") if self.others is Decision.ASK else ALLOWED

    def file(self, url: str) -> Verdict:
        """Whether a file may be shown, in a tab or a frame."""
        if self.folder is None:
            return _denied("no files of this machine are opened here")
        try:
            parts = urlsplit(url)
            inside = Path(url2pathname(parts.path)).resolve().is_relative_to(self.folder)
        except (OSError, RuntimeError, ValueError) as error:  # no path, or one without an end
            return _denied(f"it is no file: {error}")
        if inside and parts.netloc in ("", "localhost"):
            return ALLOWED
        return _denied(f"only files in {self.folder} are opened here")

    def name(self, host: str, port: int) -> Verdict:
        """Whether a canonical host may be resolved: what is denied is not even asked for, as names can carry data."""
        rule = _covering(self.denied, host, port)
        return _denied(f"a rule of the user denies {rule}") if rule else ALLOWED

    def connection(self, host: str, port: int, near: Nearness, reached: dict[Site, Nearness]) -> Verdict:
        """Whether anything at all may be sent to a canonical host, which resolves to addresses this near.

        `reached` is how near each named site was when it was first reached; a site that is reached now is added. One
        that later resolves to a nearer address is refused: that is how a page would get at other programs here.
        """
        if (verdict := self.name(host, port)) is not ALLOWED or self.everywhere:
            return verdict
        site = _covering((*self.named, *self.allowed, *self.answered), host, port)
        if near <= (reached.setdefault(site, near) if site else self._nearest_to_all(reached)):
            return ALLOWED
        where = "this machine" if near is Nearness.MACHINE else "the network of this machine"
        return _denied(f"it is on {where}, and the sites of this run are not")

    def _nearest_to_all(self, reached: dict[Site, Nearness]) -> Nearness:
        """The nearest that a host may be which no site covers: as near as the furthest of the sites."""
        if self.folder:
            return Nearness.PUBLIC
        near = (reached.get(site, nearness(site.host)) for site in (*self.named, *self.answered))
        return min(near, default=Nearness.PUBLIC)

    @property
    def needs_proxy(self) -> bool:
        """Whether `connection` may ever refuse one."""
        return bool(self.denied) or not self.everywhere

    @property
    def restricted(self) -> bool:
        """Whether pages may move to certain sites only."""
        return bool(self.named or self.folder) and not self.everywhere

    def described(self, asking: bool) -> str:
        """What is open, for the user; empty if pages may move to every public site."""
        if not self.restricted:
            return ""
        others = "you are asked about others" if asking else "others are refused"
        return f"Sites: {self._listed(verb=False)} ({others}; --site adds more)."

    def _listed(self, verb: bool = True) -> str:
        shown = [*map(str, dict.fromkeys((*self.named, *self.answered)))]
        if len(shown) > SHOWN:
            shown = [*shown[:SHOWN], f"{len(shown) - SHOWN} more"]
        if self.folder:
            shown.append(f"the files in {self.folder}")
        is_ = "" if not verb else " is" if len(shown) == 1 and not self.folder else " are"
        return (f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]) + is_


def endpoint(url: str) -> tuple[str, int, str]:
    """The canonical host, the port and the scheme of a URL of http or https. Raises ValueError."""
    parts = _parts(url)
    return canonical(_host(url)), PORTS[parts.scheme] if parts.port is None else parts.port, parts.scheme


def _covering(sites: Iterable[Site], host: str, port: int, scheme: str | None = None) -> Site | None:
    return next((site for site in sites if site.covers(host, port, scheme)), None)


def _related(one: Site, other: Site) -> bool:
    """Whether one of two sites is the host of the other, or a subdomain of it."""
    return Site(one.host).covers(other.host, 0) or Site(other.host).covers(one.host, 0)


def _denied(rule: str) -> Verdict:
    return Verdict(Decision.DENY, rule)


def _folder_of(start: str) -> Path | None:
    if not start.lower().startswith("file:"):
        return None
    path = Path(url2pathname(urlsplit(start).path)).resolve()
    return path if path.is_dir() else path.parent


def _shortened(host: str) -> str:
    for prefix in ("www.", "*."):
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest:
            return rest
    return host


def _split(authority: str) -> tuple[str, int | None]:
    """The host and the port. Raises ValueError."""
    found = re.fullmatch(r"(.*?)(?::(\d{1,5}))?", authority.rpartition("@")[2])
    if found is None or (authority.count(":") > 1 and not authority.startswith("[")):
        return authority, None
    port = int(found[2]) if found[2] else None
    if port is not None and port > 65535:
        raise ValueError(f"{authority!r} is no site: there is no port {port}")
    return found[1], port


def _host(url: str) -> str:
    """The host of a URL, as written. Raises ValueError."""
    authority = _parts(url).netloc.rpartition("@")[2]
    return re.sub(r":\d*$", "", authority)


def _parts(url: str) -> SplitResult:
    """The parts of a URL of http or https, in which a browser takes a backslash for a slash. Raises ValueError."""
    return urlsplit(url.replace("\\", "/"))


_ENDS = frozenset(
    (
        "com org net edu gov mil int info biz dev app xyz online shop store site tech cloud blog page news club live "
        "pro world today space travel jobs museum example test"
    ).split()
)
"""Frequent last labels of a host with more than two letters, by which it is recognised without a scheme."""
_ENDS_OF_FILES = frozenset("js ts py sh md rs pl cc so ps ml rb kt cs hs db gz xz vb".split())
"""Two letters that are more often the end of a file's name than a country."""
_WRITTEN = re.compile(
    r"""
    (?P<url> \bhttps?://[^\s<>"'`]+ )
    | (?<![\w@./:\\-]) (?P<host> (?:\w(?:[\w-]*\w)?\.)+ [a-z]{2,} | (?:[\w-]+\.)*localhost | \d{1,3}(?:\.\d{1,3}){3} )
      (?! [\w@-] | \.\w ) (?::(?P<port>\d{1,5})\b)?
    """,
    re.VERBOSE,
)


def sites_in(text: str) -> tuple[Site, ...]:
    """The sites that a user's words name: URLs, and hosts that are written without a scheme."""
    found = []
    for written in _WRITTEN.finditer(text):
        try:
            if url := written["url"]:
                found.append(Site.of(url.rstrip(".,;:!?)]}")))
            elif _is_host(written["host"]):
                found.append(Site.of(f"http://{written['host']}"))
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def _is_host(word: str) -> bool:
    end = word.rpartition(".")[2]
    if word.startswith("www.") or end == "localhost" or end.isdigit() or end in _ENDS:
        return True
    return len(end) == 2 and end not in _ENDS_OF_FILES
