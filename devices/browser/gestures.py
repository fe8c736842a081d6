"""Gestures on a page, as Playwright calls; each waits until the page has handled it, possibly for ever."""

import re

from playwright.async_api import Error, Page

from actions.errors import ActionRefused
from actions.geometry import Point
from actions.mouse import MainButton
from devices.browser.keys import playwright_key

NOTCH_PX = 100
DRAG_STEPS = 12
LEAST_STEPS = 3
"""The fewest steps of a drag's way to each of its points."""
TOGETHER = 4
"""Playwright finishes what it was given to type, also after an interruption: this many characters are given at once."""
INSERTED_CHARACTERS = 200
"""A longer line is inserted at once, as if pasted, instead of key by key."""


async def click(page: Page, point: Point, button: MainButton, count: int) -> None:
    await page.mouse.click(point.x, point.y, button=button, click_count=count)


async def tap(page: Page, point: Point) -> None:
    await page.touchscreen.tap(point.x, point.y)


async def move(page: Page, point: Point) -> None:
    await page.mouse.move(point.x, point.y)


async def drag(page: Page, start: Point, *path: Point, button: MainButton) -> None:
    await page.mouse.move(start.x, start.y)
    try:
        await page.mouse.down(button=button)
        for point in path:
            await page.mouse.move(point.x, point.y, steps=max(LEAST_STEPS, DRAG_STEPS // len(path)))
    finally:
        await page.mouse.up(button=button)


async def scroll(page: Page, point: Point, right: int, down: int) -> None:
    await page.mouse.move(point.x, point.y)
    await page.mouse.wheel(right * NOTCH_PX, down * NOTCH_PX)


async def type_text(page: Page, text: str) -> None:
    """Types where the focus is; a newline is the Enter key, a tab the Tab key."""
    for piece in re.findall(r"[\n\t]|[^\n\t]+", text):
        if piece in "\n\t":
            await page.keyboard.press("Enter" if piece == "\n" else "Tab")
        elif len(piece) > INSERTED_CHARACTERS:
            await page.keyboard.insert_text(piece)
        else:
            for start in range(0, len(piece), TOGETHER):
                await page.keyboard.type(piece[start : start + TOGETHER])


async def press(page: Page, keys: tuple[str, ...]) -> None:
    """Raises ActionRefused if a key is not on the keyboard; pressed keys are released."""
    await hold(page, keys)
    for key in map(playwright_key, reversed(keys)):
        await page.keyboard.up(key)


async def hold(page: Page, keys: tuple[str, ...]) -> None:
    """Presses keys and leaves them down. Raises ActionRefused if one is not on the keyboard; then none is down."""
    held: list[str] = []
    try:
        for key in map(playwright_key, keys):
            held.append(key)
            await page.keyboard.down(key)
        held.clear()
    except Error as error:
        if "Unknown key" in error.message:
            raise ActionRefused(f"The key {held.pop()!r} is not on this keyboard. Use Type for text.") from error
        raise
    finally:
        for key in reversed(held):
            await page.keyboard.up(key)
