"""`LocalEngine`: a Qwen-VL in this process; and `open_engine`, which opens it or a `PlainEngine`."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel

from actions.errors import EngineFailure
from model.engine import Completion, Prompt
from model.engines import EngineOptions
from model.engines.local import load, preflight
from model.engines.local.batch import answer, batches
from model.engines.local.decode import Decoded, decode, write
from model.engines.local.incremental import IncrementalModel
from model.engines.local.loaded import Loaded
from model.engines.local.lookup import Lookup
from model.engines.local.plain import PlainEngine
from model.engines.local.tokens import Tokens, Vocabulary
from model.profile import Profile
from model.weights import find_tokenizer

Result = TypeVar("Result")
BATCH_TOKENS = 8192
"""The largest number of padded tokens in a batch, without the common prefix."""


class LocalEngine(Loaded[IncrementalModel]):
    """A loaded model. Pictures are expected at multiples of the profile's patch, as `Profile.image_size` gives them."""

    one_turn = True

    def __init__(self, model: PreTrainedModel, tokenizer: Tokenizer, profile: Profile) -> None:
        super().__init__(IncrementalModel(model, profile.context), Vocabulary(tokenizer, profile.patch), profile)

    def generate(self, prompt: Prompt, stop: tuple[str, ...], max_new_tokens: int) -> Completion:
        """Continues the prompt greedily; tokens of an earlier prompt's prefix are not computed again.

        Raises:
            EngineFailure: it is closed, or memory ran out. ContextOverflow: the prompt leaves no room for a reply.
        """
        model = self.model
        tokens = self.vocabulary.lay_out(prompt)
        limit = min(max_new_tokens, self._room(len(tokens.ids)))

        def reply() -> Decoded:
            constraint, lookup = self._constraint(prompt), Lookup.of(tokens)
            return decode(model.prefill(tokens), model, self.vocabulary, stop, limit, constraint, lookup)

        return _completion(tokens, self._computed(reply))

    @property
    def batching(self) -> bool:
        """True on a GPU, which computes many rows in the time of one; on a CPU single prompts are faster (measured)."""
        device: torch.device = self.model.device
        return device.type != "cpu"

    def generate_batch(self, prompts: Sequence[Prompt], stop: tuple[str, ...], max_new_tokens: int) -> list[Completion]:
        """The reply of `generate` to each prompt, several at once; prompts with the same pictures share their work.

        Raises:
            EngineFailure: as in `generate`. ContextOverflow: one of the prompts leaves no room for a reply.
        """
        model = self.model
        tokens = [self.vocabulary.lay_out(prompt) for prompt in prompts]
        limits = [min(max_new_tokens, self._room(len(laid_out.ids))) for laid_out in tokens]
        found: dict[int, Completion] = {}
        for rows in batches(tokens, BATCH_TOKENS):

            def replies(rows: list[int] = rows) -> list[Decoded]:
                writing = [write(self.vocabulary, stop, limits[row], self._constraint(prompts[row])) for row in rows]
                return answer(model, [tokens[row] for row in rows], writing, max_new_tokens)

            decoded = self._computed(replies)
            found |= {row: _completion(tokens[row], reply) for row, reply in zip(rows, decoded, strict=True)}
        return [found[row] for row in range(len(prompts))]

    def _computed(self, work: Callable[[], Result]) -> Result:
        """The work; if memory runs out, once more with empty caches and in smaller passes."""
        try:
            return preflight.retried(work, self.model.make_room, self._profile)
        except EngineFailure:
            self.model.forget()
            raise


def _completion(tokens: Tokens, decoded: Decoded) -> Completion:
    return Completion(decoded.text, decoded.ids, len(tokens.ids), decoded.steps, decoded.cut_off)


def connect(profile: Profile, options: EngineOptions) -> LocalEngine | PlainEngine:
    """Loads the profile's weights, or those of the options, onto this machine's GPU or CPU.

    Raises:
        UsageError: a package for quantisation is missing.
        EngineFailure: they are absent, of another architecture, broken, or do not fit.
    """
    weights = options.weights or profile.weights
    folder = load.require_folder(weights, profile)
    tokenizer = find_tokenizer(str(folder))
    if tokenizer is None:
        raise EngineFailure(
            f"There is no tokenizer.json in {folder}. Download the weights again, with all of their files."
        )
    found = load.examined(folder, profile)
    model = load.load(folder, profile, load.best_device(), torch.bfloat16, options.quantize)
    if found.incremental:
        return LocalEngine(model, tokenizer, profile)
    return PlainEngine(model, load.processor(found), tokenizer, profile, str(folder))
