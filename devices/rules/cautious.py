"""`Cautious`: the rules where the user gives none. A screen must not make a model do what its user never spoke of.

An act that costs, destroys, gives away or installs something is asked about unless the instruction speaks of acts of
that kind: a page that says "press Buy now" gets no order out of the task "what does it cost?". Only the element that is
pressed is judged, not the text around it, so that reading a shop asks nothing.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from actions.action import Action
from actions.holding import KeyDown
from actions.keyboard import ENTER_KEYS, Press, Type
from actions.mouse import MiddleClick, RightClick
from actions.phone import Enter
from actions.web import AnswerDialog
from devices.rules.places import Deed, Place
from devices.rules.policy import is_one_of, kinds
from devices.rules.verdict import Decision, Verdict
from devices.rules.wording import says


class Act(NamedTuple):
    """A kind of act; words are as in `wording.says`."""

    name: str
    shown: tuple[str, ...]
    """Words on what does it."""
    asked: tuple[str, ...]
    """Words with which a user asks for it."""
    ordered: tuple[str, ...] = ()
    """The same, for words that are nouns as well: they count only where an order can begin."""

    def is_asked(self, instruction: str) -> bool:
        """Whether an instruction speaks of it."""
        begun = tuple(f"{before} {word}" for word in self.ordered for before in BEFORE_ORDERS)
        return says([f"and {instruction}"], (*self.asked, *begun))


BEFORE_ORDERS = ("and", "then", "to", "please")
ACTS = (
    Act(
        "buying or paying",
        ("buy", "pay", "purchase", "place order", "place your order", "order now", "submit order", "/order", "checkout",
         "check out", "subscribe now", "donate", "transfer", "kaufen", "bezahlen", "bestellen", "überweisen",
         "acheter", "payer", "commander", "comprar", "pagar", "购买", "支付", "付款",
         "購入", "支払"),
        ("buy", "buying", "pay", "paying", "purchase", "purchasing", "check out", "checkout", "subscribe", "donate",
         "reserve", "kauf*", "bezahl*", "bestelle", "bestellen", "buche", "buchen", "überweis*", "achet*", "paie",
         "paye*", "commande", "commandez", "commander", "compra", "compre", "comprar", "paga", "pague", "pagar",
         "买", "购买", "支付", "付款", "買", "購入", "払"),
        ("order", "book", "transfer", "rent"),
    ),
    Act(
        "deleting",
        ("delete", "erase", "wipe", "uninstall", "remove", "löschen", "entfernen", "supprimer", "eliminar",
         "borrar", "删除", "削除"),
        ("delete", "deleting", "erase", "wipe", "uninstall", "remove", "removing", "discard", "get rid", "clear",
         "clean", "lösch*", "entferne", "entfernen", "supprim*", "efface*", "elimin*", "borr*", "删",
         "清除", "削除", "消し"),
        ("empty", "trash"),
    ),
    Act(
        "sending",
        ("send", "forward", "senden", "abschicken", "weiterleiten", "envoyer", "enviar", "发送",
         "送信"),
        ("send", "sending", "forward", "reply", "respond", "write", "invite", "submit", "sende*", "*schick*",
         "*schreib*", "antworte*", "envoie*", "envoy*", "ecri*", "envia*", "envie*", "escrib*", "发送",
         "发给", "寄", "回复", "送信", "送っ"),
        ("email", "mail", "message", "text", "tell", "contact", "share", "answer"),
    ),
    Act(
        "installing",
        ("install", "installieren", "installer", "instalar", "安装",
         "インストール"),
        ("install", "installing", "upgrade", "set up", "installier*", "installe*", "instala*", "instale*",
         "安装", "インストール"),
        ("update", "download"),
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
    ("terminal", "shell", "console", "command*", "script*", "program*", "run", "execut*", "folder*", "director*",
     "file*", "path", "install*", "befehl*", "ordner*", "datei*", "dossier*", "fichier*", "carpeta*", "archivo*"),
)  # fmt: skip
PERMISSIONS = Act(
    "giving an app a permission",
    (),
    ("allow*", "permission*", "permit*", "grant*", "location", "nearby", "near me", "where i am", "camera", "photo*",
     "microphone", "record*", "access", "erlaub*", "berechtigung*", "standort*", "kamera", "mikrofon", "autoris*",
     "localisation", "permis*", "ubicación", "cámara"),
)  # fmt: skip
PERMISSION_DIALOGS = ("*.permissioncontroller", "*.packageinstaller")
"""The packages of Android's own dialogs about permissions."""
EVERY = (*ACTS, COMMANDS, PERMISSIONS)
REFUSALS = (
    "don't allow", "don\u2019t allow", "do not allow", "deny", "cancel", "nicht zulassen", "ablehnen", "abbrechen",
    "ne pas autoriser", "refuser", "annuler", "no permitir", "denegar", "rechazar", "cancelar",
)  # fmt: skip
"""What their buttons that give nothing say."""
WRITTEN = frozenset(
    ("text field", "password field", "textbox", "searchbox", "combobox", "EditText", "AutoCompleteTextView")
)
"""Elements that hold a text."""
FIELDS = WRITTEN | frozenset(
    ("list", "checkbox", "radio", "switch", "range", "file", "CheckBox", "RadioButton", "Switch", "SeekBar")
)
"""Elements that are filled in: a click or a space does nothing yet."""
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
        self._open = frozenset(EVERY) if instruction is None else _asked(_REFUSED.sub("", instruction))

    def hear(self, message: str) -> None:
        """The user's words during the episode count like the instruction, and what they say not to do is closed."""
        refused = _asked(" and ".join(_REFUSED.findall(message)))
        self._open = (self._open | _asked(_REFUSED.sub("", message))) - refused

    def reads_words(self, action: Action) -> bool:
        """Whether the verdicts on an action depend on the texts of what it touches."""
        return may_press(action) and not self._open.issuperset((*ACTS, PERMISSIONS))

    def judge(self, deed: Deed) -> Sequence[Verdict]:
        """Asks about the acts of which the instruction does not speak."""
        if COMMANDS not in self._open and is_one_of(deed.place.app, TERMINALS) and _enters(deed.action):
            return (_ask(COMMANDS),)
        if PERMISSIONS not in self._open and is_one_of(deed.place.app, PERMISSION_DIALOGS) and _presses(deed):
            return () if says(_shown(deed.place), REFUSALS) else (_ask(PERMISSIONS),)
        shown = list(_shown(deed.place)) if _presses(deed) else []
        if _is_deletion(deed):
            shown.append("delete")
        return tuple(_ask(act) for act in ACTS if act not in self._open and says(shown, act.shown))


