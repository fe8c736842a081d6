"""`Foresight`: an engine that was asked the first questions of several tasks at once, before each is run by itself.

Questions about still pictures do not depend on each other, so their prompts are known beforehand. Together they take
less time, the more so where several are about one picture. Each task then runs through the one loop as ever.
"""

from collections.abc import Hashable, Sequence

from actions.errors import EpisodeFailure
from agent.policy import ModelPolicy
from model.engine import BatchEngine, Completion, Picture, Prompt


class Foresight:
    """Answers what it has foreseen from memory, each once, and anything else by the engine itself."""

    def __init__(self, engine: BatchEngine) -> None:
        self._engine = engine
        self._foreseen: dict[Hashable, Completion] = {}
        self.taken = 0
        """How many replies were given that had been foreseen."""

    @property
    def one_turn(self) -> bool:
        return self._engine.one_turn

    def foresee(self, policy: ModelPolicy, prompts: Sequence[Prompt]) -> None:
        """Asks the engine these prompts of a policy together; what was foreseen before is forgotten."""
        self._foreseen = {}
        try:
            said = self._engine.generate_batch(prompts, policy.notation.stop, policy.thinking.limit)
        except EpisodeFailure:
            return  # the task that asks too much, or a model that is lost, is told of when it is run
        self._foreseen = dict(zip(map(_key, prompts), said, strict=True))

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """See `Engine`. A foreseen reply is taken only for the very same prompt, pixels included."""
        foreseen = self._foreseen.pop(_key(prompt), None)
        self.taken += foreseen is not None
        return foreseen or self._engine.generate(prompt, stop, max_new_tokens)

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def close(self) -> None:
        self._engine.close()


def _key(prompt: Prompt) -> Hashable:
    parts = (part.digest if isinstance(part, Picture) else part for part in prompt.chatml())
    return (prompt.grammar, *parts)
