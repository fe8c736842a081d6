"""Evaluates scripts in a page's frames in a separate world, with the page's elements and without its scripts.

A page's replacements, such as of `Array.prototype.map`, affect only the page's own world, in which Playwright's
`evaluate` runs. Playwright's also counts as a user gesture, after which a page may open new tabs; this does not.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from playwright.async_api import CDPSession, Error, Frame

from devices.browser.tab import HURRY_S, Tab

FRAMES = 40
NAME = "screenhand"


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
