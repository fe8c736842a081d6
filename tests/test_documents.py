"""The documents are correct: their commands work, their links resolve, the README is short.

A fenced block ```sh holds commands that are run here, suites with one task. A word after `sh` says what a block needs
beside this checkout (`server`, `data`, `phone`, ...); its commands are only read, so that each flag in them is one that
there is and that means something where it stands.
"""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

import run_agent
from agent import flags
from model import profile
from tasks import suites

ROOT = Path(__file__).parent.parent
ROOMS = ("docs", "actions", "agent", "devices", "model", "prompts", "tasks", "tests")
DOCUMENTS = [*ROOT.glob("*.md"), *sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.md"))]
README_WORDS = 1300
PYTHON = ".venv/bin/python"


class Command(NamedTuple):
    document: Path
    needs: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document.relative_to(ROOT)}: {shlex.join(self.words)}"


def blocks(document: Path) -> Iterator[tuple[str, str]]:
    """The language line and the text of each fenced block."""
    for found in re.finditer(r"^```(\S[^\n]*)\n(.*?)^```$", document.read_text(encoding="utf-8"), re.M | re.S):
        yield found[1], found[2]


def commands() -> Iterator[Command]:
    for document in DOCUMENTS:
        for language, text in blocks(document):
            kind, _, needs = language.partition(" ")
            if kind == "sh":
                for line in text.replace("\\\n", " ").splitlines():
                    if words := tuple(shlex.split(line, comments=True)):
                        yield Command(document, needs, words)


ALL = list(commands())
OURS = [command for command in ALL if command.words[:2] == (PYTHON, "run_agent.py")]
MODULES = [command for command in ALL if command.words[:2] == (PYTHON, "-m")]


def test_there_are_commands_to_look_at() -> None:
    assert len([command for command in OURS if not command.needs]) >= 5
    assert len([command for command in OURS if command.needs]) >= 5


@pytest.mark.parametrize("command", [command for command in OURS if not command.needs], ids=str)
def test_a_printed_command_works(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    words = [*command.words[2:], "--runs", str(tmp_path)]
    if "--suite" in words:
        words += ["--limit", "1"]
    for flag, file in (("--junit", "results.xml"), ("--look", "look.png")):
        if flag in words:
            words[words.index(flag) + 1] = str(tmp_path / file)
    assert run_agent.main(words) == 0


@pytest.mark.parametrize("command", [command for command in OURS if command.needs], ids=str)
def test_a_command_that_needs_more_has_flags_that_go_together(command: Command) -> None:
    given = flags.parsed(command.words[2:])
    assert not given.get("model") or given["model"] in profile.names()
    assert not given.get("suite") or given["suite"] in suites.names()


@pytest.mark.parametrize("command", MODULES, ids=str)
def test_a_module_that_is_to_be_started_is_there(command: Command) -> None:
    assert importlib.util.find_spec(command.words[2])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_commands_stand_in_fenced_blocks_and_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    indented = re.findall(
        rf"^(?: {{4,}}|\t).*{re.escape(PYTHON)}.*", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M
    )
    assert not indented
    for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        assert "://" in link or (document.parent / link).exists(), link


def test_the_skill_is_in_the_published_format() -> None:
    """https://agentskills.io/specification: its folder's name, and at most 1,024 characters on when to use it."""
    skill = ROOT / "docs" / "screenhand" / "SKILL.md"
    matter = yaml.safe_load(skill.read_text(encoding="utf-8").split("---\n")[1])
    assert matter["name"] == skill.parent.name and re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", matter["name"])
    assert 0 < len(matter["description"]) <= 1024 and len(matter["compatibility"]) <= 500
    assert set(matter) <= {"name", "description", "license", "compatibility", "metadata", "allowed-tools"}


def test_every_target_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    named = {word for command in ALL if command.words[0] == "make" for word in command.words[1:] if "=" not in word}
    assert named and named <= targets


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= README_WORDS
