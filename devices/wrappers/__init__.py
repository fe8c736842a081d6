"""Environments around environments: each adds one behaviour to any device. `Wrapped` is their base class."""

from actions.action import Action, ActionSpace, Outcome
from actions.clock import Clock
from devices import Closing, Environment, Observation


class Wrapped(Closing):
    """An environment that forwards everything to the one inside it."""

    def __init__(self, inner: Environment) -> None:
        self.inner = inner

    @property
    def action_space(self) -> ActionSpace:
        return self.inner.action_space

    @property
    def unfinished(self) -> str:
        return self.inner.unfinished

    @property
    def clock(self) -> Clock:
        return self.inner.clock

    @property
    def lost(self) -> str:
        return self.inner.lost

    def reset(self) -> None:
        self.inner.reset()

    def observe(self) -> Observation:
        return self.inner.observe()

    def perform(self, action: Action) -> Outcome:
        return self.inner.perform(action)

    def release(self) -> None:
        self.inner.release()

    def abort(self) -> None:
        self.inner.abort()

    def _end(self) -> None:
        self.inner.close()
