"""`ScreenhandAgent`: our policy as an agent of AndroidWorld's own runner.

from android_world import suite_utils
agent = ScreenhandAgent(env, lambda space: ModelPolicy(profile, engine, space))
suite_utils.run(suite, agent)
"""

import time
from collections.abc import Callable
from typing import Any

from actions.action import ActionSpace
from agent.episode import DECLARED, Step
from agent.loop import Limits, Policy, ending_of, take_step
from tasks.androidworld.actions import SPACE, AsyncEnv, AsyncEnvScreen, State


class ScreenhandAgent:
    """Implements `EnvironmentInteractingAgent` (`android_world/agents/base_agent.py`)."""

    def __init__(
        self,
        env: AsyncEnv,
        policy: Callable[[ActionSpace], Policy],
        name: str = "screenhand",
        transition_pause: float | None = 1.0,
    ) -> None:
        """Raises ValueError if the pause is negative; None waits until the screen is stable.

        UsageError: AndroidWorld is not installed.
        """
        if transition_pause is not None and transition_pause < 0:
            raise ValueError(f"transition_pause must be non-negative, got {transition_pause}")
        self.name = name
        self.transition_pause = transition_pause
        self._open_policy = policy
        self.env = env
        self._begin()

    def set_max_steps(self, max_steps: int) -> None:
        """Changes nothing: AndroidWorld's runner counts the steps itself."""

    def reset(self, go_home: bool = False) -> None:
        """Starts a new episode."""
        self.env.reset(go_home=go_home)
        self._begin()

    def get_post_transition_state(self) -> State:
        """The state after the pause or, without one, once it is stable."""
        if self.transition_pause is not None:
            time.sleep(self.transition_pause)
        return self.env.get_state(wait_to_stabilize=self.transition_pause is None)

    def step(self, goal: str) -> Any:
        """One step of our loop, as an `AgentInteractionResult`. It is done when the policy says so.

        Raises:
            EpisodeFailure: the engine or the device failed, which AndroidWorld counts as an exception.
        """
        from android_world.agents.base_agent import AgentInteractionResult

        step = take_step(self._screen, self._policy, goal, self._steps)
        self._steps.append(step)
        ending = ending_of(self._steps, Limits())
        turn = step.turn
        data = {
            "reply": turn.text,
            "thought": turn.thought,
            "action": str(turn.action) if turn.action else None,
            "mistake": turn.mistake.text if turn.mistake else None,
            "outcome": step.outcome.text,
            "screenshot": step.observation.image,
        }
        return AgentInteractionResult(ending in DECLARED, data)

    def _begin(self) -> None:
        self._steps: list[Step] = []
        self._screen = AsyncEnvScreen(self.env, self.get_post_transition_state)
        self._policy = self._open_policy(SPACE)
