"""Splits shell text into words and operators; the quoting and `$` of each word are kept for later."""

import re
from itertools import takewhile
from typing import NamedTuple

OPERATORS = ("&&", "||", ";", "|", "&", "\n", "(", ")")
_REDIRECTION = re.compile(r"(\d*)(>>|>&|<<|<|>)|(&>)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[?$#0-9]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "\\": "\\", "'": "'", '"': '"'}


class ShellSyntaxError(Exception):
    """The text is not a command line that this shell supports; the message says why."""


class Literal(NamedTuple):
    text: str
    quoted: bool


class Variable(NamedTuple):
    name: str
    quoted: bool


class Substitution(NamedTuple):
    """The text between `$(` and `)`, or between backquotes."""

    source: str
    quoted: bool


Part = Literal | Variable | Substitution


class Word(NamedTuple):
    parts: tuple[Part, ...]

    @property
    def plain(self) -> str | None:
        """The text of a word that has neither quotes nor `$`."""
        if all(isinstance(part, Literal) and not part.quoted for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Literal))
        return None

    @property
    def beginning(self) -> str:
        """The text before the first quote or `$`."""
        plain = takewhile(lambda part: isinstance(part, Literal) and not part.quoted, self.parts)
        return "".join(part.text for part in plain if isinstance(part, Literal))


class Operator(NamedTuple):
    symbol: str


class Redirection(NamedTuple):
    """`2>&1` is (2, ">&"); the word after it is the target."""

    descriptor: int
    symbol: str


Token = Word | Operator | Redirection


def tokens(text: str) -> list[Token]:
    """The words and operators of a command line.

    Raises:
        ShellSyntaxError: a quote is not closed, or it needs an unsupported feature.
    """
    return _Lexer(text).run()


class _Lexer:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def run(self) -> list[Token]:
        found: list[Token] = []
        while self._at < len(self._text):
            rest = self._text[self._at]
            if rest in " \t\r":
                self._at += 1
            elif rest == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            elif match := _REDIRECTION.match(self._text, self._at):
                self._at = match.end()
                found.append(_redirection(match))
            elif symbol := next((one for one in OPERATORS if self._text.startswith(one, self._at)), None):
                self._at += len(symbol)
                found.append(Operator(symbol))
            else:
                found.append(Word(tuple(self._word())))
        return found

    def _word(self) -> list[Part]:
        parts: list[Part] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\r\n;|&()<>":
                break
            self._at += 1
            if char == "'":
                parts.append(Literal(self._until("'"), True))
            elif char == '"':
                parts += self._double_quoted()
            elif char == "\\":
                parts += self._escaped()
            elif char == "$":
                parts.append(self._dollar(quoted=False))
            elif char == "`":
                parts.append(Substitution(self._until("`"), False))
            else:
                parts.append(Literal(char, False))
        return parts

    def _escaped(self) -> list[Part]:
        if self._at >= len(self._text):
            return [Literal("\\", True)]
        char = self._text[self._at]
        self._at += 1
        return [] if char == "\n" else [Literal(char, True)]

    def _until(self, mark: str) -> str:
        end = self._text.find(mark, self._at)
        if end < 0:
            raise ShellSyntaxError("no closing quote")
        found, self._at = self._text[self._at : end], end + 1
        return found

    def _double_quoted(self) -> list[Part]:
        parts: list[Part] = [Literal("", True)]
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == '"':
                return parts
            if char == "\\" and self._text[self._at : self._at + 1] in set('$`"\\\n') - {""}:
                parts += self._escaped()
            elif char == "$":
                parts.append(self._dollar(quoted=True))
            elif char == "`":
                parts.append(Substitution(self._until("`"), True))
            else:
                parts.append(Literal(char, True))
        raise ShellSyntaxError("no closing quote")

    def _dollar(self, *, quoted: bool) -> Part:
        rest = self._text[self._at : self._at + 2]
        if rest == "((":
            raise ShellSyntaxError("$((: arithmetic is not implemented by this shell")
        if rest.startswith("("):
            return Substitution(self._parenthesis(), quoted)
        if rest.startswith("{"):
            self._at += 1
            name = self._until("}")
            if not _NAME.fullmatch(name):
                raise ShellSyntaxError(f"${{{name}}}: bad substitution")
            return Variable(name, quoted)
        if rest.startswith("'") and not quoted:
            self._at += 1
            return Literal(self._ansi(), True)
        match = _NAME.match(self._text, self._at)
        if not match:
            return Literal("$", quoted)
        self._at = match.end()
        return Variable(match.group(), quoted)

    def _parenthesis(self) -> str:
        """The text between `(` and its matching `)`; quotes inside are respected."""
        start, depth, quote = self._at + 1, 0, ""
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == "\\":
                self._at += 1
            else:
                depth += (char == "(") - (char == ")")
                if depth == 0:
                    return self._text[start : self._at - 1]
        raise ShellSyntaxError("no closing )")

    def _ansi(self) -> str:
        """The text of `$'...'`, after its opening quote."""
        found = ""
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == "'":
                return found
            if char == "\\":
                char = self._ansi_escape()
            found += char
        raise ShellSyntaxError("no closing quote")

    def _ansi_escape(self) -> str:
        match = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|(.)", re.DOTALL).match(self._text, self._at)
        if not match:
            raise ShellSyntaxError("no closing quote")
        self._at = match.end()
        if digits := match.group(1) or match.group(2):
            return chr(int(digits, 16))
        return _ESCAPES.get(match.group(3), "\\" + match.group(3))


def _redirection(match: re.Match[str]) -> Redirection:
    if match.group(3):
        return Redirection(1, "&>")
    symbol = match.group(2)
    if symbol == "<<":
        raise ShellSyntaxError("<<: here-documents are not implemented by this shell")
    return Redirection(int(match.group(1) or (0 if symbol == "<" else 1)), symbol)
