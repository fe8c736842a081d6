"""`Cautious`: the rules where the user gives none. A screen must not make a model do what its user never spoke of.

An act that costs, destroys, gives away or installs something is asked about unless the instruction speaks of acts of
that kind: a page that says "press Buy now" gets no order out of the task "what does it cost?". Only the element that is
pressed is judged, not the text around it, so that reading a shop asks nothing.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from actions.keyboard import Press, Type
from actions.phone import Enter
from actions.web import AnswerDialog
from devices.rules.places import Deed, Place
from devices.rules.policy import is_one_of, kinds
from devices.rules.verdict import Decision, Verdict
from devices.rules.wording import says


class Act(NamedTuple):
    """A kind of act: the words on what does it, and the words with which a user asks for it; see `wording.says`."""

    name: str
    shown: tuple[str, ...]
    asked: tuple[str, ...]


ACTS = (
    Act(
        "buying or paying",
        ("buy", "pay", "purchase", "place order", "place your order", "order now", "submit order", "/order", "checkout",
         "check out", "subscribe now", "donate", "transfer", "kaufen", "bezahlen", "bestellen", "überweisen", "acheter",
         "payer", "commander", "comprar", "pagar", "购买", "支付", "付款", "購入", "支払"),
        ("buy*", "pay*", "purchas*", "order*", "check* out", "checkout", "subscri*", "donat*", "transfer*", "book*",
         "reserv*", "kauf*", "*zahl*", "bestell*", "*buch*", "überweis*", "achet*", "command*", "compr*", "pag*", "买",
         "购", "付", "購", "支払", "注文"),
    ),
    Act(
        "deleting",
        ("delete", "erase", "wipe", "uninstall", "remove", "löschen", "entfernen", "supprimer", "eliminar", "borrar",
         "删除", "削除"),
        ("delet*", "eras*", "wip*", "uninstall*", "remov*", "clear*", "clean*", "discard*", "trash*", "get rid",
         "lösch*", "entfern*", "supprim*", "effac*", "elimin*", "borr*", "删", "除", "削除", "消"),
    ),
    Act(
        "sending",
        ("send", "forward", "senden", "abschicken", "weiterleiten", "envoyer", "enviar", "发送", "送信"),
        ("send*", "forward*", "repl*", "writ*", "messag*", "mail*", "email*", "text*", "tell*", "invit*", "contact*",
         "*send*", "*schick*", "*schreib*", "antwort*", "envoy*", "envi*", "escrib*", "发", "送", "信"),
    ),
    Act(
        "installing",
        ("install", "installieren", "installer", "instalar", "安装", "インストール"),
        ("install*", "updat*", "upgrad*", "download*", "set up", "add*", "instal*", "安装", "インストール"),
    ),
)  # fmt: skip
TERMINALS = (
    "*term", "*terminal*", "konsole", "kitty", "alacritty", "tilix", "guake", "yakuake", "terminator", "foot",
    "org.wezfurlong*", "st-256color",
)  # fmt: skip
"""Window classes of terminals."""
COMMANDS = Act(
    "running commands",
    (),
    ("terminal*", "shell*", "console*", "command*", "script*", "program*", "run*", "execut*", "folder*", "director*",
     "file*", "path*", "install*", "befehl*", "ordner*", "datei*", "dossier*", "fichier*", "carpeta*", "archivo*"),
)  # fmt: skip
FIELDS = frozenset({"text field", "password field", "list", "EditText", "AutoCompleteTextView"})
"""Elements that a click only gives the focus."""
FIRST = 6
"""How many words of a text are judged: what a button does is said at its beginning."""
_REFUSED = re.compile(r"\b(?:do not|don['\u2019]t|never|without|not|nicht|kein\w*|ne|sin)\b[^.,;:!?]*", re.IGNORECASE)
"""What an instruction says not to do."""


class Cautious:
    """Judges an episode's deeds by its instruction; without one, which is the user's own act, it allows everything."""

    def __init__(self) -> None:
        self._open: frozenset[Act] = frozenset(ACTS)
        self.begin(None)

    def begin(self, instruction: str | None) -> None:
        """Another episode begins."""
        asked = _REFUSED.sub("", instruction) if instruction is not None else None
        self._open = frozenset(act for act in (*ACTS, COMMANDS) if asked is None or says([asked], act.asked))

    def judge(self, deed: Deed) -> Sequence[Verdict]:
        """Asks about the acts of which the instruction does not speak."""
        if (
            COMMANDS not in self._open
            and is_one_of(deed.place.app, TERMINALS)
            and isinstance(deed.action, Type | Press)
        ):
            return (_ask(COMMANDS),)
        shown = list(_shown(deed.place)) if _presses(deed) else []
        return tuple(_ask(act) for act in ACTS if act not in self._open and says(shown, act.shown))


def _ask(act: Act) -> Verdict:
    return Verdict(Decision.ASK, f"{act.name} is not what the instruction speaks of")


def _presses(deed: Deed) -> bool:
    """Whether the action presses something, rather than giving it the focus or typing a character."""
    field = deed.place.role in FIELDS
    match deed.action:
        case Press(keys=keys):
            return keys[-1] == "enter" or (keys[-1] == "space" and not field)
        case Type(text=text):
            return "\n" in text
        case Enter() | AnswerDialog():
            return True
    return not field and not kinds(deed.action).isdisjoint(("Click", "Tap"))


def _shown(place: Place) -> Iterator[str]:
    """The texts that say what is pressed: of a window only the first word, as the rest may be a file's name."""
    if place.role == "dialog (alert)":  # it can only be closed
        return
    if place.role.startswith("dialog"):
        yield place.words
        return
    yield place.title.partition(" ")[0]
    for text in (place.name, *place.words.split("|")):
        yield " ".join(text.split()[:FIRST])
