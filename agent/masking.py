"""`Masked`: a policy that learns the names of the secrets, and whose turns hold no value of one."""

from collections.abc import Sequence
from dataclasses import replace
from string import Template

from actions.action import Action
from actions.keyboard import Type
from actions.secrets import Secrets
from agent.episode import Mistake, Step, Turn, Verification
from agent.loop import Policy
from devices import Observation
from prompts import words


class Masked:
    """Decides like another policy.

    A value that the model wrote itself, because it read it somewhere, becomes the name: like that, it is typed only
    where it may be typed.
    """

    def __init__(self, policy: Policy, secrets: Secrets, names: bool) -> None:
        """`names` is whether the instruction also names the secrets."""
        self._policy = policy
        self._secrets = secrets
        self._names = f"\n{named(secrets)}" if names and secrets else ""

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        with self._secrets.hidden():
            turn = self._policy.act(f"{self._secrets.masked(instruction)}{self._names}", steps, observation)
        return masked_turn(turn, self._secrets) if self._secrets else turn


def named(secrets: Secrets) -> str:
    """One line for the model: the names of the secrets, where each may be typed, and how."""
    each = (f"{one} (for {one.place}{', a password field' * one.into_password})" for one in secrets)
    return Template(words("secrets")).substitute(secrets=", ".join(each), type=Type.__name__)


def masked_turn(turn: Turn, secrets: Secrets) -> Turn:
    """The turn without values. Without the tokens of a reply that held one, too: they spell it."""
    text = secrets.masked(turn.text)
    return replace(
        turn,
        text=text,
        ids=turn.ids if text == turn.text else (),
        thought=secrets.masked(turn.thought),
        action=_masked_action(turn.action, secrets) if turn.action else None,
        mistake=Mistake(turn.mistake.kind, secrets.masked(turn.mistake.text)) if turn.mistake else None,
        hint=secrets.masked(turn.hint),
        verification=_masked_verification(turn.verification, secrets) if turn.verification else None,
        repetition=turn.repetition and turn.repetition._replace(why=secrets.masked(turn.repetition.why)),
    )


def _masked_action(action: Action, secrets: Secrets) -> Action:
    return action.model_copy(update={name: secrets.masked_in(value) for name, value in action})


def _masked_verification(made: Verification, secrets: Secrets) -> Verification:
    reply = secrets.masked(made.reply or "")
    return replace(
        made,
        question=secrets.masked(made.question),
        reason=secrets.masked(made.reason),
        reply=None if made.reply is None else reply,
        ids=made.ids if reply == made.reply else (),
    )
