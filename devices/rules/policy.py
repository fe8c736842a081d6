"""`Policy`: the user's rules from a TOML file, and how they judge a deed.

    default = "allow"

    [[rule]]
    decision = "ask"
    words = ["pay*", "buy", "delete"]

A rule matches where all of its conditions do, and a condition where one of its values does. The strictest matching rule
decides, so that deny wins; what no rule matches follows `default`.
"""

import fnmatch
from collections.abc import Sequence
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field

from actions.action import Action
from actions.geometry import Point
from actions.holding import KeyDown, MouseDown, MouseUp
from actions.keyboard import Press, Type
from actions.mouse import Click, DoubleClick, Drag, TripleClick
from actions.phone import Enter
from actions.touch import DoubleTap, LongPress, Swipe, Tap
from actions.web import CloseTab, GoBack, Goto, NewTab, Reload, SwitchTab
from devices.browser import shortcuts
from devices.rules.places import Deed
from devices.rules.sites import Site, endpoint
from devices.rules.verdict import Decision, Verdict
from devices.rules.wording import says

SHORT = 12
"""A drag or a swipe that is no longer, in screen pixels, can press what lies there, as a click or a tap does."""
WAYS_OUT = frozenset({"cancel", "close", "no", "no thanks", "not now", "back", "dismiss", "abort", "x", "\u00d7"})
"""Names of elements that leave a question: only their own words are judged, not those of the question."""
BREAK = "\u2063"
"""Stands in what was typed for a key that types nothing. It may part a word there or join one; it is not shown."""
_TEXTS = (str, str | None)
"""The types of fields that hold a model's own text, not one of a few words."""
_SHORTCUTS: dict[shortcuts.Command, type[Action]] = {
    "reload": Reload, "back": GoBack, "new tab": NewTab, "close tab": CloseTab, "next tab": SwitchTab,
    "previous tab": SwitchTab,
}  # fmt: skip


class Rule(BaseModel):
    """One rule. An empty condition is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    decision: Decision
    actions: tuple[str, ...] = ()
    """Kinds of actions, such as `Click`."""
    hosts: tuple[str, ...] = ()
    """Hosts of the page, its frame, or the address to open, as `--site` takes them."""
    schemes: tuple[str, ...] = ()
    """Schemes of the same addresses, such as `http`."""
    apps: tuple[str, ...] = ()
    """Packages on a phone, or classes of a desktop's windows; `*` stands for any characters."""
    words: tuple[str, ...] = ()
    """Words of the element that is touched, of the text around it, or of what is typed; `*` stands for any letters."""
    why: str = ""
    """What the model and the person who is asked read as the reason."""

    def matches(self, deed: Deed) -> bool:
        place = deed.place
        unread = place.unread and self.decision is not Decision.ALLOW  # what cannot be read is not allowed by it
        return (
            self.covers(deed.action)
            and (not self.hosts or any(_on(Site.read(host), place.address) for host in self.hosts))
            and (not self.schemes or place.address.partition(":")[0].lower() in self.schemes)
            and (not self.apps or bool(unread) or is_one_of(place.app, self.apps))
            and (not self.words or bool(unread) or says(texts(deed), self.words))
        )

    def covers(self, action: Action) -> bool:
        """Whether it is about actions of this kind."""
        return not self.actions or not kinds(action).isdisjoint(self.actions)

    @property
    def of_hosts_only(self) -> bool:
        """Whether it is about sites as such, whatever is done there."""
        return bool(self.hosts) and not (self.actions or self.schemes or self.apps or self.words)

    def __str__(self) -> str:
        """The rule in words."""
        conditions = [f"{name} {', '.join(values)}" for name, values in self if isinstance(values, tuple) and values]
        return f"{self.decision.value} {'; '.join(conditions)}"


