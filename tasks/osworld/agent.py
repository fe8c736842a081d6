"""`OSWorldAgent`: our policy as an agent of OSWorld's own runner (`run.py`, `lib_run_single.py`).

agent = OSWorldAgent(lambda space: ModelPolicy(profile, engine, space), action_space="pyautogui")
agent.reset(); response, actions = agent.predict(instruction, env.reset(task_config=example))
"""

from collections.abc import Callable, Mapping
from typing import Any, get_args

from actions.action import ActionSpace
from actions.errors import UsageError
from agent.episode import Step
from agent.loop import Policy, take_step
from tasks.osworld.actions import SPACE, CollectingScreen, Fields, Spelling


class OSWorldAgent:
    """Implements the interface of OSWorld's agents: `predict` and `reset`."""

    def __init__(self, policy: Callable[[ActionSpace], Policy], action_space: Spelling = "pyautogui") -> None:
        """Raises UsageError if OSWorld has no such action space."""
        if action_space not in get_args(Spelling):
            raise UsageError(
                f"OSWorld has no action space {action_space!r} here. Use one of {', '.join(get_args(Spelling))}."
            )
        self.action_space = action_space
        self._open_policy = policy
        self.reset()

    def reset(self, *args: object, **kwargs: object) -> None:
        """Starts a new episode. OSWorld's runner passes a logger and more, which are not needed."""
        self._steps: list[Step] = []
        self._screen = CollectingScreen(self.action_space)
        self._policy = self._open_policy(SPACE)

    def predict(self, instruction: str, obs: Mapping[str, Any]) -> tuple[str, list[Fields | str]]:
        """One step of our loop: the reply verbatim, and OSWorld's actions, which are empty after a mistake.

        Raises:
            EpisodeFailure: there is no screenshot, or the engine failed.
        """
        self._screen.show(obs)
        step = take_step(self._screen, self._policy, instruction, self._steps)
        self._steps.append(step)
        return step.turn.text, self._screen.actions
