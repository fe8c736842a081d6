"""`Constraints`: grammars compiled by llguidance for one vocabulary, and `Constraint`, one of them at work."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
from llguidance.gbnf_to_lark import GbnfToLarkError, gbnf_to_lark
from torch import Tensor

from actions.errors import EngineFailure
from model.engine import Grammar
from model.engines.local.tokens import Vocabulary

CACHED_GRAMMARS = 32


class _Spelling:
    """What llguidance must know of a vocabulary: the bytes of each token, and which tokens are special.

    Out of a tokenizer.json it would take every added token of the form `<...>` for a special one. No text ever matches
    those, but `<tool_call>` is how Qwen's models write these very characters.
    """

    bos_token_id = None

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.tokens = [vocabulary.bytes_of(id) for id in range(vocabulary.size)]
        self.special_token_ids = sorted(vocabulary.special)
        self.eos_token_id = min(vocabulary.ends)
        self._vocabulary = vocabulary

    def __call__(self, text: bytes) -> list[int]:
        return list(self._vocabulary.encode(text.decode()))


class Constraints:
    """Makes constraints. The first takes a second or two, as the vocabulary is read; a new grammar, a tenth."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._tokenizer: Any = None
        self._compiled = lru_cache(CACHED_GRAMMARS)(self._compile)

    def start(self, grammar: Grammar, forcing: bool = True, before: str = "") -> "Constraint":
        """The grammar at the start of a reply, which `before` begins. Without `forcing` even what has no choice is
        decoded token by token.

        Raises:
            EngineFailure: its rules cannot be read.
        """
        matcher = self._compiled(grammar.rules).deep_copy()
        return Constraint(grammar, matcher, self.vocabulary, forcing, before)

    def _compile(self, rules: str) -> Any:
        if self._tokenizer is None:
            spelling = TokenizerWrapper(_Spelling(self.vocabulary))
            self._tokenizer = LLTokenizer(spelling, eos_token=sorted(self.vocabulary.ends))
        # As a rule of its own the root becomes one regular expression, which needs no lexer: nothing is ambiguous.
        whole = rules.replace("root ::=", "root ::= whole\nwhole ::=", 1)
        try:
            matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(gbnf_to_lark(whole)), log_level=0)
        except GbnfToLarkError as error:
            raise EngineFailure(f"The grammar cannot be read: {error}. Correct {rules!r}.") from error
        if matcher.is_error():
            reason = matcher.get_error().splitlines()[0]
            raise EngineFailure(f"The grammar cannot be used: {reason}. Correct {rules!r}.")
        return matcher


class Constraint:
    """A grammar at work: off until the reply holds its keyword outside a thought, then it says what may come next."""

    def __init__(self, grammar: Grammar, matcher: Any, vocabulary: Vocabulary, forcing: bool, before: str) -> None:
        self._grammar = grammar
        self._keyword = grammar.keyword.encode()
        self._before = before
        self._matcher = matcher
        self._vocabulary = vocabulary
        self._forcing = forcing
        self.on = not grammar.keyword

    def keyword_end(self, written: bytes, new: int) -> int | None:
        """Where the keyword ends that the last `new` bytes have completed."""
        found = written.find(self._keyword, max(0, len(written) - new - len(self._keyword) + 1))
        if self.on or found < 0:
            return None
        thinking = self._grammar.in_thought(self._before + written[:found].decode("utf-8", "replace"))
        return None if thinking else found + len(self._keyword)

    def switch_on(self, written: bytes) -> bool:
        """From now on; false if what is written behind the keyword already is not allowed, and then it must go."""
        self.on = True
        ids = list(self._vocabulary.encode(written.decode("utf-8", "replace")))
        allowed: bool = self._matcher.validate_tokens(ids) == len(ids)
        if allowed:
            self._matcher.consume_tokens(ids)
        return allowed

    @property
    def complete(self) -> bool:
        """Whether what is written is whole and nothing more is allowed."""
        return bool(self.on and self._matcher.is_accepting() and self._matcher.is_stopped())

    def accept(self, ids: Sequence[int]) -> None:
        """Goes on by tokens that are allowed.

        Raises:
            EngineFailure: the matcher gave up, as on a grammar beyond its limits.
        """
        if not self._matcher.consume_tokens(list(ids)):
            raise EngineFailure(
                f"The grammar went wrong: {self._matcher.get_error().splitlines()[0]}. Report the reply."
            )

    def forced(self) -> list[int]:
        """The tokens that come next whatever the model thinks, in the tokenizer's own spelling."""
        return self._matcher.compute_ff_tokens() if self._forcing else []

    def likeliest(self, logits: Tensor) -> int:
        """The token with the highest logit of those that may come next, the first of equals.

        The highest of all is tried first: mostly it is allowed, and then what else is need not be known.
        """
        wanted = int(logits.argmax())
        if self._matcher.validate_tokens([wanted]):
            return wanted
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = torch.from_numpy(np.unpackbits(bits, count=len(logits), bitorder="little")).view(torch.bool)
        return int(logits.masked_fill(~allowed.to(logits.device), -torch.inf).argmax())
