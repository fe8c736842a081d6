"""`write_player`: `report.html` of one episode, a page in which it is stepped through.

The page is one file without addresses of others: its style, its script and, where they are not too large, its pictures
are part of it. It runs this script alone (its policy names the script's hash), and the script adds texts as text only.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from agent.record import picture_path, write_whole
from tasks.harness.results import Result
from tasks.harness.story import Story, read_story

PAGE = "report.html"
PAGES = Path(__file__).parent / "pages"
MOST_BYTES = 24_000_000
"""Pictures of this size in all are part of the page; those of a longer run remain files beside it."""


def write_player(run: Path, judged: Result | None = None, suite: str | None = None) -> Path:
    """Writes the player into the folder of its episode.

    An episode of a suite has the address of its folder, and its pictures remain files: a suite may have thousands.

    Raises:
        UsageError: the folder holds no run, or one of its files is damaged. RecordFailure: it cannot be written.
    """
    story = read_story(run, judged)
    pictures = {} if suite else embedded(run, story)
    home = f"{suite}/{PAGE}" if suite else ""
    write_whole(run / PAGE, player(story.instruction, home=home, story=story, pictures=pictures).encode())
    return run / PAGE


def embedded(run: Path, story: Story) -> dict[str, str]:
    """The pictures of an episode as data, by address; none if they are too large."""
    checks = [step.check.picture for step in story.steps if step.check]
    paths = {address: picture_path(run, address) for address in (*(step.picture for step in story.steps), *checks)}
    files = {address: path for address, path in paths.items() if path}
    if sum(path.stat().st_size for path in files.values()) > MOST_BYTES:
        return {}
    return {
        address: f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
        for address, path in files.items()
    }


def player(
    title: str,
    home: str = "",
    story: Story | None = None,
    pictures: Mapping[str, str] | None = None,
    api: str = "",
) -> str:
    """The page, of a recorded episode, or of one that is followed at `api`. `home` is the address of all runs."""
    data = {
        "story": story.model_dump(mode="json") if story else None,
        "pictures": pictures or {},
        "home": home,
        "api": api,
    }
    return page(("player", "live") if api else ("player",), title, live=bool(api), data=json.dumps(data))


def page(names: tuple[str, ...], title: str, live: bool, data: str) -> str:
    """The page of these styles and scripts with their data; a `live` one may talk to the server that it is from."""
    style, script = _source(names, "css"), _source(names, "js")
    return _template().render(
        title=title,
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        live=live,
        data=data.replace("<", "\\u003c"),  # so that no text in it ends the element
    )


@cache
def _source(names: tuple[str, ...], kind: str) -> str:
    files = (PAGES / f"{name}.{kind}" for name in ("shared", *names))
    return "".join(file.read_text(encoding="utf-8") for file in files if file.is_file())


@cache
def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


@cache
def _template() -> Template:
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return pages.get_template("script.html.j2")
