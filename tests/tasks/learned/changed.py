"""Pages on which something is learned, and the same pages changed; clicks are judged by marks that no user sees.

A page belongs to one of a few scenes. Its target has `data-mark="target"`; everything else that could be clicked by
mistake has another mark or none. The page notes the mark of whatever is pressed in `window.pressed`.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from actions.geometry import Size

SIZE = Size(1000, 700)
NOTING = (
    "<script>window.pressed = []; addEventListener('mousedown', event => { const hit = "
    "event.target.closest('[data-mark]'); pressed.push(hit ? hit.dataset.mark : 'nothing'); }, true);</script>"
)
LIGHT = "body { background: #fff; color: #111 } button, input, canvas { background: #eee; color: #111 }"
DARK = "body { background: #1d1f24; color: #eee } button, input, canvas { background: #34363c; color: #eee }"
BLUE = (
    "body { background: #eaf2fb; color: #023 } button, input { background: #0b5cad; color: #fff; border-radius: 14px }"
)
NAMES = ("Amber", "Birch", "Cedar", "Dune", "Ember", "Fjord", "Grove", "Harbour", "Island", "Juniper")


@dataclass(frozen=True)
class Scene:
    """A page, described so that it can be changed."""

    kind: str
    name: str
    entries: tuple[str, ...]
    wanted: str
    css: str = LIGHT
    above: str = ""
    offset: tuple[int, int] = (0, 0)
    size: Size = SIZE
    zoom: float = 1.0
    over: str = ""
    beside: str = ""
    gone: bool = False

    def html(self) -> str:
        left, top = self.offset
        body = f"{self.above}<div style='padding:{20 + top}px 0 0 {20 + left}px'>{self._content()}</div>{self.over}"
        style = f"<style>body {{ font: 16px sans-serif; margin: 0; zoom: {self.zoom} }} {self.css}</style>"
        return f"<!DOCTYPE html><meta charset=utf-8><title>Shop</title>{style}{NOTING}{body}"

    def _content(self) -> str:
        return {"bar": self._bar, "list": self._list, "form": self._form, "drawn": self._drawn}[self.kind]()

    def _target(self, tag: str = "button") -> str:
        return "" if self.gone else f"<{tag} data-mark=target>{self.name}</{tag}>"

    def _bar(self) -> str:
        others = " ".join(f"<button data-mark=other>{entry}</button>" for entry in self.entries)
        return f"<h1>Shop</h1><p>{others} {self.beside} {self._target()}</p><p>Welcome back.</p>"

    def _list(self) -> str:
        rows = "".join(
            f"<li style='margin:8px'>{entry} <button data-mark={'target' if entry == self.wanted else 'other'}>"
            f"{self.name}</button></li>"
            for entry in self.entries
            if not (self.gone and entry == self.wanted)
        )
        return f"<h1>Orders</h1><ul>{rows}</ul>{self.beside}"

    def _form(self) -> str:
        others = "".join(f"<p><label>{entry} <input data-mark=other></label></p>" for entry in self.entries)
        target = "" if self.gone else f"<p><label>{self.name} <input data-mark=target></label></p>"
        return f"<h1>Address</h1>{others}{target}{self.beside}"

    def _drawn(self) -> str:
        """Buttons that are only drawn: no words can be read there."""
        names = [*self.entries[:2], self.name] if not self.gone else list(self.entries[:3])
        drawn = "".join(
            f"<canvas width=180 height=44 data-mark={'target' if name == self.name else 'other'}></canvas> "
            for name in names
        )
        script = "".join(f"draw({index}, {name!r});" for index, name in enumerate(names))
        return (
            f"<h1>Board</h1>{drawn}{self.beside}<script>function draw(index, text) {{ const canvas = "
            "document.querySelectorAll('canvas')[index]; const pen = canvas.getContext('2d'); pen.font = "
            "'18px sans-serif'; pen.fillStyle = getComputedStyle(canvas).color; pen.fillText(text, 14, 28); }"
            f"{script}</script>"
        )


@dataclass(frozen=True)
class Case:
    """A scene, the same scene changed, and what changed."""

    number: int
    change: str
    before: Scene
    after: Scene
    lookalike: bool = field(default=False)
    """Whether something that looks or reads like the target is there besides it, or instead of it."""


Change = Callable[[Scene, random.Random], Scene]


def scene(draw: random.Random) -> Scene:
    kind = draw.choice(["bar", "list", "form", "drawn"])
    names = draw.sample(NAMES, 5)
    name = {
        "bar": names[4],
        "list": draw.choice(["Open", "Delete", "Cancel order"]),
        "form": names[4],
        "drawn": names[4],
    }
    entries = tuple(f"{each} {draw.randint(100, 999)}" for each in names[:4]) if kind == "list" else tuple(names[:4])
    return Scene(kind, name[kind], entries, draw.choice(entries) if kind == "list" else "")


def moved(before: Scene, draw: random.Random) -> Scene:
    return replace(before, offset=(draw.randint(10, 300), draw.randint(10, 200)))


def resized(before: Scene, draw: random.Random) -> Scene:
    factor = draw.choice([0.8, 0.9, 1.1, 1.2])
    return replace(before, size=Size(round(SIZE.width * factor), round(SIZE.height * factor)))


def themed(before: Scene, draw: random.Random) -> Scene:
    return replace(before, css=draw.choice([DARK, BLUE]))


def other_font(before: Scene, draw: random.Random) -> Scene:
    return replace(before, css=before.css + " body, button, input { font: 19px serif }")


def zoomed(before: Scene, draw: random.Random) -> Scene:
    return replace(before, zoom=draw.choice([0.9, 1.1, 1.25]))


def notice(before: Scene, draw: random.Random) -> Scene:
    """Other data: a line of news above everything."""
    return replace(before, above=f"<p style='padding:12px'>{draw.randint(2, 99)} new messages since yesterday.</p>")


def renamed(before: Scene, draw: random.Random) -> Scene:
    return replace(before, name=draw.choice(["Proceed", "Go on", "Finish up"]))


def covered(before: Scene, draw: random.Random) -> Scene:
    """A dialog in between, with a button of its own."""
    words = draw.choice(["Accept", before.name])
    style = "position:fixed;inset:0;background:#000a"
    inner = "margin:120px;padding:60px;background:#fff;color:#000"
    return replace(
        before,
        over=f"<div style='{style}' data-mark=other role=dialog><div style='{inner}'>We use cookies. "
        f"<button data-mark=other>{words}</button></div></div>",
    )


def other_entries(before: Scene, draw: random.Random) -> Scene:
    """Entries in another order, one new and one gone; the wanted one is still there."""
    fresh = draw.choice([name for name in NAMES if not any(name in entry for entry in (*before.entries, before.name))])
    kept = [entry for entry in before.entries if entry == before.wanted] + [
        entry for entry in before.entries if entry != before.wanted
    ][:2]
    entries = [*kept, f"{fresh} {draw.randint(100, 999)}" if before.kind == "list" else fresh]
    draw.shuffle(entries)
    return replace(before, entries=tuple(entries))


def gone(before: Scene, draw: random.Random) -> Scene:
    return replace(before, gone=True)


def nearly(before: Scene, draw: random.Random) -> Scene:
    """In place of the target there is one with a letter or a digit changed."""
    if before.kind == "list":
        digit = before.wanted[-1]
        other = before.wanted[:-1] + draw.choice([each for each in "0123456789" if each != digit])
        return replace(before, entries=tuple(other if entry == before.wanted else entry for entry in before.entries))
    letter = draw.choice([each for each in "aeou" if each != before.name[1]])
    mark = replace(before, name=before.name[0] + letter + before.name[2:], gone=True)
    if before.kind == "drawn":
        return replace(mark, entries=(*before.entries[:2], mark.name))
    if before.kind == "form":
        return replace(mark, entries=(*before.entries, mark.name))
    return replace(mark, entries=(*before.entries, mark.name))


def twin(before: Scene, draw: random.Random) -> Scene:
    """A second one that reads the same, beside other words, and the target is where it was or is gone."""
    tag = "label" if before.kind == "form" else "div"
    inner = (
        f"{before.name} <input data-mark=other>"
        if before.kind == "form"
        else f"<button data-mark=other>{before.name}</button>"
    )
    beside = f"<section style='margin-top:30px'><h2>Archive</h2><{tag}>Old things {inner}</{tag}></section>"
    return replace(before, beside=beside, gone=draw.random() < 0.5)


CHANGES: tuple[tuple[Change, bool], ...] = (
    (moved, False),
    (resized, False),
    (themed, False),
    (other_font, False),
    (zoomed, False),
    (notice, False),
    (renamed, False),
    (covered, True),
    (other_entries, False),
    (gone, False),
    (nearly, True),
    (twin, True),
)
"""Each change, and whether it puts a look-alike on the page."""


def cases(count: int, seed: int = 0) -> Iterator[Case]:
    """So many cases: every change in turn, each on a scene of its own; every third one also moves what is there."""
    draw = random.Random(seed)
    for number in range(count):
        change, lookalike = CHANGES[number % len(CHANGES)]
        before = scene(draw)
        after = change(before, draw)
        if number % 3 == 2 and change is not moved:
            after = moved(after, draw)
        yield Case(number, change.__name__, before, after, lookalike)
