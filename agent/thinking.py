"""`Thinking`: replies with a limited thought. A longer thought is closed, and the call is requested."""

import logging

from actions.errors import EngineFailure
from model.engine import Completion, Engine, Generated, Prompt, Text
from model.profile import Profile
from prompts.notations import Notation
from prompts.thoughts import closing

LOG = logging.getLogger(__name__)


class Thinking:
    """Asks an engine for whole replies.

    An engine whose prompt can end within an assistant message continues the same reply after the end of its thought.
    Any other gets room for thought and call at once; a thought that fills it is a mistake.
    """

    def __init__(self, engine: Engine, notation: Notation, profile: Profile) -> None:
        self._engine = engine
        self._notation = notation
        self._profile = profile
        self._continues = engine.one_turn and profile.thought_tokens > 0

    @property
    def limit(self) -> int:
        """The token limit of the first request."""
        return self._profile.thought_tokens if self._continues else self._profile.reply_tokens

    def completed(self, prompt: Prompt) -> Completion:
        """The reply, of at most `reply_tokens` tokens.

        Raises:
            EngineFailure: the model cannot answer. ContextOverflow: the prompt exceeds its context.
        """
        said = self._engine.generate(prompt, self._notation.stop, self.limit)
        if not said.cut_off or not self._continues:
            return said
        asked = self._asked(prompt, said.text)
        begun = prompt.messages[-1]
        # Chat templates trim a thought, and a server refuses to continue a message that its template changes.
        thought = said.text.strip() if asked else said.text
        parts = (*begun.parts, Generated(thought, said.ids if thought == said.text else ()), Text(asked))
        more = prompt._replace(
            messages=(*prompt.messages[:-1], begun._replace(parts=parts)),
            grammar=prompt.grammar._replace(keyword="") if asked and prompt.grammar else None,
        )
        taken = self._engine.count_tokens(asked)
        try:
            rest = self._engine.generate(more, self._notation.stop, max(1, self._profile.max_new_tokens - taken))
        except EngineFailure as failure:
            LOG.warning("The server cannot continue a truncated reply, so thoughts have no limit: %s", failure)
            self._continues = False
            return said
        return said._replace(
            text=thought + asked + rest.text,
            ids=(),
            completion_tokens=said.completion_tokens + taken + rest.completion_tokens,
            cut_off=rest.cut_off,
        )

    def _asked(self, prompt: Prompt, text: str) -> str:
        """The text that closes the thought and begins the call; empty where the reply is already within the call."""
        end = closing(text, bool(prompt.opening))
        if not end or (end == "\n" and self._notation.keyword in text):
            return ""
        return f"{end}{self._notation.keyword}"
