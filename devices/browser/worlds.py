"""Evaluates scripts in a page's frames in a separate world, with the page's elements and without its scripts.

A page's replacements, such as of `Array.prototype.map`, affect only the page's own world, in which Playwright's
`evaluate` runs. Playwright's also counts as a user gesture, after which a page may open new tabs; this does not.
"""

import asyncio
from typing import Any

from playwright.async_api import CDPSession, Error, Frame

from devices.browser.tab import HURRY_S, Tab

FRAMES = 40
NAME = "screenhand"


async def in_each_frame(tab: Tab, function: str, *given: object, within_s: float = HURRY_S) -> list[Any]:
    """The results of a JavaScript function in each of a page's frames, outer ones first.

    None stands for a frame that does not answer in time, or whose answer cannot be read.
    """
    if not (here := await tab.ask(_local(tab), within_s)):
        return []
    session, local = here
    apart = [] if len(tab.page.frames) == 1 else tab.page.frames[1:FRAMES]
    answers = await asyncio.gather(
        *(tab.ask(_asked(session, frame, function, given), within_s) for frame in local),
        *(tab.ask(_asked_apart(frame, function, given), within_s) for frame in apart),
    )
    return list(answers)


async def _local(tab: Tab) -> tuple[CDPSession, list[str]]:
    session = await tab.session()
    return session, await _frames(session)


async def _frames(session: CDPSession) -> list[str]:
    """The identifiers of the frames in the session's process, outer ones first."""
    waiting = [(await session.send("Page.getFrameTree"))["frameTree"]]
    found: list[str] = []
    while waiting and len(found) < FRAMES:
        tree = waiting.pop(0)
        found.append(tree["frame"]["id"])
        waiting += tree.get("childFrames", [])
    return found


async def _asked(session: CDPSession, frame: str, function: str, given: tuple[object, ...]) -> Any:
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": NAME})
    asked = {
        "functionDeclaration": function,
        "executionContextId": world["executionContextId"],
        "arguments": [{"value": value} for value in given],
        "returnByValue": True,
        "awaitPromise": True,
    }
    return (await session.send("Runtime.callFunctionOn", asked))["result"].get("value")


async def _asked_apart(frame: Frame, function: str, given: tuple[object, ...]) -> Any:
    """The answer of a frame with its own process, such as one of another site; None for others."""
    try:
        session = await frame.page.context.new_cdp_session(frame)
    except Error:
        return None
    try:
        answers = [await _asked(session, one, function, given) for one in await _frames(session)]
    finally:
        await session.detach()
    return next((answer for answer in reversed(answers) if answer), None)
