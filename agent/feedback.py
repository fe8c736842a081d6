"""What the model learns about a step: what was executed or refused, how the screen settled, whether it changed."""

from actions.action import ActionSpace, Call
from actions.geometry import Viewport
from agent.episode import Step
from devices import Observation, Settling

NO_CHANGE = 0.00005
"""A change of a smaller part of the picture is not visible: a caret on a usual screen. A tick in a box is larger."""
SHOWN_TEXT = 80


def result_text(step: Step, after: Observation, space: ActionSpace, viewport: Viewport) -> str:
    """The RESULT of a step in the model's frame; `viewport` is the one in which the step was decided."""
    between = after.intervention.note if after.intervention else ""
    parts = [_executed(step, space, viewport), step.outcome.text, step.turn.hint, between]
    parts += [_settled(after.settling), after.text]
    return " ".join(part for part in parts if part)


def in_brief(call: Call) -> str:
    """A call in one short line: its name and its arguments, without argument names."""
    return f"{call.name}({', '.join(_shown(value) for value in call.arguments.values())})"


def _executed(step: Step, space: ActionSpace, viewport: Viewport) -> str:
    if step.turn.mistake:
        return f"Not executed ({step.turn.mistake.kind})."
    if not step.outcome.performed:
        return f"Not executed ({step.outcome.permit})."
    if step.turn.action is None:
        return ""
    done = "Executed" if step.outcome.certain else "Attempted"
    return f"{done} {in_brief(space.encode(step.turn.action, viewport))}."


def _shown(value: object) -> str:
    if isinstance(value, list) and all(isinstance(part, int | float) for part in value):
        return f"({', '.join(f'{part:g}' for part in value)})"
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, str):
        return repr(value if len(value) <= SHOWN_TEXT else f"{value[:SHOWN_TEXT]}...")
    return str(value)


def _settled(settling: Settling | None) -> str:
    if settling is None:
        return ""
    rest = "settled after" if settling.settled else "was still moving after"
    text = f"The screen {rest} {settling.waited_s:.1f} s."
    if settling.changed is None:
        return text
    if settling.changed < NO_CHANGE:
        return f"{text} Nothing visibly changed."
    return f"{text} {max(settling.changed, 0.01):.0%} of it changed."
