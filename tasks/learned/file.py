"""`read_learned` and `write_learned`: a learned run as a TOML file with pictures in a folder beside it."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from PIL import Image
from pydantic import ValidationError

from actions import complaints
from actions.errors import RecordFailure, UsageError
from actions.geometry import Box
from actions.secrets import Secrets
from actions.text_files import read_text
from agent.record import owners_file, write_whole
from tasks.learned.filling import dated, emptied, filled
from tasks.learned.schema import LearnedFile, LearnedStep
from tasks.options import NO_MODEL

HEAD = "A learned run of Screenhand. It can be edited; docs/learned.md explains each key."
MODEL_OPTIONS = frozenset({"model", "server", "weights", "replies"})
"""The options of which each names a model to hand over to."""
Pictures = dict[Path, Image.Image]
"""Pictures by their paths in the file."""


class LearnedRun(NamedTuple):
    """A learned run, its placeholders filled in, with its pictures."""

    path: Path
    content: LearnedFile
    pictures: Pictures
    values: Mapping[str, str]
    """The values of its parameters."""

    @property
    def steps(self) -> tuple[LearnedStep, ...]:
        return self.content.steps


def path_of(name: str | Path, folder: Path = Path()) -> Path:
    """The file of a learned run: `NAME.toml`, below `folder` unless the name is an absolute path."""
    path = folder / name
    return path if path.suffix == ".toml" else path.with_name(f"{path.name}.toml")


def options_of(learned: LearnedFile, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options that repeat a learned run: those given, else where it was learned, without a model."""
    found: dict[str, Any] = {"device": learned.device}
    if not given.keys() & MODEL_OPTIONS:
        found["engine"] = NO_MODEL
    if learned.address:
        found["address"] = learned.address
    if learned.device == "browser":
        found |= {"viewport": learned.screen} | ({"mobile": True} if learned.mobile else {})
    return {**found, **given}


