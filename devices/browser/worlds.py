"""Evaluates scripts in a page's frames in a separate world, with the page's elements and without its scripts.

A page's replacements, such as of `Array.prototype.map`, affect only the page's own world, in which Playwright's
`evaluate` runs. Playwright's also counts as a user gesture, after which a page may open new tabs; this does not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import CDPSession, Error, Frame

from actions.geometry import Point
from devices.browser.tab import HURRY_S, Tab

FRAMES = 40
NAME = "screenhand"
AT = """function (x, y, given) {{
  for (let view = window; view.frameElement; view = view.parent) {{
    const box = view.frameElement.getBoundingClientRect();
    x -= box.left + view.frameElement.clientLeft;
    y -= box.top + view.frameElement.clientTop;
  }}
  return ({}).call(Document.prototype.elementFromPoint.call(document, x, y), given);
}}"""
"""Calls a function on the element under a point of the outermost frame."""


class World(NamedTuple):
    """The separate world of one frame of a page."""

    session: CDPSession | None
    """None if the frame could not be reached in time."""
    frame: str
    """Chromium's identifier of the frame."""
    is_page: bool
    """Whether it is the page itself, not a frame within it."""
    apart: Frame | None = None
    """Playwright's frame, if it has a process of its own."""

    async def ask(self, function: str, *given: object) -> Any:
        """The result of a JavaScript function in the frame's present document; None if that is not reached."""
        if self.session is None:
            return None
        world = await self.session.send("Page.createIsolatedWorld", {"frameId": self.frame, "worldName": NAME})
        asked = {
            "functionDeclaration": function,
            "executionContextId": world["executionContextId"],
            "arguments": [{"value": value} for value in given],
            "returnByValue": True,
            "awaitPromise": True,
        }
        return (await self.session.send("Runtime.callFunctionOn", asked))["result"].get("value")


async def in_each_frame(tab: Tab, function: str, *given: object, within_s: float = HURRY_S) -> list[Any]:
    """The results of a JavaScript function in each of a page's frames, outer ones first.

    None stands for a frame that does not answer in time, or whose answer cannot be read.
    """
    async with frames(tab, within_s) as worlds:
        return list(await asyncio.gather(*(tab.ask(world.ask(function, *given), within_s) for world in worlds)))


@asynccontextmanager
async def frames(tab: Tab, within_s: float = HURRY_S) -> AsyncIterator[list[World]]:
    """The worlds of a page's frames, outer ones first; none if the page does not answer.

    Frames of another site may have a process of their own, after those of the page's process.
    """
    local = await tab.ask(_local(tab), within_s) or []
    others = tab.page.frames[1:FRAMES] if local else []
    opened = await asyncio.gather(*(tab.ask(_apart(frame), within_s) for frame in others))
    apart = [
        world
        for frame, worlds in zip(others, opened, strict=True)
        for world in ([World(None, "", False, frame)] if worlds is None else worlds)
    ]
    try:
        yield [*local, *apart]
    finally:
        sessions = {world.session for world in apart if world.session}
        await asyncio.gather(*(tab.ask(session.detach(), within_s) for session in sessions))


async def at_point(tab: Tab, function: str, given: object, point: Point) -> Any:
    """The result of a JavaScript function that is called on the element under a point of the page, in whatever frame.

    `given` is its argument.

    Raises:
        Error: there is none, or the page is gone.
    """
    session, apart = await tab.session(), None
    try:
        while True:
            found = await _node(session, point)
            described = (await session.send("DOM.describeNode", {"backendNodeId": found["backendNodeId"]}))["node"]
            child = await _frame_apart(tab, described)
            if child is None:
                drawn = "pseudoType" in described
                return await (
                    _asked_at(session, found, function, given, point)
                    if drawn
                    else _asked_of(session, found, function, given)
                )
            point = await _inside(session, found["backendNodeId"], point)
            if apart:
                await apart.detach()
            session = apart = child
    finally:
        if apart:
            await apart.detach()


