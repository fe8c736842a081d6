"""Any Gymnasium environment with discrete actions and pictures. Its address is an id and a seed: `CartPole-v1/7`.

An id without a seed uses seed 0. It needs the package gymnasium and the environment's own requirements;
Gymnasium's own ones draw with pygame.
"""

import re
from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete
from PIL import Image
from pydantic import Field

from actions.action import Action, ActionSpace, Outcome, Stop
from actions.control import CONTROL
from actions.errors import ActionRefused, DeviceFailure, UsageError
from actions.geometry import Size
from devices import Closing, DeviceOptions, Observation

SHOWN = 16
"""An observation of at most this many numbers is also given as text."""


class Stepped(Protocol):
    """An environment with numbered actions."""

    def step(self, number: int) -> Outcome: ...


class Step(Action):
    """Do one of the environment's numbered actions."""

    action: int = Field(ge=0, description="The action's number.")

    def apply(self, device: Stepped) -> Outcome:
        return device.step(self.action)


class Gym(Closing):
    """One Gymnasium environment. `reward` is the sum of its rewards since the last reset."""

    def __init__(self, name: str, seed: int) -> None:
        """Raises UsageError if there is no such environment, or it has other actions or no pictures."""
        self.action_space = ActionSpace([Step], CONTROL)
        self._seed = seed
        try:
            self._inner = gymnasium.make(name, render_mode="rgb_array", disable_env_checker=True)
        except (gymnasium.error.Error, ModuleNotFoundError) as error:
            raise UsageError(f"The Gymnasium environment {name!r} cannot be created: {error}") from error
        if not isinstance(self._inner.action_space, Discrete):
            self.close()
            raise UsageError(f"{name!r} takes {self._inner.action_space}; only discrete actions are supported.")
        self._first, self._count = int(self._inner.action_space.start), int(self._inner.action_space.n)
        self.reset()

    def reset(self) -> None:
        self._seen, _ = self._open().reset(seed=self._seed)
        self.reward = 0.0
        self._over = False

    def observe(self) -> Observation:
        """The rendered picture; the text lists the actions and the numbers of a small observation.

        Raises:
            DeviceFailure: it is closed, or returns no picture.
        """
        drawn: Any = self._open().render()
        if not isinstance(drawn, np.ndarray):
            raise DeviceFailure(f"The environment returns no picture but {type(drawn).__name__}.")
        image = Image.fromarray(drawn).convert("RGB")
        return Observation(image, Size(*image.size), self._text())

    def perform(self, action: Action) -> Outcome:
        self._open()
        return action.apply(self)

    def step(self, number: int) -> Outcome:
        if self._over:
            raise ActionRefused("The environment's episode is over. Nothing was done.")
        if number >= self._count:
            raise ActionRefused(f"There is no action {number}; the last is {self._count - 1}. Nothing was done.")
        self._seen, reward, ended, cut, _ = self._inner.step(self._first + number)
        self.reward += float(reward)
        self._over = ended or cut
        text = f"The reward was {float(reward):g}, {self.reward:g} in all."
        return Outcome(f"{text} The episode is over.", Stop.FINISHED) if self._over else Outcome(text)

    def _end(self) -> None:
        self._inner.close()

    def _text(self) -> str:
        text = f"The actions are 0 to {self._count - 1}."
        numbers = np.atleast_1d(np.asarray(self._seen)) if not isinstance(self._seen, dict) else np.empty(0)
        if numbers.dtype == object or not 0 < numbers.size <= SHOWN:
            return text
        return f"{text} The observation is {', '.join(f'{number:.4g}' for number in numbers.flat)}."

    def _open(self) -> "gymnasium.Env[Any, Any]":
        self.require_open()
        return self._inner


def connect(options: DeviceOptions) -> Gym:
    """Opens the environment of the address.

    Raises:
        UsageError: there is no address, no such environment, or it does not fit.
    """
    found = re.fullmatch(r"(.+?)(?:/(\d+))?", options.address or "")
    if found is None:
        raise UsageError("A Gymnasium environment needs --address ID or ID/SEED, such as CartPole-v1/7.")
    return Gym(found[1], int(found[2] or 0))
