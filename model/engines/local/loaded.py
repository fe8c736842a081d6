"""`Loaded`: a model in this process, held by its engine until that is closed."""

from typing import Generic, TypeVar

import torch

from actions.errors import ContextOverflow, EngineFailure
from model.engine import Prompt
from model.engines.local.constraint import Constraint, Constraints
from model.engines.local.tokens import Vocabulary
from model.profile import Profile

Model = TypeVar("Model")


class Loaded(Generic[Model]):
    """The model, its vocabulary and its profile."""

    def __init__(self, model: Model, vocabulary: Vocabulary, profile: Profile) -> None:
        self.vocabulary = vocabulary
        self._profile = profile
        self._constraints = Constraints(vocabulary)
        self._model: Model | None = model

    def count_tokens(self, text: str) -> int:
        """The number of tokens of plain text, exactly."""
        return len(self.vocabulary.encode(text))

    @property
    def model(self) -> Model:
        """The model, with its counters.

        Raises:
            EngineFailure: the engine is closed.
        """
        if self._model is None:
            raise EngineFailure(f"The engine of {self._profile.name} is closed. Start another one.")
        return self._model

    def close(self) -> None:
        """Releases the memory."""
        self._model = None
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def _room(self, tokens: int) -> int:
        """The tokens of the context that a prompt of this length leaves. Raises ContextOverflow if there are none."""
        room = self._profile.context - tokens
        if room <= 0:
            raise ContextOverflow(
                f"The prompt has {tokens} tokens and {self._profile.name} reads {self._profile.context} with "
                "its reply. Raise --context, or send smaller or fewer pictures."
            )
        return room

    def _constraint(self, prompt: Prompt) -> Constraint | None:
        return self._constraints.start(prompt.grammar, before=prompt.opening) if prompt.grammar else None
