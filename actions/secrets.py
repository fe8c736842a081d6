"""`Secret` and `Secrets`: values that a device types and that nobody reads, neither the model nor a record.

A model writes `{{NAME}}`, and the device types the value. In every text that leaves the device the value is masked by
the same `{{NAME}}`, also where it is encoded as in an address, in HTML, in JSON, in base64 or in hexadecimal digits,
and where a text was cut in the middle of it.
"""

import base64
import contextlib
import html.entities
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from actions.errors import UsageError
from actions.text_files import read_text

FORM = "NAME=env:VARIABLE@HOST or NAME=file:PATH@HOST"
SHORTEST = 4
"""A shorter value would be masked in the middle of words and numbers."""
LONGEST = 200
ANY_CASE = 8
"""Values of this length are masked in upper and lower case alike."""
FEWEST = 6
"""The fewest first characters of a value that are masked where a text was cut after them; at least half of it."""
BASE64 = 8
"""The fewest base64 characters that are looked for."""
_SPEC = re.compile(r"([A-Za-z]\w*)(!?)=(env|file):(.+)@([^@]*)", re.ASCII | re.DOTALL)
_PLACE = re.compile(r"[^\s/@*?#]+")
_CUT = "_"
"""Begins the name of the group of what was cut; no secret's name begins like that."""
_ENDS_CUT = r"(?=\.\.\.|…|['\"]|$)"


@dataclass(frozen=True)
class Secret:
    """A value, and where it may be typed."""

    name: str
    value: str = field(repr=False)
    place: str
    """A host with or without a port, an Android package, or a window class."""
    into_password: bool = False
    """Whether only a password field gets it."""

    def __str__(self) -> str:
        """How a model writes it."""
        return f"{{{{{self.name}}}}}"


def read_secret(spec: str, folder: Path = Path()) -> Secret:
    """The secret that `NAME=env:VARIABLE@HOST` or `NAME=file:PATH@HOST` describes; `NAME!` demands a password field.

    HOST follows the last `@`. Paths start at `folder`. The line end at the end of a file is not part of the value.

    Raises:
        UsageError: it describes none, or its value is missing or cannot be used. The message never holds the value.
    """
    parts = _SPEC.fullmatch(spec)
    if parts is None:
        raise UsageError(f"{spec!r} describes no secret. Write {FORM}.")
    name, demands, kind, source, place = parts.groups()
    if not _PLACE.fullmatch(place):
        raise UsageError(
            f"The secret {name} has no place where it may be typed, but {place!r}. After the last @ write a host such "
            "as example.com, an app's package, or a window's class."
        )
    value = _variable(name, source) if kind == "env" else _content(name, folder / source)
    if not SHORTEST <= len(value) <= LONGEST:
        raise UsageError(
            f"The secret {name} has {len(value)} characters; it must have {SHORTEST} to {LONGEST}, to be masked "
            "wherever it appears."
        )
    if not value.isprintable():
        raise UsageError(f"The secret {name} holds a line end, or another character that no field takes.")
    return Secret(name, value, place, bool(demands))


def _variable(name: str, variable: str) -> str:
    value = os.environ.get(variable)
    if value is None:
        raise UsageError(f"The secret {name} needs the environment variable {variable}, which is not set.")
    return value


def _content(name: str, path: Path) -> str:
    try:
        return read_text(path.expanduser()).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise UsageError(f"The secret {name} cannot be read: {path} is not UTF-8 text.") from error
    except OSError as error:
        raise UsageError(f"The secret {name} cannot be read from {path}: {error.strerror}.") from error


def _read(given: object) -> object:
    return read_secret(given) if isinstance(given, str) else given


GivenSecret = Annotated[Secret, BeforeValidator(_read)]
"""A secret, or the text that describes it."""