class Policy(BaseModel):
    """All rules of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    default: Decision = Decision.ALLOW
    rule: tuple[Rule, ...] = Field(default=())

    def judge(self, deed: Deed) -> tuple[Verdict, ...]:
        """The verdict of every rule that matches, else the default.

        The browser itself asks before a page of an asked site opens, whatever leads there: `Goto` is not asked about
        twice.
        """
        opens = isinstance(deed.action, Goto | NewTab)
        found = tuple(
            Verdict(rule.decision, f"{rule.why} (rule {number})".strip() if rule.why else f"rule {number}, {rule}")
            for number, rule in enumerate(self.rule, start=1)
            if rule.matches(deed) and not (opens and rule.of_hosts_only and rule.decision is Decision.ASK)
        )
        return found or (Verdict(self.default, "no rule is about it, and the default applies"),)

    def reads_words(self, action: Action) -> bool:
        """Whether the verdicts on an action depend on the texts of what it touches."""
        return any(rule.words and rule.covers(action) for rule in self.rule)

    def hosts(self, decision: Decision) -> tuple[str, ...]:
        """The hosts of which a rule decides this, whatever is done there."""
        return tuple(
            host for rule in self.rule if rule.of_hosts_only and rule.decision is decision for host in rule.hosts
        )


def kinds(action: Action) -> set[str]:
    """The names of an action's kind, and of the kinds that it amounts to: a double click is a click, too."""
    if isinstance(action, KeyDown):
        return {KeyDown.__name__, *kinds(Press(keys=action.keys))}
    same = _pressed(action) if isinstance(action, Press) else _amounts_to(action)
    return {kind.__name__ for kind in (type(action), *same)}


def _amounts_to(action: Action) -> tuple[type[Action], ...]:
    match action:
        case DoubleClick() | TripleClick() | MouseDown() | MouseUp() | Drag(start=None):
            return (Click,)
        case Drag(start=Point() as start, end=end) if _near(start, end):
            return (Click,)
        case DoubleTap() | LongPress():
            return (Tap,)
        case Swipe(start=start, end=end) if _near(start, end):
            return (Tap,)
        case Enter():
            return (Press,)
        case Type(text=text) if "\n" in text or "\t" in text:
            return (Press,)
    return ()


def _pressed(press: Press) -> tuple[type[Action], ...]:
    command = shortcuts.command(press.keys)
    if command in _SHORTCUTS:
        return (_SHORTCUTS[command],)
    if shortcuts.tab_number(press.keys) is not None:
        return (SwitchTab,)
    return (Type,) if character(press.keys) else ()


def character(keys: tuple[str, ...]) -> str:
    """The character that these keys type, but for its case; empty if they type none."""
    *held, last = keys
    typed = " " if last == "space" else last
    return typed if len(typed) == 1 and set(held) <= {"shift"} else ""


def typing(action: Action) -> str:
    """The text that an action types."""
    return action.text if isinstance(action, Type) else character(action.keys) if isinstance(action, Press) else ""


def texts(deed: Deed) -> list[str]:
    """Every text that a rule's words are compared with."""
    place = deed.place
    leaves = place.name.casefold().strip(" .!") in WAYS_OUT
    fields = type(deed.action).model_fields
    given = [value for name, value in deed.action if isinstance(value, str) and fields[name].annotation in _TEXTS]
    wholes = (
        place.words + deed.typed,
        place.words + typing(deed.action),
    )  # what a field holds, and what is added to it
    typed = (deed.typed, deed.typed.replace(BREAK, " "))
    own = [*given, *map(unquote, given), *typed, place.title, place.words, *wholes]
    return own if leaves else [*own, place.near]


def _on(site: Site, address: str) -> bool:
    """Whether a URL belongs to a site."""
    try:
        return site.covers(*endpoint(address))
    except ValueError:
        return False


def _near(start: Point, end: Point) -> bool:
    return abs(start.x - end.x) <= SHORT and abs(start.y - end.y) <= SHORT


def is_one_of(app: str, patterns: Sequence[str]) -> bool:
    """Whether an app or a window's class is one of those that patterns name."""
    return bool(app) and any(fnmatch.fnmatchcase(app.lower(), pattern.lower()) for pattern in patterns)
