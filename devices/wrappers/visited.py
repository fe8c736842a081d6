"""`Visited`: an environment that asks the user before a page of another site opens."""

from collections.abc import Callable

from actions.action import Action, Outcome
from devices import Environment, Observation
from devices.rules.sited import Sited
from devices.wrappers import Wrapped


class Visited(Wrapped):
    """Asks about each page that waits for an answer, before it is looked at."""

    def __init__(self, inner: Environment, device: Sited, allowed: Callable[[str], bool]) -> None:
        """`device` is the one inside; `allowed` asks the user a question with the answers yes and no."""
        super().__init__(inner)
        self._device = device
        self._allowed = allowed

    def perform(self, action: Action) -> Outcome:
        outcome = self.inner.perform(action)
        self._ask()
        return outcome

    def observe(self) -> Observation:
        self._ask()
        look = self.inner.observe()
        while self._ask():  # it was held during the look
            look = self.inner.observe()
        return look

    def _ask(self) -> bool:
        """Asks about all waiting pages; whether there were any."""
        asked = False
        while held := self._device.held():
            asked = True
            with self.clock.stopped():
                allowed = self._allowed(f"Open {held.url!r}? It does not open by itself: {held.rule}.")
            self._device.answer(held, allowed)
        return asked
