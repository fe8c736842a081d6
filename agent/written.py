"""`written`: an action that no model chose, as the turn of a model that calls it: written, read and decoded."""

from actions.action import Action
from agent.episode import Turn
from agent.policy import ModelPolicy
from devices import Observation
from model.engine import Completion


def written(policy: ModelPolicy, action: Action, observation: Observation) -> Turn:
    """The turn in which the policy's model would call this action; its points are exact to one unit of the frame."""
    viewport = policy.viewport(observation)
    text = policy.notation.write_call(policy.space.encode(action, viewport))
    thought, decoded, mistake = policy.read(Completion(text, (), 0, 0, cut_off=False), viewport)
    return Turn(text, thought, decoded, mistake)
