"""A real little environment without hardware: every state has a picture, and a rule says where an action leads."""

import random
from collections.abc import Callable

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL, Finish
from actions.geometry import Size
from actions.keyboard import KEYBOARD
from actions.touch import TOUCH
from devices import Closing, Observation


class Drawn(Closing):
    """Shows `state` as a picture of its own; `leads` is given the state and the action, and gives the next state."""

    def __init__(self, leads: Callable[[object, Action], object], state: object = 0) -> None:
        self.action_space = ActionSpace(TOUCH, KEYBOARD, CONTROL)
        self.screen = Size(200, 100)
        self.state = state
        self.performed: list[Action] = []
        self._leads = leads

    def reset(self) -> None:
        self.performed.clear()

    def observe(self) -> Observation:
        pixels = random.Random(repr(self.state)).randbytes(10 * 5 * 3)
        return Observation(Image.frombytes("RGB", (10, 5), pixels).resize(self.screen, 0), self.screen)

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, Finish):
            return action.apply(self)
        self.performed.append(action)
        self.state = self._leads(self.state, action)
        return Outcome()

    def close(self) -> None:
        pass