async def _node(session: CDPSession, point: Point) -> dict[str, Any]:
    """The deepest node under a point, as input finds it: also in frames of the same process and in closed trees."""
    view = (await session.send("Page.getLayoutMetrics"))["cssVisualViewport"]
    place = {"x": round(point.x + view["pageX"]), "y": round(point.y + view["pageY"])}
    return await session.send("DOM.getNodeForLocation", {**place, "includeUserAgentShadowDOM": False})


async def _asked_of(session: CDPSession, node: dict[str, Any], function: str, given: object) -> Any:
    """The function's answer for a node, in the separate world of the node's frame."""
    where = {"backendNodeId": node["backendNodeId"], **await _world_of(session, node)}
    element = (await session.send("DOM.resolveNode", where))["object"]["objectId"]
    asked = {
        "functionDeclaration": function,
        "objectId": element,
        "arguments": [{"value": given}],
        "returnByValue": True,
    }
    return (await session.send("Runtime.callFunctionOn", asked))["result"].get("value")


async def _asked_at(session: CDPSession, node: dict[str, Any], function: str, given: object, point: Point) -> Any:
    """The answer for the element under a point, where a style sheet has drawn what lies there: no node of a script."""
    arguments = [{"value": point.x}, {"value": point.y}, {"value": given}]
    asked = {"functionDeclaration": AT.format(function), "arguments": arguments, "returnByValue": True}
    answer = await session.send("Runtime.callFunctionOn", {**asked, **await _world_of(session, node)})
    return answer["result"].get("value")


async def _world_of(session: CDPSession, node: dict[str, Any]) -> dict[str, int]:
    named = {"frameId": node["frameId"], "worldName": NAME}
    return {"executionContextId": (await session.send("Page.createIsolatedWorld", named))["executionContextId"]}


async def _frame_apart(tab: Tab, described: dict[str, Any]) -> CDPSession | None:
    """The session of the frame that a node holds, if it has its own process; None for any other node."""
    if described["localName"] not in ("iframe", "frame") or "contentDocument" in described:
        return None
    for frame in tab.page.frames[1:FRAMES]:
        try:
            child = await tab.page.context.new_cdp_session(frame)
        except Error:  # it has no process of its own
            continue
        if (await _frames(child))[0] == described.get("frameId"):
            return child
        await child.detach()
    return None


async def _inside(session: CDPSession, node: int, point: Point) -> Point:
    """A point in the coordinates of a frame's content, which may be scaled or turned."""
    quad = (await session.send("DOM.getContentQuads", {"backendNodeId": node}))["quads"][0]
    size = (await session.send("DOM.getBoxModel", {"backendNodeId": node}))["model"]
    right, down = (quad[2] - quad[0], quad[3] - quad[1]), (quad[6] - quad[0], quad[7] - quad[1])
    to = (point.x - quad[0], point.y - quad[1])
    area = right[0] * down[1] - right[1] * down[0]
    across = (to[0] * down[1] - to[1] * down[0]) / area
    along = (right[0] * to[1] - right[1] * to[0]) / area
    return Point(across * size["width"], along * size["height"])


async def _local(tab: Tab) -> list[World]:
    session = await tab.session()
    return [World(session, frame, index == 0) for index, frame in enumerate(await _frames(session))]


async def _apart(frame: Frame) -> list[World]:
    """The worlds of a frame with its own process, such as one of another site; none for others."""
    try:
        session = await frame.page.context.new_cdp_session(frame)
    except Error:
        return []
    return [World(session, one, False, frame) for one in await _frames(session)]


async def _frames(session: CDPSession) -> list[str]:
    """The identifiers of the frames in the session's process, outer ones first."""
    waiting = [(await session.send("Page.getFrameTree"))["frameTree"]]
    found: list[str] = []
    while waiting and len(found) < FRAMES:
        tree = waiting.pop(0)
        found.append(tree["frame"]["id"])
        waiting += tree.get("childFrames", [])
    return found
