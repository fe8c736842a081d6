"""Serves a world's pages on loopback and notes every press and every typed letter, and whether it was the right one."""

import http.server
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from tasks.worlds.site_server import QuietHandler, serving
from tests.tasks.learned.changing.worlds import Block, Extra, Row, Thing, World

SCRIPT = Path(__file__).with_name("page.js")
SHAPES = {
    "bin": "M5 6h14l-2 15H7zM3 3h18v2H3z",
    "box": "M3 7h18v14H3zM3 3h18v3H3z",
    "star": "M12 2l3 7h7l-6 5 2 8-6-5-6 5 2-8-6-5h7z",
    "flag": "M5 2h2v20H5zM7 3h12l-3 4 3 4H7z",
    "plus": "M10 3h4v7h7v4h-7v7h-4v-7H3v-4h7z",
    "arrow": "M3 10h11V5l8 7-8 7v-5H3z",
}
STYLE = """
body {{ margin: 0; background: {ground}; color: {ink}; font: {size}px {family}; }}
main {{ padding: 12px {indent}px; display: flex; flex-wrap: wrap; gap: 10px 40px; flex-direction: {direction}; }}
h2 {{ font-size: 1.3em; margin: 12px 0 8px; }}
button, .tile {{ font: inherit; padding: 7px 14px; border: 1px solid {accent}; border-radius: {radius}px;
  background: {accent};
  color: #ffffff; cursor: pointer; margin: 2px 6px 2px 0; display: inline-block; }}
button:disabled {{ opacity: .4; }}
.icon {{ background: none; padding: 5px; }} .icon svg {{ fill: {accent}; width: 24px; height: 24px; display: block; }}
a {{ color: {accent}; }} td {{ padding: 5px 18px 5px 0; }}
input:not([type]) {{ font: inherit; padding: 6px; width: 220px; display: block; margin: 3px 0 9px; background: {ground};
  color: {ink}; border: 1px solid {ink}; }}
.cards {{ display: flex; flex-wrap: wrap; gap: 12px; }}
.card {{ border: 1px solid #9994; padding: 10px; min-width: 170px; }}
.dialog, dialog {{ position: fixed; inset: 0; margin: auto; width: 340px; height: 170px; padding: 18px;
  background: {ground};
  color: {ink}; border: 2px solid {accent}; z-index: 9; }}
.shade {{ position: fixed; inset: 0; background: #0007; z-index: 8; }}
.cover {{ position: fixed; z-index: 7; background: #f3e6a8; color: #222; overflow: hidden; font-size: 12px; }}
.glass {{ position: fixed; inset: 0; z-index: 7; }}
.banner {{ background: #f3e6a8; color: #222; padding: 24px; }} iframe {{ border: 0; width: 420px; height: 230px; }}
"""


class Report(NamedTuple):
    """One thing that happened on the page."""

    press: str = ""
    on: bool | None = None
    """For a box: what it becomes."""
    type: str = ""
    value: str = ""


class Verdict(NamedTuple):
    """What was done on the pages: `wrong` says what should not have happened; `complete` is the whole task."""

    wrong: str
    complete: bool


class Site:
    """The world that is shown, and what happened on its pages since."""

    def __init__(self, address: str) -> None:
        self.address = f"{address}/page/0"
        self.world: World
        self.reports: list[Report] = []

    def show(self, world: World) -> None:
        """Serves this world from now on, with nothing noted."""
        self.world, self.reports = world, []

    def verdict(self) -> Verdict:
        """Judges what happened so far against the world's task."""
        presses = [each for each in self.reports if each.press]
        for number, each in enumerate(presses):
            expected = self.world.expected[number] if number < len(self.world.expected) else "nothing"
            if each.press != expected:
                return Verdict(f"pressed {each.press!r} instead of {expected!r}", False)
            if each.on is False:
                return Verdict(f"turned {each.press!r} off", False)
        for each in self.reports:
            if each.type and not self.world.typed.get(each.type, "").startswith(each.value):
                return Verdict(f"{each.type!r} became {each.value!r}", False)
        final = {each.type: each.value for each in self.reports if each.type}
        return Verdict("", len(presses) == len(self.world.expected) and final == self.world.typed)

    def html(self, number: int, only: Block | None = None) -> str:
        """A page, or the contents of one frame of it."""
        world = self.world
        writer = _Writer()
        blocks = [
            writer.block(each, number, index, framed=only is not None)
            for index, each in enumerate((only,) if only else world.pages[number])
        ]
        extras = [] if only else [each for page, each in world.extras if page == number]
        body = "".join(blocks)
        before = "".join(writer.banner(each) for each in extras)
        after = "".join(writer.over(each, world.expected) for each in extras)
        late = any(each.kind == "late" for each in extras)
        direction = "row" if world.sideways else "column"
        style = STYLE.format(**world.theme._asdict(), indent=0 if only else world.indent, direction=direction)
        return (
            f"<!doctype html><meta charset=utf-8><title>{escape(world.name)}</title><style>{style}</style>{before}"
            f"<div style='height:{0 if only else world.above}px;background:linear-gradient(#8ab,#cde)'></div>"
            f"{'<p data-until=1500>Loading…</p>' if late else ''}"
            f"<main {'hidden data-late=1500' if late else ''}>{body}</main><p id=status role=status></p>{after}"
            f"<script type=application/json id=things>{json.dumps(writer.things)}</script>"
            f"<script src=/page.js></script>"
        )


