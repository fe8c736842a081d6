"""`write_recorded`: a recording as a suite file with one task: its solution, and checks proposed from what appeared."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import tomlkit
from tomlkit.items import Array

from actions.errors import RecordFailure, UsageError
from actions.geometry import Viewport
from actions.keyboard import Press, Type
from actions.mouse import Scroll
from actions.secrets import Secret, Secrets
from actions.web import AnswerDialog, Choose, Goto
from agent.terminal import cut
from devices.watching import Done
from devices.watching.gestures import SECRET
from tasks.scripted.recording import Recording

TEXTS = 2
"""How many texts that appeared are proposed as checks."""
LENGTHS = range(3, 81)
LONGEST_WORDS = 80
QUERY = 60
"""A longer query of an address is left out of the proposed check: it is likely to hold what changes."""
NOTHING = "WRITE HERE WHAT MUST BE SHOWN"
"""The text of a check that fails until somebody changes it, where nothing was found to check."""
STEPS_EACH = 3
"""A model may take more steps than the person."""
_CHANGING = re.compile(r"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
"""Times and dates, which differ at the next run."""
_HEAD = """Recorded on {day:%Y-%m-%d}. Play it again with:
  {command}
With --model, a model does the task instead. The checks are proposals, made from what appeared: keep those that decide.
Points are in pixels of the screen (docs/suites.md)."""
Described = dict[str, object]


def write_recorded(path: Path, recording: Recording, instruction: str, command: str) -> tuple[str, ...]:
    """Writes the file; returns the names of the variables from which its secrets will be read.

    Without an instruction, the steps in words are one. No value of a secret is written, wherever it was shown.

    Raises:
        UsageError: nothing was done. RecordFailure: the file exists already, or cannot be written.
    """
    if not recording.done:
        raise UsageError(f"Nothing was done, so {path} was not written.")
    done, secrets = _named(recording)
    hidden = Secrets(secrets)
    task = tomlkit.table()
    task["id"] = re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("-._") or "recorded"
    task["instruction"] = hidden.masked(instruction or _in_words(done))
    for key, value in _device_keys(recording).items():
        task[key] = hidden.masked_in(value)
    if secrets:
        task["secrets"] = [f"{each.name}=env:{each.name}@{each.place}" for each in secrets]
    task["limits"] = _inline({"steps": STEPS_EACH * len(done) + 10})
    task["solution"] = _solution(recording, done, hidden)
    task.add(tomlkit.nl())
    task["checks"] = tomlkit.aot()
    for check in _checks(recording, hidden):
        task["checks"].append(tomlkit.item(check))
    document = tomlkit.document()
    for line in _HEAD.format(day=date.today(), command=command).splitlines():
        document.add(tomlkit.comment(line))
    document["tasks"] = tomlkit.aot()
    document["tasks"].append(task)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(tomlkit.dumps(document))
    except FileExistsError as error:
        raise RecordFailure(f"{path} exists already. Record to another file.") from error
    except OSError as error:
        raise RecordFailure(f"{path} cannot be written: {error.strerror}.") from error
    return tuple(secret.name for secret in secrets)


def _named(recording: Recording) -> tuple[list[Done], list[Secret]]:
    """What was done with a name for each text of a password field, and these secrets with those of the options."""
    found = {secret.value: secret for secret in recording.options.secrets}
    done = []
    for each in recording.done:
        if each.secret:
            free = _free_name({secret.name for secret in found.values()})
            secret = found.setdefault(each.secret, Secret(free, each.secret, each.place or "localhost"))
            each = replace(each, action=Type(text=str(secret)))
        done.append(each)
    return done, list(found.values())


def _free_name(taken: set[str]) -> str:
    first = SECRET.strip("{}")
    names = (f"{first}_{number}" if number > 1 else first for number in itertools.count(1))
    return next(name for name in names if name not in taken)


def _device_keys(recording: Recording) -> dict[str, object]:
    """The keys of the task that say where it begins."""
    keys: dict[str, object] = {"device": recording.device}
    if address := recording.options.address:
        keys["address"] = str(Path(address).resolve()) if Path(address).exists() else address
    if recording.device == "browser":
        keys["viewport"] = list(recording.screen)
        first = urlsplit(recording.before.address).hostname
        if others := [host for host in recording.hosts if host != first]:
            keys["sites"] = others
    return keys


def _solution(recording: Recording, done: Sequence[Done], hidden: Secrets) -> Array:
    """The actions, each with the words of the element as a comment."""
    solution, screen = tomlkit.array(), Viewport(recording.screen, recording.screen)
    for each in done:
        call = recording.space.encode(each.action, screen)
        move = {"action": call.name, "arguments": _inline(hidden.masked_in(dict(call.arguments)))}
        words = "".join(character if character.isprintable() else " " for character in hidden.masked(each.words))
        solution.add_line(_inline(move), comment=cut(" ".join(words.split()), LONGEST_WORDS) or None)
    solution.add_line(indent="")
    return solution


def _inline(values: dict[str, object]) -> object:
    table = tomlkit.inline_table()
    table.update(values)
    return table


def _in_words(done: Sequence[Done]) -> str:
    """The steps as an instruction."""
    said = ", then ".join(map(_step_in_words, done))
    return f"{said[:1].upper()}{said[1:]}."


def _step_in_words(done: Done) -> str:
    where = f" in the {done.words}" if done.words else ""
    match done.action:
        case Type(text=text):
            return f"type {text!r}{where}"
        case Press(keys=keys):
            return f"press {'+'.join(keys)}"
        case Choose(value=value):
            return f"choose {value!r}{where}"
        case Goto(url=url):
            return f"open {url}"
        case Scroll(direction=direction):
            return f"scroll {direction}"
        case AnswerDialog(answer=answer):
            return f"{answer} the {done.words}"
    name = re.sub(r"(?<!^)(?=[A-Z])", " ", type(done.action).__name__).lower()
    if done.words:
        return f"{name} the {done.words}"
    return str(done.action) if done.action.model_fields_set else name


def _checks(recording: Recording, hidden: Secrets) -> Iterator[Described]:
    """Checks of what is there at the end and was not at the beginning; of anything that is there if nothing changed."""
    changed = [check for check in _appeared(recording) if hidden.masked_in(check) == check]
    if changed:
        texts = [check for check in changed if check["kind"] == "text"]
        yield from (check for check in changed if check not in texts[TEXTS:])
        return
    there = map(_text_check, (*recording.after.texts, NOTHING))
    yield next(check for check in there if hidden.masked_in(check) == check)


def _appeared(recording: Recording) -> Iterator[Described]:
    before, after = recording.before, recording.after
    here, there = urlsplit(before.address), urlsplit(after.address)
    if recording.device == "browser" and here != there:
        query = f"?{there.query}" if there.query and len(there.query) <= QUERY else ""
        moved = (there.netloc, there.path, there.query) != (here.netloc, here.path, here.query)
        yield {"kind": "url", "contains": f"{there.netloc}{there.path}{query}" if moved else f"#{there.fragment}"}
    if after.title not in ("", before.title):
        yield {"kind": "title", "equals": after.title}
    new = [text for text in dict.fromkeys(after.texts) if text not in before.texts]
    lasting = [text for text in new if len(text) in LENGTHS and not _CHANGING.search(text)]
    yield from map(_text_check, lasting)


def _text_check(text: str) -> Described:
    return {"kind": "text", "contains": text}
