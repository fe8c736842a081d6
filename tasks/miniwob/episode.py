"""An episode of a page, whatever device shows it: where it is, what its oracle does, and what its reward is worth."""

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
"""How the episode stands; null when the actor has left its page."""
RULES: Mapping[str, Callable[[float], bool]] = {"binary": lambda raw: raw == 1, "positive": lambda raw: raw > 0}
"""When a raw reward counts as success. They differ on pages that reward in part."""


def episode_address(address: str, kind: str, seed: int) -> str:
    """Where one episode of a page is shown."""
    asked = {"path": miniwob.path_of(kind), "size": miniwob.screen_of(kind), "seed": f"test:{kind}:{seed}"}
    return f"{address}/episode.html?{urlencode(asked)}"


def played(evaluate: Callable[[str], Any], act: Callable[[dict[str, Any]], Action]) -> Iterator[Action]:
    """What the oracle of a page says, for as long as it says something; without an oracle it gives up at once.

    `evaluate` gives the value of an expression in the page, and `act` turns a step into an action of the device.
    """
    next_step = f"episode.next({json.dumps(miniwob.oracles())})"
    if not (step := evaluate(next_step)):
        yield Finish(status="failure", text="No way to solve this page is known here.")
    while step:
        yield act(step)
        step = evaluate(next_step)


def reward(result: dict[str, Any] | None, rule: str = "binary") -> Score:
    """Full where the raw reward counts as success under one of `RULES`, none otherwise."""
    if result is None:
        return Score(0.0, "the page was left")
    if not result["done"]:
        return Score(0.0, "the page was not done")
    return Score(
        float(RULES[rule](result["reward"])), f"raw reward {result['reward']:g} {result['reason'] or ''}".strip()
    )


def to_action(step: dict[str, Any]) -> Action:
    """An oracle's step, as `oracles/page.js` describes it, done with a mouse and a keyboard."""
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