class Secrets:
    """All secrets of a session. Without any, every text stays as it is."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        """Raises UsageError if two have one name."""
        self._by_name: dict[str, Secret] = {}
        for secret in secrets:
            if secret.name in self._by_name:
                raise UsageError(f"There are two secrets {secret.name}. Give each its own name.")
            self._by_name[secret.name] = secret
        names = "|".join(self._by_name)
        self._written = re.compile(rf"\{{\{{ *({names}) *\}}\}}")
        longest_first = sorted(self._by_name.values(), key=lambda secret: -len(secret.value))
        shown = (f"(?P<{secret.name}>{_whole(secret.value)})" for secret in longest_first)
        begun = (f"(?P<{_CUT}{secret.name}>{_begun(secret.value)})" for secret in longest_first)
        self._pattern = re.compile("|".join((rf"\{{\{{(?:{names})\}}\}}", *shown, *begun)))

    def __iter__(self) -> Iterator[Secret]:
        return iter(self._by_name.values())

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def parts(self, text: str) -> Sequence[str | Secret]:
        """A text that a model wrote, split at the secrets in it. Any other `{{x}}` is text."""
        if not self:
            return [text]
        pieces = self._written.split(text)
        return [self._by_name[piece] if index % 2 else piece for index, piece in enumerate(pieces) if piece]

    def masked(self, text: str) -> str:
        """The text with `{{NAME}}` in place of each value."""
        if not self:
            return text
        return self._pattern.sub(_name_of, text)

    def masked_in(self, value: Any) -> Any:
        """A text, or a value made of lists, tuples and dictionaries, with every text in it masked, its keys too."""
        if not self:
            return value
        if isinstance(value, str):
            return self.masked(value)
        if isinstance(value, Mapping):
            return {self.masked_in(key): self.masked_in(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.masked_in(part) for part in value]
        if isinstance(value, tuple):
            parts = tuple(self.masked_in(part) for part in value)
            return type(value)(*parts) if hasattr(value, "_fields") else parts
        return value

    @contextlib.contextmanager
    def hidden(self) -> Iterator[None]:
        """Masks the texts of an exception that leaves the block, and of those that led to it."""
        try:
            yield
        except BaseException as error:
            if self:
                self._mask(error)
            raise

    def _mask(self, error: BaseException, seen: tuple[BaseException, ...] = ()) -> None:
        for before in (error.__cause__, error.__context__):
            if before is not None and before not in seen:
                self._mask(before, (*seen, error))
                if self.masked(str(before)) != str(before):  # pydantic's cannot be changed
                    error.__cause__, error.__suppress_context__ = None, True
        error.args = self.masked_in(error.args)
        vars(error).update(self.masked_in(vars(error)))
        if isinstance(error, OSError):
            error.strerror, error.filename = self.masked_in(error.strerror), self.masked_in(error.filename)


def beginning(value: str) -> str:
    """The first part of a value that gives it away: half of it, and at least a few characters."""
    return value[: max(FEWEST, (len(value) + 1) // 2)]


def _name_of(found: re.Match[str]) -> str:
    """What replaces a value; a name stays as it is."""
    return f"{{{{{found.lastgroup.removeprefix(_CUT)}}}}}" if found.lastgroup else found[0]


def _whole(value: str) -> str:
    """The pattern of every form of a value."""
    encoded = value.encode()
    if len(value) < ANY_CASE:
        return "|".join(("".join(map(_letter, value)), f"(?i:{encoded.hex()})", *_in_base64(encoded)))
    return "|".join((f"(?i:{''.join(map(_letter, value))}|{encoded.hex()})", *_in_base64(encoded)))


def _begun(value: str) -> str:
    """The pattern of the first characters of a value, where a text was cut in it; nothing matches if it is short."""
    fewest = len(beginning(value))
    if fewest == len(value):
        return "(?!)"
    letters = [_letter(letter) for letter in value]
    rest = ""
    for letter in reversed(letters[fewest:-1]):
        rest = f"(?:{letter}{rest})?"
    pattern = "".join(letters[:fewest]) + rest + _ENDS_CUT
    return f"(?i:{pattern})" if len(value) >= ANY_CASE else pattern


def _letter(letter: str) -> str:
    """The pattern of one character: itself, or one of its escapes."""
    code = ord(letter)
    units = letter.encode("utf-16-be").hex()
    escapes = [
        "".join(f"%(?:25)*{byte:02x}" for byte in letter.encode()),
        f"&#0*{code};",
        f"&#x0*{code:x};",
        "".join(rf"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)),
    ]
    escapes += [rf"\\x{code:02x}"] if code < 0x100 else []
    if named := html.entities.codepoint2name.get(code, "apos" if letter == "'" else ""):
        escapes.append(f"&{named};")
    plain = re.escape(letter)
    others = "" if letter.isalnum() else rf"\\+{plain}|[_+-]|"  # escaped in a text, or replaced in a file's name
    return f"(?:(?i:{'|'.join(escapes)})|{others}{plain})"


def _in_base64(encoded: bytes) -> Iterator[str]:
    """The patterns of the base64 characters that these bytes alone determine, wherever they begin."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + encoded).decode()
        core = whole[(before * 8 + 5) // 6 : (before + len(encoded)) * 8 // 6]
        if len(core) >= BASE64:
            yield "".join({"+": "(?:[+-]|%2[Bb])", "/": "(?:[/_]|%2[Ff])"}.get(letter, letter) for letter in core)
