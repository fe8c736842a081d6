"""`SolutionPolicy`: plays a task's own solution through the whole path of a model's reply.

Each action of the solution is written as a model would write it, in the model's frame, and then goes through prompt,
reading and decoding like any reply: a solved task verifies that path and the device, not only the task.
"""

from collections.abc import Iterator, Sequence

from actions.action import Action, ActionSpace
from actions.control import Finish
from agent.episode import Step, Turn
from agent.policy import ModelPolicy
from devices import Observation
from model.engines.scripted import ScriptedEngine
from model.profile import Profile


class SolutionPolicy:
    """Plays a solution; after its last action it finishes with success."""

    def __init__(self, profile: Profile, space: ActionSpace, solution: Iterator[Action]) -> None:
        self._solution = solution
        self._reply = ""
        self._policy = ModelPolicy(profile, ScriptedEngine(iter(lambda: self._reply, None), profile), space)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        action = next(self._solution, Finish(status="success", text="The solution is played."))
        call = self._policy.space.encode(action, self._policy.viewport(observation))
        self._reply = self._policy.notation.write_call(call)
        return self._policy.act(instruction, steps, observation)
