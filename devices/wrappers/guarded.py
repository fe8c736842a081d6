"""Environments with a person in between: `DryRun` only pretends, `Confirmed` asks before acting, `Attended` can ask."""

from collections.abc import Callable

from actions.action import Action, ActionSpace, Outcome
from actions.control import ASK, Answer, AskUser, Finish
from actions.errors import ActionRefused
from devices import Environment
from devices.wrappers import Wrapped


class DryRun(Wrapped):
    """Looks for real and only pretends to act. Ending the episode needs no device and is real."""

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, Answer | Finish | AskUser):
            return self.inner.perform(action)
        return Outcome("This is a dry run: it was only pretended.")


class Confirmed(Wrapped):
    """Asks before every action whether it may be done; what is refused is told to the model."""

    def __init__(self, inner: Environment, ask: Callable[[str], bool]) -> None:
        super().__init__(inner)
        self._ask = ask

    def perform(self, action: Action) -> Outcome:
        if not self._ask(f"Do {action}?"):
            raise ActionRefused("The user does not allow this action. Nothing was done.")
        return self.inner.perform(action)


class Attended(Wrapped):
    """Has a user who can be asked: adds AskUser to the actions and answers it."""

    def __init__(self, inner: Environment, ask: Callable[[str], str]) -> None:
        super().__init__(inner)
        self._ask = ask
        self._space = ActionSpace(inner.action_space.actions, ASK)

    @property
    def action_space(self) -> ActionSpace:
        return self._space

    def perform(self, action: Action) -> Outcome:
        return action.apply(self) if isinstance(action, AskUser) else self.inner.perform(action)

    def ask(self, question: str) -> Outcome:
        """Asks, and returns what the user answered."""
        return Outcome(f"The user answers: {self._ask(question)}")
