"""A small POSIX-like shell over the phone's commands and files; no input ever reaches the computer's own shell."""

import fnmatch
import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from devices.doubles.simphone.files import Files, resolve
from devices.doubles.simphone.shell_tree import Group, Pipeline, Redirect, Sequence, Simple, parse
from devices.doubles.simphone.shell_words import Literal, ShellSyntaxError, Substitution, Variable, Word
from devices.doubles.simphone.streams import Gathered, Given, Sink, Streams

_SPECIAL = re.compile(r"([\\*?\[\]])")


class Command(Protocol):
    """One command of the phone."""

    def __call__(self, shell: "Shell", arguments: list[str], streams: Streams) -> Awaitable[int]: ...


class ShellExit(Exception):
    """The shell must exit."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Shell:
    """One shell: its variables, its folder and the status of its last command."""

    commands: Mapping[str, Command]
    files: Files
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    status: int = 0

    async def run(self, text: str, streams: Streams) -> int:
        """Runs a command line and returns its exit status."""
        try:
            await self._sequence(parse(text), streams)
        except ShellSyntaxError as error:
            await streams.stderr.write(f"/system/bin/sh: {error}\n".encode())
            self.status = 1
        except ShellExit as end:
            self.status = end.status
        return self.status

    def path(self, name: str) -> str:
        """The absolute path of a name in the current folder."""
        return resolve(self.folder, name)

    async def _sequence(self, sequence: Sequence, streams: Streams) -> None:
        for joint, pipeline in sequence.items:
            if joint == ";" or (joint == "&&") == (self.status == 0):
                await self._pipeline(pipeline, streams)

    async def _pipeline(self, pipeline: Pipeline, streams: Streams) -> None:
        source = streams.stdin
        for command in pipeline.commands[:-1]:
            gathered = Gathered()
            await self._command(command, Streams(source, gathered, streams.stderr))
            source = Given(bytes(gathered.data))
        await self._command(pipeline.commands[-1], streams._replace(stdin=source))
        if pipeline.negated:
            self.status = int(self.status == 0)

    async def _command(self, command: Simple | Group, streams: Streams) -> None:
        try:
            inner, written = await self._redirected(command.redirects, streams)
        except OSError as error:
            await streams.stderr.write(f"/system/bin/sh: can't open {error.filename}: {error.strerror}\n".encode())
            self.status = 1
            return
        if isinstance(command, Group):
            await self._sequence(command.body, inner)
        else:
            await self._simple(command, inner)
        for path, (gathered, more) in written.items():
            try:
                self.files.write(path, bytes(gathered.data), more=more)
            except OSError as error:
                await streams.stderr.write(f"/system/bin/sh: {error.filename}: {error.strerror}\n".encode())
                self.status = 1

    async def _redirected(
        self, redirects: tuple[Redirect, ...], streams: Streams
    ) -> tuple[Streams, dict[str, tuple[Gathered, bool]]]:
        """The streams after redirection, and the files to write when the command is done."""
        written: dict[str, tuple[Gathered, bool]] = {}
        for redirect in redirects:
            target = "".join(await self._expand(redirect.target))
            if redirect.symbol == ">&":
                sink = streams.stdout if target == "1" else streams.stderr
                streams = _with_output(streams, redirect.descriptor, sink)
                continue
            path = self.path(target)
            if redirect.symbol == "<":
                streams = streams._replace(stdin=Given(self.files.read(path)))
                continue
            self.files.check_writable(path)
            gathered = Gathered()
            written[path] = (gathered, redirect.symbol == ">>")
            streams = _with_output(streams, redirect.descriptor, gathered)
            if redirect.symbol == "&>":
                streams = streams._replace(stderr=gathered)
        return streams, written

    async def _simple(self, command: Simple, streams: Streams) -> None:
        words = [text for word in command.words for text in await self._expand(word)]
        for assignment in command.assignments:
            name, _, value = "".join(await self._expand(assignment, split=False)).partition("=")
            self.variables[name] = value
        if not words:
            self.status = 0
            return
        name = words[0].removeprefix("/system/bin/").removeprefix("/system/xbin/")
        run = self.commands.get(name)
        if run is None:
            await streams.stderr.write(f"/system/bin/sh: {words[0]}: inaccessible or not found\n".encode(**_LOSSLESS))
            self.status = 127
            return
        try:
            self.status = await run(self, words[1:], streams)
        except OSError as error:
            text = f"{name}: {error.filename}: {error.strerror}\n"
            await streams.stderr.write(text.encode(**_LOSSLESS))
            self.status = 1

    async def _expand(self, word: Word, *, split: bool = True) -> list[str]:
        """The expansion of a word: variables substituted, unquoted results split at spaces, patterns matched."""
        fields: list[str] = [""]
        something = False
        for part in word.parts:
            text = await self._value(part)
            if isinstance(part, Literal) or part.quoted or not split:
                something = something or bool(text) or part.quoted
                fields[-1] += _SPECIAL.sub(r"\\\1", text) if part.quoted or not isinstance(part, Literal) else text
                continue
            pieces = re.split(r"[ \t\n]+", text)
            something = something or text.strip() != ""
            fields[-1] += pieces[0]
            fields += pieces[1:]
        if not something:
            return []
        kept = [one for one in fields if one] if len(fields) > 1 else fields
        return [name for one in kept for name in (self._match(one) if split else [_plain(one)])]

    async def _value(self, part: Literal | Variable | Substitution) -> str:
        if isinstance(part, Literal):
            return part.text
        if isinstance(part, Variable):
            special = {"?": str(self.status), "$": "4242", "#": "0", "0": "/system/bin/sh"}
            return special.get(part.name) or self.variables.get(part.name, "")
        gathered = Gathered()
        inner = Shell(self.commands, self.files, dict(self.variables), self.folder, self.status)
        self.status = await inner.run(part.source, Streams(Given(), gathered, Gathered()))
        return gathered.data.decode(**_LOSSLESS).rstrip("\n")

    def _match(self, pattern: str) -> list[str]:
        """The files that match a pattern, or the pattern without its escapes."""
        if not re.search(r"(?<!\\)(?:\\\\)*[*?\[]", pattern):
            return [_plain(pattern)]
        absolute = self.path(re.sub(r"\\([*?\[\]\\])", r"\1", pattern))
        depth = absolute.count("/")
        found = sorted(
            path
            for path in self.files.paths()
            if path.count("/") == depth and fnmatch.fnmatchcase(path, absolute) and not _hidden(path, absolute)
        )
        if not pattern.startswith("/"):
            found = [path.removeprefix(self.folder.rstrip("/") + "/") for path in found]
        return found or [_plain(pattern)]


_LOSSLESS = {"encoding": "utf-8", "errors": "surrogateescape"}


def _plain(pattern: str) -> str:
    return re.sub(r"\\([\\*?\[\]])", r"\1", pattern)


def _hidden(path: str, pattern: str) -> bool:
    return path.rsplit("/", 1)[-1].startswith(".") and not pattern.rsplit("/", 1)[-1].startswith(".")


def _with_output(streams: Streams, descriptor: int, sink: Sink) -> Streams:
    return streams._replace(stderr=sink) if descriptor == 2 else streams._replace(stdout=sink)
