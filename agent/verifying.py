"""`Verified`: a policy whose claims of success are checked before they count; `Verifier` asks the model itself.

`Judge` asks a model questions about a screen, for the checks of a suite.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from string import Template

from actions.action import Action, ActionSpace, Outcome
from actions.control import Answer, Finish, Verdict
from actions.errors import NotDone, TaskFailure
from actions.secrets import Secrets
from agent.episode import Ending, Mistake, Seconds, Step, Turn, Verification
from agent.loop import Policy
from agent.policy import ModelPolicy
from devices import Observation
from model.engine import Engine
from model.profile import Profile
from prompts import words

NO_ACTION = "No action was performed, and nothing confirms that the task is done."
NO_VERDICT = "The question whether it is so was not answered."
SHOWN = 200
"""Characters of a reply that an error quotes."""
_YES_OR_NO = re.compile(r"\s*(yes|no)\b[\s.,:;-]*(.*)", re.IGNORECASE | re.DOTALL)

Check = Callable[[str, Sequence[Step], Turn, Observation, Observation], Verification]
"""Checks a claim: the instruction, the earlier steps, the turn that claims success, its look, and a fresh look."""


class Verified:
    """Decides like another policy. A claim that a check denies is refused once, with the reason; the next one ends the
    episode as unverified."""

    def __init__(self, policy: Policy, observe: Callable[[], Observation], check: Check | None) -> None:
        """`observe` takes a fresh look. Without a check, only a success without any action is doubted."""
        self._policy = policy
        self._observe = observe
        self._check = check

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        turn = self._policy.act(instruction, steps, observation)
        if turn.mistake or claim(turn.action) is None:
            return turn
        if self._check is None:
            idle = isinstance(turn.action, Finish) and not any(step.acted and not step.turn.quiet for step in steps)
            return replace(turn, ending=Ending.FINISHED_UNVERIFIED, hint=NO_ACTION) if idle else turn
        made = self._check(instruction, steps, turn, observation, self._observe())
        turn = replace(turn, verification=made)
        if made.holds:
            return turn
        if any(step.turn.mistake and step.turn.mistake.kind == NotDone.__name__ for step in steps):
            return replace(turn, ending=Ending.FINISHED_UNVERIFIED, hint=f"Not confirmed: {made.reason}")
        text = f"This is not confirmed: {made.reason} Go on, or end the task with failure if it cannot be done."
        return replace(turn, mistake=Mistake(NotDone.__name__, text))


class Verifier:
    """Asks the acting model, after the same conversation, whether its claim is true."""

    def __init__(self, profile: Profile, engine: Engine, space: ActionSpace) -> None:
        self._profile = profile
        self._engine = engine
        self._space = space

    def __call__(
        self, instruction: str, steps: Sequence[Step], turn: Turn, observation: Observation, look: Observation
    ) -> Verification:
        """Raises EngineFailure or ContextOverflow, as the acting model does."""
        answers = ActionSpace((Verdict,))
        policy = ModelPolicy(self._profile, self._engine, self._space, answers=answers)
        question = self._question(turn.action, policy)
        claimed = Step(len(steps), observation, replace(turn, action=None), Outcome(question), Seconds(0, 0, 0))
        said = policy.asked(instruction, [*steps, claimed], look)
        holds, reason = verdict(said)
        return Verification(look, question, holds, reason, said.text, said.ids, said.usage)

    def _question(self, action: Action | None, policy: ModelPolicy) -> str:
        asked = claim(action)
        assert asked, action
        term = policy.notation.term
        names = {field: term(Verdict, field) for field in ("holds", "reason")}
        return Template(words("verify")).substitute(claim=asked, verdict=term(Verdict, ""), **names)


class Judge:
    """Asks a model questions about a screen that are answered with yes or no, each in a conversation of its own."""

    def __init__(self, profile: Profile, engine: Engine | None, secrets: Secrets) -> None:
        """`engine` is None where nothing can answer. The values of the secrets do not reach the model."""
        self._profile = profile
        self._engine = engine
        self._secrets = secrets

    def __call__(self, question: str, look: Observation) -> Verification:
        """Whether the answer is yes, and why.

        Raises:
            TaskFailure: there was no answer, or neither yes nor no. EngineFailure, ContextOverflow: as for any prompt.
        """
        question = self._secrets.masked(question)
        if self._engine is None:
            raise TaskFailure(f"Nothing answers {question!r}: the replies have no block that begins with *VERIFY*:.")
        policy = ModelPolicy(self._profile, self._engine, ActionSpace((Verdict,)))
        term = policy.notation.term
        names = {field: term(Verdict, field) for field in ("holds", "reason")}
        asked = Template(words("question")).substitute(question=question, verdict=term(Verdict, ""), **names)
        with self._secrets.hidden():
            said = policy.asked(asked, (), look)
        if (found := _answered(said)) is None:
            raise TaskFailure(f"The model answered {question!r} with neither yes nor no: {said.text[:SHOWN]!r}.")
        return Verification(look, question, *found, said.text, said.ids, said.usage)


def claim(action: Action | None) -> str | None:
    """The question that checks an action that ends a task successfully; None for other actions."""
    if isinstance(action, Answer):
        return f"is {action.text!r} the right and whole answer to the user?"
    if isinstance(action, Finish) and action.status == "success":
        return "is all that the user asked for done?"
    return None


def verdict(said: Turn) -> tuple[bool, str]:
    """Whether a reply says yes, and the reason. Any other reply confirms nothing."""
    return _answered(said) or (False, NO_VERDICT)


def _answered(said: Turn) -> tuple[bool, str] | None:
    """Whether a reply says yes, and the reason; None if it says neither yes nor no."""
    if isinstance(said.action, Verdict):
        return said.action.holds, said.action.reason
    if plain := _YES_OR_NO.fullmatch(said.text):
        return plain[1].lower() == "yes", plain[2].strip()
    return None
