"""The grammar of the shell: parses words and operators to lists of pipelines of commands."""

import re
from typing import NamedTuple

from devices.doubles.simphone.shell_words import Operator, Redirection, ShellSyntaxError, Token, Word, tokens

_NOT_HERE = {"if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function"}
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


class Redirect(NamedTuple):
    descriptor: int
    symbol: str
    target: Word


class Simple(NamedTuple):
    """Assignments, then a command's name and arguments."""

    assignments: tuple[Word, ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


class Group(NamedTuple):
    """A list in parentheses or braces."""

    body: "Sequence"
    redirects: tuple[Redirect, ...]


class Pipeline(NamedTuple):
    commands: tuple[Simple | Group, ...]
    negated: bool


class Sequence(NamedTuple):
    """Pipelines, each with the operator before it: `&&`, `||` or `;`."""

    items: tuple[tuple[str, Pipeline], ...]


def parse(text: str) -> Sequence:
    """The tree of a command line.

    Raises:
        ShellSyntaxError: it is invalid, or it needs an unsupported feature.
    """
    parser = _Parser(tokens(text))
    found = parser.sequence("")
    if parser.token is not None:
        raise ShellSyntaxError(f"syntax error: unexpected {parser.shown!r}")
    return found


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self._tokens = found
        self._at = 0

    @property
    def token(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    @property
    def shown(self) -> str:
        token = self.token
        if token is None:
            return "end of text"
        return (token.plain or "word") if isinstance(token, Word) else token.symbol

    def _symbol(self) -> str:
        return self.token.symbol if isinstance(self.token, Operator) else ""

    def _plain(self) -> str:
        return (self.token.plain or "") if isinstance(self.token, Word) else ""

    def sequence(self, end: str) -> Sequence:
        """Reads up to the end of the text, or to the `)` or `}` that closes a group (not consumed)."""
        items: list[tuple[str, Pipeline]] = []
        joint = ";"
        while True:
            while self._symbol() == "\n":
                self._at += 1
            if self._closes(end) and joint == ";":
                return Sequence(tuple(items))
            items.append((joint, self._pipeline()))
            if self._closes(end):
                return Sequence(tuple(items))
            if self._symbol() not in {";", "&", "\n", "&&", "||"}:
                raise ShellSyntaxError(f"syntax error: unexpected {self.shown!r}")
            joint = self._symbol() if self._symbol() in {"&&", "||"} else ";"
            self._at += 1

    def _closes(self, end: str) -> bool:
        return self.token is None or (end != "" and (self._symbol() or self._plain()) == end)

    def _pipeline(self) -> Pipeline:
        negated = self._plain() == "!"
        self._at += negated
        commands = [self._command()]
        while self._symbol() == "|":
            self._at += 1
            while self._symbol() == "\n":
                self._at += 1
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Simple | Group:
        if self._symbol() == "(" or self._plain() == "{":
            close = ")" if self._symbol() else "}"
            self._at += 1
            body = self.sequence(close)
            if (self._symbol() or self._plain()) != close:
                raise ShellSyntaxError(f"syntax error: {close!r} is missing")
            self._at += 1
            return Group(body, tuple(self._redirects()))
        if self._plain() in _NOT_HERE:
            raise ShellSyntaxError(f"{self._plain()}: not implemented by this shell")
        return self._simple()

    def _simple(self) -> Simple:
        assignments: list[Word] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            redirects += self._redirects()
            token = self.token
            if not isinstance(token, Word):
                break
            self._at += 1
            (assignments if not words and _ASSIGNMENT.match(token.beginning) else words).append(token)
        if not (assignments or words or redirects):
            raise ShellSyntaxError(f"syntax error: unexpected {self.shown!r}")
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _redirects(self) -> list[Redirect]:
        found = []
        while isinstance(token := self.token, Redirection):
            self._at += 1
            target = self.token
            if not isinstance(target, Word):
                raise ShellSyntaxError(f"syntax error: unexpected {self.shown!r}")
            self._at += 1
            found.append(Redirect(token.descriptor, token.symbol, target))
        return found
