"""Re-decides a recorded run offline: the recorded pictures and replies through the real prompt, parse and decode."""

from actions.action import Action
from agent.episode import Episode, Pending, Step, Turn
from agent.policy import ModelPolicy


def first_difference(episode: Episode, policy: ModelPolicy) -> str | None:
    """Where the policy now decides otherwise than the record says, in words; None when it never does.

    The policy's engine must give the recorded replies in their order.
    """
    for step in recorded_turns(episode):
        before = episode.steps[: step.index]
        if step.turn.part:
            turn = policy.continued(before, step.observation) or Turn("", "")
        else:
            turn = policy.asked(episode.instruction, before, step.observation)
        if _decision(turn) != _decision(step.turn):
            return (
                f"Step {step.index}: recorded {_decision(step.turn)!r}, now {_decision(turn)!r}, "
                f"for the reply {step.turn.text[:200]!r}."
            )
    return None


def recorded_turns(episode: Episode) -> list[Step | Pending]:
    """Every round in which something was decided, the one too in which the run was broken off."""
    return [*episode.steps, *([episode.pending] if episode.pending else [])]


def _decision(turn: Turn) -> Action | str:
    """What a turn decides. A refusal came from the device, which is not asked again, so its action counts."""
    if turn.action:
        return turn.action
    if turn.mistake is None or turn.called_nothing:  # records from before `NoCall` have no mistake there
        return "nothing is called"
    return f"{turn.mistake.kind}: {turn.mistake.text}"