def read_learned(path: Path, values: Mapping[str, str], secrets: Secrets, today: date | None = None) -> LearnedRun:
    """The learned run in a file with these values of its parameters.

    Raises:
        UsageError: it cannot be read, is invalid, lacks a picture, or needs a value or a secret that is not given, or
            a value is given for a parameter that it does not have.
    """
    try:
        content = tomllib.loads(read_text(path))
    except FileNotFoundError as error:
        raise UsageError(f"There is no learned run {path}. Keep one with --learn {path.stem}.") from error
    except OSError as error:
        raise UsageError(f"The learned run {path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"The learned run {path} is not valid TOML: {error}.") from error
    chosen, whole = _filled(path, content, values, secrets, today or date.today())
    try:
        found = LearnedFile.model_validate(whole)
    except ValidationError as error:
        problems = error.errors(include_url=False)
        problem = next((each for each in problems if each["type"] == "extra_forbidden"), problems[0])
        place = ".".join(map(str, problem["loc"])) or "the file"
        raise UsageError(f"The learned run {path} is not valid: {place}: {_fault(problem)}.") from error
    return LearnedRun(path, found, dict(_pictures(path, found)), chosen)


def _fault(problem: Any) -> str:
    if problem["type"] == "extra_forbidden":
        return "there is no such key"
    return complaints.fault(problem)


def _filled(
    path: Path, content: dict[str, Any], values: Mapping[str, str], secrets: Secrets, today: date
) -> tuple[dict[str, str], dict[str, Any]]:
    """The values of the parameters, and the content with all placeholders filled in."""
    given = content.get("parameters", {})
    defaults = given if isinstance(given, dict) else {}
    names = content.get("secrets", [])
    needed = set(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else set()
    if missing := sorted(needed - {secret.name for secret in secrets}):
        raise UsageError(f"The learned run {path} types the secret {missing[0]}. Pass --secret {missing[0]}=...")
    chosen = {
        name: filled(value, lambda text: dated(text, today) or f"{{{{{text}}}}}") for name, value in defaults.items()
    }
    chosen |= values
    used: set[str] = set()

    def fill(text: str) -> str:
        used.add(text)
        if text in chosen:
            return str(chosen[text])
        if (day := dated(text, today)) is not None:
            return day
        if text in needed:
            return f"{{{{{text}}}}}"
        raise UsageError(f"The learned run {path} needs a value for {{{{{text}}}}}. Pass {text}=VALUE.")

    rest = {key: filled(value, fill) for key, value in content.items() if key != "parameters"}
    if unknown := sorted(values.keys() - used):
        there = ", ".join(sorted(used & chosen.keys() - values.keys())) or "none"
        raise UsageError(f"The learned run {path} has no parameter {unknown[0]!r}. Its others are: {there}.")
    return chosen, rest | {"parameters": given}


def _pictures(path: Path, found: LearnedFile) -> Iterator[tuple[Path, Image.Image]]:
    for number, step in enumerate(found.steps):
        if step.look:
            yield step.look, _picture(path, step.look)
        for target in step.targets.values():
            picture = _picture(path, target.picture)
            whole = Box(0, 0, *picture.size)
            box = target.box
            inside = whole.holds(target.at) and box.left < box.right and box.top < box.bottom
            if not (
                inside and 0 <= box.left and 0 <= box.top and box.right <= whole.right and box.bottom <= whole.bottom
            ):
                size = f"{picture.width}x{picture.height}"
                raise UsageError(
                    f"The learned run {path} is not valid: step {number}: the target does not lie within its picture "
                    f"{target.picture}, which is {size}."
                )
            yield target.picture, picture


def _picture(path: Path, name: Path) -> Image.Image:
    try:
        with Image.open(path.parent / name) as opened:
            return opened.convert("RGB")
    except FileNotFoundError as error:
        raise UsageError(f"The learned run {path} lacks its picture {path.parent / name}.") from error
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise UsageError(f"The picture {path.parent / name} of a learned run cannot be read: {error}.") from error


def earlier_pictures(path: Path) -> set[Path]:
    """The pictures of the learned run that another one would replace.

    Raises:
        UsageError: something else is there, which would be lost.
    """
    folder = path.parent / path.stem
    try:
        content = tomllib.loads(read_text(path))
        run = LearnedFile.model_validate(content)
    except FileNotFoundError:
        named: set[Path] = set()
    except (OSError, ValueError, RecursionError) as error:  # pydantic's and TOML's errors are ValueErrors
        raise UsageError(f"{path} is no learned run, and would be overwritten. Choose another name.") from error
    else:
        looks = {step.look for step in run.steps if step.look}
        named = looks | {target.picture for step in run.steps for target in step.targets.values()}
    own = {path.parent / name for name in named}
    there = set(folder.iterdir()) if folder.is_dir() else {folder} if folder.exists() else set()
    if others := sorted(there - own):
        raise UsageError(f"{others[0]} is not of a learned run {path}, whose pictures go there. Choose another name.")
    return there


def write_learned(path: Path, run: LearnedFile, pictures: Pictures, secrets: Secrets) -> None:
    """Writes a learned run, with placeholders in place of the values of its parameters; its earlier pictures go.

    Raises:
        UsageError: something else is there, which would be lost. RecordFailure: it cannot be written.
    """
    whole = run.model_dump(mode="json", exclude_defaults=True)
    parameters = dict(run.parameters)
    emptied_ = {
        key: _emptied(secrets.masked_in(value), parameters) for key, value in whole.items() if key != "parameters"
    }
    try:
        for picture_path in earlier_pictures(path):
            picture_path.unlink()
        (path.parent / path.stem).mkdir(0o700, parents=True, exist_ok=True)
        for name, picture in pictures.items():
            with open(path.parent / name, "wb", opener=owners_file) as file:
                picture.save(file, "PNG")
        write_whole(path, _toml(emptied_ | ({"parameters": parameters} if parameters else {})).encode())
    except OSError as error:
        raise RecordFailure(f"The learned run cannot be written to {path}: {error.strerror or error}.") from error


def _emptied(value: Any, parameters: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return emptied(value, parameters)
    if isinstance(value, list):
        return [_emptied(part, parameters) for part in value]
    if isinstance(value, dict):
        return {key: _emptied(part, parameters) for key, part in value.items()}
    return value


def _toml(content: dict[str, Any]) -> str:
    """The content as TOML; what belongs to one step is written in inline tables, as in a suite file."""
    document = tomlkit.document()
    document.add(tomlkit.comment(HEAD))
    for key, value in content.items():
        if key != "steps":
            document.add(key, tomlkit.item(value))
    steps = tomlkit.aot()
    for step in content["steps"]:
        table = tomlkit.table()
        for key, value in step.items():
            if key == "targets":
                targets = tomlkit.table(is_super_table=True)
                for name, target in value.items():
                    targets.add(name, _table(target))
                table.add(key, targets)
            else:
                table.add(key, _inline(value))
        steps.append(table)
    document.add("steps", steps)
    return tomlkit.dumps(document)


def _table(values: dict[str, Any]) -> Any:
    table = tomlkit.table()
    for key, value in values.items():
        table.add(key, _inline(value))
    return table


def _inline(value: Any) -> Any:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update({key: _inline(part) for key, part in value.items()})
        return table
    return tomlkit.item(value)
