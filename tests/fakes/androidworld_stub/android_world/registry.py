"""Two templates in the manner of the original's (`task_evals/task_eval.py`)."""

import random
from typing import Any


class WifiOff:
    """Turns Wi-Fi off. Its parameter is drawn, as the original's are, from the random module itself."""

    complexity = 1.4
    start_on_home_screen = True

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.initialized = False

    @property
    def goal(self) -> str:
        return f"Turn Wi-Fi off ({self.params['number']})."

    @classmethod
    def set_device_time(cls, env: Any) -> None: ...

    @classmethod
    def generate_random_params(cls) -> dict[str, Any]:
        return {"number": random.randint(0, 10**9)}

    def initialize_task(self, env: Any) -> None:
        env.done.append("initialize_task")
        env.interaction_cache = ""
        if self.initialized:
            raise RuntimeError("initialize_task() is already called.")
        self.initialized = True
        env.controller.shell("cmd simphone reset")

    def is_successful(self, env: Any) -> float:
        if not self.initialized:
            raise RuntimeError("initialize_task() must be called before is_successful().")
        return float(env.controller.shell("settings get global wifi_on") == "0")

    def tear_down(self, env: Any) -> None:
        self.initialized = False
        env.controller.shell("settings put global wifi_on 1")


class TellTheRating(WifiOff):
    """Asks for something that has to be answered."""

    complexity = 3
    start_on_home_screen = False

    @property
    def goal(self) -> str:
        """Like a MiniWoB task's: it is known once the app shows what is asked."""
        if not self.initialized:
            raise ValueError("Task must be initialized before the goal can be retrieved.")
        return f"How good is it ({self.params['number']})?"

    def initialize_task(self, env: Any) -> None:
        super().initialize_task(env)
        env.controller.open("maps")

    def is_successful(self, env: Any) -> float:
        super().is_successful(env)
        return float("4.6" in env.interaction_cache)


class TaskRegistry:
    """The templates by name."""

    ANDROID_WORLD_FAMILY = "android_world"

    def get_registry(self, family: str) -> dict[str, type[WifiOff]]:
        assert family == self.ANDROID_WORLD_FAMILY
        return {"WifiOff": WifiOff, "TellTheRating": TellTheRating}
