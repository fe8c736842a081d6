"""Wrappers with a person in the loop or without effects: `DryRun` and `Attended`."""

from collections.abc import Callable

from actions.action import Action, ActionSpace, Outcome
from actions.control import ASK, Answer, AskUser, Finish
from devices import Environment
from devices.wrappers import Wrapped


class DryRun(Wrapped):
    """Looks, but performs no action. Actions that end the episode need no device and are performed."""

    def perform(self, action: Action) -> Outcome:
        if isinstance(action, Answer | Finish | AskUser):
            return self.inner.perform(action)
        return Outcome("This is a dry run: nothing was done.")


class Attended(Wrapped):
    """Adds the action AskUser and passes its question to the user."""

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
        """Asks in the model's name, so that its question cannot pass for one of the program; returns the answer."""
        asked = " ".join(question.split())
        return Outcome(f"The user answers: {self._ask(f'The model asks: {asked}')}")
