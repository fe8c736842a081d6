"""`Prefetching`: an engine that answers the first questions of several tasks as a batch, before each task runs.

Questions about still pictures are independent, so their prompts are known beforehand. A batch takes less time,
especially with several questions about one picture. Each task then runs through the one loop as usual.
"""

from collections.abc import Hashable, Sequence

from actions.errors import EpisodeFailure
from agent.policy import ModelPolicy
from model.engine import BatchEngine, Completion, Picture, Prompt


class Prefetching:
    """Returns each prefetched reply once, and asks the engine for anything else."""

    def __init__(self, engine: BatchEngine) -> None:
        self._engine = engine
        self._prefetched: dict[Hashable, Completion] = {}
        self.taken = 0
        """The number of prefetched replies that were used."""

    @property
    def one_turn(self) -> bool:
        return self._engine.one_turn

    def prefetch(self, policy: ModelPolicy, prompts: Sequence[Prompt]) -> None:
        """Prefetches the replies to a policy's prompts; earlier prefetched replies are dropped."""
        self._prefetched = {}
        try:
            said = self._engine.generate_batch(prompts, policy.notation.stop, policy.thinking.limit)
        except EpisodeFailure:
            return  # the run of the task reports a prompt that is too long, or a lost model
        self._prefetched = dict(zip(map(_key, prompts), said, strict=True))

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """See `Engine`. A prefetched reply is used only for an identical prompt, including pixels."""
        prefetched = self._prefetched.pop(_key(prompt), None)
        self.taken += prefetched is not None
        return prefetched or self._engine.generate(prompt, stop, max_new_tokens)

    def count_tokens(self, text: str) -> int:
        return self._engine.count_tokens(text)

    def close(self) -> None:
        self._engine.close()


def _key(prompt: Prompt) -> Hashable:
    parts = (part.digest if isinstance(part, Picture) else part for part in prompt.chatml())
    return (prompt.grammar, *parts)
