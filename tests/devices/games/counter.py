"""A Gymnasium environment that needs nothing but Gymnasium: a counter from 0 that ends at 3, or after ten steps."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Discrete
from numpy.typing import NDArray

COUNTER = "ScreenhandTests/Counter-v0"
SMOOTH = "ScreenhandTests/Smooth-v0"
WISHED, LAST = 7, 3


class Counter(gymnasium.Env[Any, Any]):
    """Action 7 counts up and is rewarded with 1; 5 and 6 count down to 0 at the lowest."""

    metadata = {"render_modes": ["rgb_array"], "render_fps": 1}

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.action_space = Discrete(3, start=5)
        self.observation_space = Discrete(4)
        self.count = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[int, dict[str, Any]]:
        super().reset(seed=seed)
        self.count = 0
        return self.count, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        self.count = self.count + 1 if action == WISHED else max(self.count - 1, 0)
        return self.count, float(action == WISHED), self.count == LAST, False, {}

    def render(self) -> NDArray[np.uint8]:
        picture = np.full((40, 60, 3), 255, dtype=np.uint8)
        picture[:, : 20 * self.count] = 0
        return picture


class Smooth(Counter):
    """The same with an action space that is not discrete."""

    def __init__(self, render_mode: str | None = None) -> None:
        super().__init__(render_mode)
        self.action_space = Box(-1.0, 1.0, (1,))


gymnasium.register(COUNTER, f"{__name__}:Counter", max_episode_steps=10)
gymnasium.register(SMOOTH, f"{__name__}:Smooth")