class _Writer:
    """Writes elements; the page knows them by meaningless numbers."""

    def __init__(self) -> None:
        self.things: dict[str, dict[str, object]] = {}

    def number(self, thing: Thing) -> str:
        number = str(100 + 7 * len(self.things))
        self.things[number] = {"key": thing.key, "kind": thing.kind, "goes": thing.goes, "says": thing.says}
        return number

    def block(self, block: Block, page: int, index: int, framed: bool) -> str:
        heading = f"<h2>{escape(block.heading)}</h2>"
        if block.host == "frame" and not framed:
            return f"<section>{heading}<iframe src='/page/{page}/{index}'></iframe></section>"
        content = {"table": self.table, "cards": self.cards, "canvas": self.canvas}.get(block.layout, self.form)(block)
        if block.host == "shadow":
            return f"<section>{heading}<div data-shadow><template>{content}</template></div></section>"
        return f"<section>{'' if framed else heading}{content}</section>"

    def table(self, block: Block) -> str:
        return f"<table>{''.join(self.line(row) for row in block.rows)}</table>"

    def line(self, row: Row) -> str:
        named = any(each.words == row.name for each in row.things)
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row.cells)
        things = "".join(self.thing(each) for each in row.things)
        return f"<tr><td>{things}</td>{cells}</tr>" if named else f"<tr>{cells}<td>{things}</td></tr>"

    def cards(self, block: Block) -> str:
        return f"<div class=cards>{''.join(self.card(row) for row in block.rows)}</div>"

    def card(self, row: Row) -> str:
        name = "" if any(each.words == row.name for each in row.things) else f"<div>{escape(row.name)}</div>"
        cells = "".join(f"<div>{escape(cell)}</div>" for cell in row.cells)
        return f"<div class=card>{name}{cells}{''.join(self.thing(each) for each in row.things)}</div>"

    def form(self, block: Block) -> str:
        return f"<div>{''.join(self.thing(each) for row in block.rows for each in row.things)}</div>"

    def canvas(self, block: Block) -> str:
        things = [each for row in block.rows for each in row.things]
        places = [(30 + 150 * (number % 3), 20 + 70 * (number // 3)) for number in range(len(things))]
        drawn = [
            {"x": x, "y": y, "words": each.words, "n": self.number(each)}
            for each, (x, y) in zip(things, places, strict=True)
        ]
        shown = escape(json.dumps(drawn))
        return f"<canvas width=520 height=300 data-drawn='{shown}' data-accent=#444 data-size=16></canvas>"

    def thing(self, thing: Thing) -> str:
        words, off = escape(thing.words), " disabled" if thing.disabled else ""
        mark = f"data-n={self.number(thing)}{off}"
        if thing.kind == "link":
            return f"<a href='javascript:void 0' {mark}>{words}</a>"
        if thing.kind == "div":
            return f"<div class=tile {mark}>{words}</div>"
        if thing.kind == "field":
            return f"<label>{words}<input {mark} value='{escape(thing.value)}'></label>"
        if thing.kind == "box":
            return f"<label {mark}><input type=checkbox {'checked' if thing.on else ''}{off}> {words}</label>"
        if thing.kind == "icon":
            name = f"aria-label='{words}'" if thing.labelled else ""
            shape = SHAPES.get(thing.words, SHAPES["star"])
            return f"<button class=icon {name} {mark}><svg viewBox='0 0 24 24'><path d='{shape}'/></svg></button>"
        return f"<button {mark}>{words}</button>"

    def banner(self, extra: Extra) -> str:
        if extra.kind not in ("banner", "late banner"):
            return ""
        hidden = " hidden data-late=700" if extra.kind == "late banner" else ""
        return f"<div class=banner{hidden}>{escape(extra.words)}</div>"

    def over(self, extra: Extra, expected: tuple[str, ...]) -> str:
        things = "".join(self.thing(each) for each in extra.things)
        if extra.kind == "dialog":
            return f"<div class=shade></div><div class=dialog role=dialog><p>{escape(extra.words)}</p>{things}</div>"
        if extra.kind == "modal":
            return f"<dialog><p>{escape(extra.words)}</p>{things}</dialog>"
        if extra.kind == "glass":
            return "<div class=glass></div>"
        if extra.kind == "cover":
            under = next((number for number, each in self.things.items() if each["key"] in expected[-1:]), "")
            return f"<div class=cover data-over='{under}'>{escape(extra.words)}</div>"
        return ""


class _Handler(QuietHandler):
    def __init__(self, sites: list[Site], *arguments: Any) -> None:
        self._sites = sites
        super().__init__(*arguments)

    def do_GET(self) -> None:
        parts = self.path.strip("/").split("/")
        if self.path == "/page.js":
            self._send(SCRIPT.read_text(), "text/javascript")
        elif parts[0] == "page":
            site, number = self._sites[0], int(parts[1])
            only = site.world.pages[number][int(parts[2])] if len(parts) > 2 else None
            self._send(site.html(number, only), "text/html")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        given = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._sites[0].reports.append(Report(**given))
        self._send("", "text/plain")

    def _send(self, text: str, kind: str) -> None:
        content = text.encode()
        self.send_response(http.HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def open_site() -> Iterator[Site]:
    """A site on loopback, without a world yet."""
    sites: list[Site] = []
    with serving(partial(_Handler, sites)) as address:
        sites.append(Site(address))
        yield sites[0]
