"""`Holding`: the keys and buttons of a session that stay down, each in the tab where it was pressed."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from actions.geometry import Point
from actions.holding import require_down, require_up
from actions.keyboard import MODIFIERS
from actions.mouse import Button
from devices.browser import gestures
from devices.browser.keys import playwright_key
from devices.browser.tab import HURRY_S, Tab

REPEAT_AFTER_S = 0.5
REPEAT_S = 0.04
"""When a held key begins to repeat, and its interval: about what desktops set."""
_SIDE_BUTTONS: Mapping[Button, int] = {"back": 8, "forward": 16}
"""Their bits in `MouseEvent.buttons`. Playwright has only the other three."""
Input = Callable[..., Awaitable[str]]


class Holding:
    """What is down. Releasing never fails: a page that is gone holds nothing, and a busy one is told later."""

    def __init__(self, current: Callable[[], Awaitable[Tab]], give: Input) -> None:
        """`current` is the tab that gets input, and `give` makes a gesture there."""
        self.keys: dict[str, Tab] = {}
        self._buttons: dict[Button, tuple[Tab, Point]] = {}
        self._current = current
        self._give = give

    async def hold_keys(self, keys: tuple[str, ...]) -> str:
        require_up(keys, self.keys)
        tab = await self._current()
        self.keys |= dict.fromkeys(keys, tab)
        try:
            return await self._give(lambda page: gestures.hold(page, keys))
        except BaseException:
            await self.release_keys(keys)
            raise

    async def release_keys(self, keys: tuple[str, ...]) -> str:
        require_down(keys, self.keys)
        for key in reversed(keys):
            tab = self.keys.pop(key)
            await tab.within(tab.page.keyboard.up(playwright_key(key)), HURRY_S)
        return ""

    async def repeat(self, key: str, seconds: float) -> None:
        """Waits while a key is held, which repeats unless it is a modifier: at least once, however late this runs."""
        if key in MODIFIERS or seconds <= REPEAT_AFTER_S:
            await asyncio.sleep(seconds)
            return
        end = asyncio.get_running_loop().time() + seconds
        await asyncio.sleep(REPEAT_AFTER_S)
        while key in self.keys:
            tab = self.keys[key]
            await tab.within(tab.page.keyboard.down(playwright_key(key)), HURRY_S)
            await asyncio.sleep(REPEAT_S)
            if asyncio.get_running_loop().time() >= end:
                break

    async def hold_button(self, point: Point, button: Button) -> str:
        require_up([button], self._buttons, "mouse button")
        tab = await self._current()
        self._buttons[button] = tab, point
        return await self._give(lambda page, at: _send(tab, at, button, down=True), point)

    async def release_button(self, point: Point, button: Button) -> str:
        require_down([button], self._buttons, "mouse button")
        tab, _ = self._buttons[button]
        report = await self._give(lambda page, at: _send(tab, at, button, down=False), point)
        del self._buttons[button]
        return report

    async def release(self) -> None:
        """Releases everything."""
        await self.release_keys(tuple(self.keys))
        while self._buttons:
            button, (tab, point) = self._buttons.popitem()
            await tab.within(_send(tab, point, button, down=False, moves=False), HURRY_S)


async def _send(tab: Tab, point: Point, button: Button, down: bool, moves: bool = True) -> None:
    """Presses or releases a button at a point."""
    mouse = tab.page.mouse
    if moves:
        await mouse.move(point.x, point.y)
    if button == "back" or button == "forward":
        event = {"type": "mousePressed" if down else "mouseReleased", "x": point.x, "y": point.y, "button": button}
        held = _SIDE_BUTTONS[button] if down else 0
        session = await tab.session()
        await session.send("Input.dispatchMouseEvent", {**event, "buttons": held, "clickCount": 1})
    else:
        await (mouse.down if down else mouse.up)(button=button)