def _asked(text: str) -> frozenset[Act]:
    """The acts that a text asks for."""
    orders = re.sub(r"[.,;:!?]", " and ", text)
    return frozenset(act for act in EVERY if act.is_asked(orders))


def _ask(act: Act) -> Verdict:
    return Verdict(Decision.ASK, f"{act.name} is not what the instruction speaks of")


def may_press(action: Action) -> bool:
    """Whether an action can press something, so that it matters what it touches."""
    match action:
        case Press(keys=keys) | KeyDown(keys=keys):
            return keys[-1] in (*ENTER_KEYS, "space")
        case Type(text=text):
            return "\n" in text
        case Enter() | AnswerDialog():
            return True
    return not kinds(action).isdisjoint(("Click", "Tap", "Drag", "DragAndDrop"))


def _enters(action: Action) -> bool:
    """Whether an action may enter a text into a terminal: other buttons than the first one paste there."""
    pastes = isinstance(action, RightClick | MiddleClick) or getattr(action, "button", "left") != "left"
    return pastes or isinstance(action, Type | Press | KeyDown)


def _is_deletion(deed: Deed) -> bool:
    """Whether the Delete key is pressed on a page where no text is edited, as in a list of mails."""
    is_key = isinstance(deed.action, Press | KeyDown) and deed.action.keys[-1] == "delete"
    role = deed.place.role
    return is_key and bool(deed.place.address) and role not in WRITTEN and not role.startswith("dialog")


def _presses(deed: Deed) -> bool:
    """Whether the action presses something, rather than giving it the focus or typing a character."""
    if not may_press(deed.action):
        return False
    match deed.action:
        case Press(keys=keys) | KeyDown(keys=keys) if keys[-1] == "space":
            return deed.place.role not in FIELDS
        case Press() | KeyDown() | Type() | Enter() | AnswerDialog():
            return True
    return deed.place.role not in FIELDS


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
