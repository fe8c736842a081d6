"""Two templates in the manner of the original's."""

import random
from typing import Any


class WifiOff:
    """Turns Wi-Fi off. Its parameter is drawn, as the original's are, from the random module itself."""

    complexity = 1.4

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.goal = f"Turn Wi-Fi off ({params['number']})."

    @classmethod
    def set_device_time(cls, env: Any) -> None: ...

    @classmethod
    def generate_random_params(cls) -> dict[str, Any]:
        return {"number": random.randint(0, 10**9)}

    def initialize_task(self, env: Any) -> None:
        env.controller.shell("cmd simphone reset")

    def is_successful(self, env: Any) -> float:
        return float(env.controller.shell("settings get global wifi_on") == "0")

    def tear_down(self, env: Any) -> None:
        env.controller.shell("settings put global wifi_on 1")


class TellTheRating(WifiOff):
    """Asks for something that has to be answered."""

    complexity = 3

    def is_successful(self, env: Any) -> float:
        return float("4.6" in env.interaction_cache)


class TaskRegistry:
    """The templates by name."""

    ANDROID_WORLD_FAMILY = "android_world"

    def get_registry(self, family: str) -> dict[str, type[WifiOff]]:
        assert family == self.ANDROID_WORLD_FAMILY
        return {"WifiOff": WifiOff, "TellTheRating": TellTheRating}
