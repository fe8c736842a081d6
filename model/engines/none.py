"""No model: for learned runs, which need one only where they cannot be repeated."""

from actions.errors import EngineFailure
from model.engine import Completion, Prompt
from model.engines import EngineOptions
from model.profile import Profile


class NoModel:
    """An engine that answers nothing."""

    one_turn = True

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        raise EngineFailure("There is no model. Pass --model or --server.")

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        """There is nothing to close."""


def connect(profile: Profile, options: EngineOptions) -> NoModel:
    return NoModel()
