"""`BrowserGymAgent`: our policy as an agent of BrowserGym's runner, and `AgentArgs`, from which AgentLab makes agents.

from browsergym.experiments import EnvArgs, ExpArgs
args = ExpArgs(agent_args=AgentArgs(server="http://127.0.0.1:8000/v1"), env_args=EnvArgs("miniwob.click-test", 0))

It needs its own environment, because BrowserGym pins another version of Playwright; see tasks/README.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from actions.action import ActionSpace, Outcome
from actions.errors import UsageError
from agent.episode import Step
from agent.loop import Limits, Policy, ending_of, take_step
from agent.policy import ModelPolicy
from model import engines, profile
from model.engine import Engine
from model.engines import EngineOptions
from tasks.browsergym.screen import SPACE, SUBSETS, BrowserGymScreen

NOTHING = "noop(0)"
"""The action after a mistake: every step of BrowserGym needs one."""
HEAVY = ("dom_object", "axtree_object", "extra_element_properties")
"""The non-picture parts of BrowserGym's observation."""


class BrowserGymAgent:
    """Implements `browsergym.experiments.agent.Agent`; there is one for each episode."""

    def __init__(self, policy: Callable[[ActionSpace], Policy]) -> None:
        self._policy = policy(SPACE)
        self._screen = BrowserGymScreen()
        self._steps: list[Step] = []
        self._over = False

    @property
    def action_set(self) -> Any:
        """BrowserGym's own action language, strict: a partly unreadable action is an error, and nothing of it runs."""
        from browsergym.core.action.highlevel import HighLevelActionSet

        return HighLevelActionSet(subsets=list(SUBSETS), multiaction=True, strict=True)

    def obs_preprocessor(self, obs: Mapping[str, Any]) -> dict[str, Any]:
        """The observation without the page's structure, which is large and not used."""
        return {key: value for key, value in obs.items() if key not in HEAVY}

    def get_action(self, obs: Mapping[str, Any]) -> tuple[str | None, dict[str, Any]]:
        """One step of our loop, as text of `action_set`, and the record of it.

        The action is None, which ends the episode, once the policy has ended it or made too many mistakes in a row.

        Raises:
            UsageError: the goal has pictures. EpisodeFailure: the engine failed.
        """
        self._take_error(str(obs.get("last_action_error") or ""))
        if self._over:
            return None, {}
        self._screen.show(obs)
        step = take_step(self._screen, self._policy, goal(obs), self._steps)
        self._steps.append(step)
        self._over = ending_of(self._steps, Limits()) is not None
        action = "\n".join(self._screen.calls) or (None if self._over else NOTHING)
        return action, _recorded(step)

    def _take_error(self, error: str) -> None:
        """Completes the last step: BrowserGym reports an action's error only with the next observation."""
        if error and self._steps:
            self._steps[-1] = replace(self._steps[-1], outcome=Outcome(f"It failed: {error}"))


@dataclass
class AgentArgs:
    """Implements AgentLab's `AgentArgs`: it makes the agents of a study, and is recorded with it."""

    agent_name: str = "Screenhand"
    model: str = "qwen2.5-vl-7b"
    """A profile's name or file."""
    server: str | None = None
    """An OpenAI-compatible server's base URL; without one the model runs in the process that makes the agent."""
    notation: str | None = None

    def make_agent(self) -> BrowserGymAgent:
        """Raises UsageError if there is no such model, EngineFailure if it cannot be run or reached."""
        described = profile.adjusted(profile.load(self.model), notation=self.notation)
        return BrowserGymAgent(partial(ModelPolicy, described, _engine(self.model, self.server)))

    def set_benchmark(self, benchmark: Any, demo_mode: bool) -> None:
        """Changes nothing: the same agent for every benchmark."""

    def set_reproducibility_mode(self) -> None:
        """Changes nothing: every engine decodes greedily."""

    def prepare(self) -> None:
        """Changes nothing: a server is started by the user."""

    def close(self) -> None:
        """Closes nothing: the engine serves the next episode too."""


@lru_cache
def _engine(model: str, server: str | None) -> Engine:
    """The engine, shared by all episodes of a process."""
    name = "server" if server else "local"
    return engines.connect(name, profile.load(model), EngineOptions(server=server))


def goal(obs: Mapping[str, Any]) -> str:
    """The goal as text. Raises UsageError if it has other parts."""
    parts = obs.get("goal_object") or ()
    if any(part.get("type") != "text" for part in parts):
        raise UsageError("This task's goal has pictures in it, which are not supported here.")
    return str(obs["goal"])


def _recorded(step: Step) -> dict[str, Any]:
    usage = step.turn.usage
    tokens = {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens} if usage else {}
    return {
        "think": step.turn.thought,
        "stats": tokens,
        "extra_info": {
            "reply": step.turn.text,
            "action": str(step.turn.action) if step.turn.action else None,
            "mistake": step.turn.mistake.text if step.turn.mistake else None,
        },
    }
