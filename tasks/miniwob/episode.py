"""An episode of a page on any device: its address, its oracle's steps, and its score."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from actions.action import Action
from actions.control import Finish
from actions.geometry import Point
from actions.keyboard import Press, Type
from actions.mouse import Click, Drag, MoveTo, Scroll
from tasks import miniwob
from tasks.task import Score

RESULT = "typeof episode === 'undefined' ? null : episode.result()"
"""The episode's state; null if the actor has left its page."""
RULES: Mapping[str, Callable[[float], bool]] = {"binary": lambda raw: raw == 1, "positive": lambda raw: raw > 0}
"""The raw rewards that count as success. The rules differ on pages with partial rewards."""


def episode_address(address: str, kind: str, seed: int) -> str:
    """The address of one episode of a page."""
    asked = {"path": miniwob.path_of(kind), "size": miniwob.screen_of(kind), "seed": f"test:{kind}:{seed}"}
    return f"{address}/episode.html?{urlencode(asked)}"


def played(evaluate: Callable[[str], Any], act: Callable[[dict[str, Any]], Action]) -> Iterator[Action]:
    """The oracle's steps on a page, until it has none left; without an oracle, gives up at once.

    `evaluate` evaluates an expression in the page, and `act` converts a step to an action of the device.
    """
    next_step = f"episode.next({json.dumps(miniwob.oracles())})"
    if not (step := evaluate(next_step)):
        yield Finish(status="failure", text="This page has no oracle.")
    while step:
        yield act(step)
        step = evaluate(next_step)


def reward(result: dict[str, Any] | None, rule: str = "binary") -> Score:
    """1 if the raw reward counts as success under one of `RULES`, else 0."""
    if result is None:
        return Score(0.0, "the page was left")
    if not result["done"]:
        return Score(0.0, "the page was not done")
    return Score(
        float(RULES[rule](result["reward"])), f"raw reward {result['reward']:g} {result['reason'] or ''}".strip()
    )


def to_action(step: dict[str, Any]) -> Action:
    """An oracle's step, as in `oracles/page.js`, with mouse and keyboard."""
    match step["action"]:
        case "click":
            return Click(point=Point(*step["point"]))
        case "move_to":
            return MoveTo(point=Point(*step["point"]))
        case "drag":
            return Drag(start=Point(*step["start"]), end=Point(*step["end"]))
        case "scroll":
            return Scroll(point=Point(*step["point"]), direction=step["direction"], notches=step["notches"])
        case "type":
            return Type(text=step["text"])
        case _:
            return Press(keys=step["keys"])
