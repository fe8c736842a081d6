"""Re-decides a recorded run offline: the recorded pictures and replies through the real prompt, parse and decode."""

from actions.action import Action
from agent.episode import Episode, Pending, Step, Turn
from agent.policy import ModelPolicy
from agent.verifying import Verifier


def first_difference(episode: Episode, policy: ModelPolicy, verifier: Verifier | None = None) -> str | None:
    """Describes the first step at which policy or verifier decide otherwise than recorded; None if there is none.

    Their engines must return the recorded replies in order.
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
        made = step.turn.verification
        if verifier and made and made.reply is not None:
            again = verifier(episode.instruction, before, step.turn, step.observation, made.look)
            if (again.question, again.holds, again.reason) != (made.question, made.holds, made.reason):
                return (
                    f"Step {step.index}: whether it is done was recorded as {made.holds} ({made.reason}), now "
                    f"{again.holds} ({again.reason}), for the reply {made.reply[:200]!r}."
                )
    return None


def recorded_turns(episode: Episode) -> list[Step | Pending]:
    """Every round with a decision, including the one in which the run was interrupted."""
    return [*episode.steps, *([episode.pending] if episode.pending else [])]


def _decision(turn: Turn) -> Action | str:
    """What a turn decides. A refusal comes from the device, which is absent here, so the refused action counts."""
    if turn.action:
        return turn.action
    if turn.mistake is None or turn.called_nothing:  # records from before `NoCall` have no mistake there
        return "nothing is called"
    return f"{turn.mistake.kind}: {turn.mistake.text}"
