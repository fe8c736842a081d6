"""`LateEngine`, `LatePolicy`: a model that starts when it is first needed, if it ever is."""

from collections.abc import Callable, Sequence
from functools import cached_property

from actions.errors import EngineFailure, UsageError
from agent.episode import Step, Turn
from agent.loop import Policy
from devices import Observation
from model.engine import Completion, Engine, Prompt


class LateEngine:
    """An engine that `start` makes on the first request.

    By then the run has begun, so whatever keeps the engine from starting is an EngineFailure, not wrong usage.
    """

    def __init__(self, start: Callable[[], Engine]) -> None:
        self._start = start

    @cached_property
    def _engine(self) -> Engine:
        try:
            return self._start()
        except UsageError as error:
            raise EngineFailure(f"The model could not be started: {error}") from error

    @property
    def one_turn(self) -> bool:
        return self._engine.one_turn

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        return self._engine.generate(prompt, stop, max_new_tokens)

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def close(self) -> None:
        """Whoever started the engine closes it."""


class LatePolicy:
    """A policy that `make` makes on the first decision, when the engine has said what its context is."""

    def __init__(self, make: Callable[[], Policy]) -> None:
        self._make = make

    @cached_property
    def _policy(self) -> Policy:
        return self._make()

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return self._policy.act(instruction, steps, observation)
