"""`ModelPolicy`: a policy that asks a model. Memory, prompt, engine, notation, action space, in this order."""

import logging
import time
from collections.abc import Sequence
from functools import lru_cache

from actions.action import Action, ActionSpace
from actions.control import Answer, Finish
from actions.errors import MalformedReply, ModelMistake, TooManyPictures
from actions.geometry import Viewport
from agent.episode import Mistake, Step, Turn, Usage
from agent.layouts import Said, layout_of, viewport
from agent.thinking import Thinking
from devices import Observation
from model.engine import Completion, Engine, Prompt
from model.profile import Profile
from prompts import notations
from prompts.thoughts import NO_THOUGHT, OPENED, TAGS

LOG = logging.getLogger(__name__)
MOST_ACTIONS = 5
"""How many calls of one reply are performed, with a look between them; the others are reported to the model."""


class ModelPolicy:
    """Decides by asking a model. One policy serves one episode at a time.

    With `pointing`, an engine that supports grammars decodes only the coordinates of a point. With `answers`, prompts
    describe `space`, and replies are read as, and constrained to, these actions.
    """

    def __init__(
        self,
        profile: Profile,
        engine: Engine,
        space: ActionSpace,
        pointing: bool = False,
        answers: ActionSpace | None = None,
    ) -> None:
        self.profile = profile
        self.engine = engine
        self.space = space
        self.notation = notations.load(profile.notation, space)
        self._answers = answers or space
        self._answered = notations.load(profile.notation, answers) if answers else self.notation
        self.thinking = Thinking(engine, self._answered, profile)
        self._opening = OPENED if profile.opens_thought and not pointing else ""
        self._reply = lru_cache(maxsize=4096)(self._read_calls)
        one_turn = self.notation.one_turn and engine.one_turn and not profile.opens_thought
        self._layout = layout_of(profile)(profile, engine, space, self.notation, one_turn, self._reply)
        self._pointing = pointing
        self._pointed = lru_cache(maxsize=8)(self._answered.pointing)
        self._held = self._answered.grammar()._replace(thoughts=TAGS)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return self.continued(steps, observation) or self.asked(instruction, steps, observation)

    def asked(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        """Asks the model; the turn of the first call in its reply."""
        started = time.monotonic()
        prompt = self.prompt(instruction, steps, observation)
        asked = time.monotonic()
        try:
            completion = self.thinking.completed(prompt)
        except TooManyPictures as limit:
            if not 0 < limit.most < len(prompt.pictures):
                raise
            LOG.warning("From now on only the latest %d screenshots are shown: %s", limit.most, limit)
            self._layout.most_pictures = limit.most
            completion = self.thinking.completed(self.prompt(instruction, steps, observation))
        usage = Usage(completion.prompt_tokens, completion.completion_tokens, asked - started, time.monotonic() - asked)
        thought, action, mistake = self.read(completion, self.viewport(observation))
        return Turn(completion.text, thought, action, mistake, completion.ids, usage)

    def continued(self, steps: Sequence[Step], observation: Observation) -> Turn | None:
        """The next call of the last reply, where that has more: the model is not asked again.

        None where an earlier call was a mistake or denied, where the screen's size has changed since the reply or a
        person intervened, and where the call would end the task: the model must first see the outcome of the others.
        """
        last = steps[-1] if steps else None
        if not last or last.turn.mistake or not last.outcome.performed or observation.intervention:
            return None
        reply = steps[-1 - steps[-1].turn.part :]
        about, calls = reply[0].observation, self._reply(reply[0].turn.text).calls
        if len(reply) >= min(len(calls), MOST_ACTIONS) or about.screen != observation.screen:
            return None
        try:
            action = self.space.decode(calls[len(reply)], self.viewport(about), self.notation.term)
        except ModelMistake as mistake:
            return Turn("", "", mistake=Mistake(type(mistake).__name__, str(mistake)), part=len(reply))
        return None if isinstance(action, Answer | Finish) else Turn("", "", action, part=len(reply))

    def viewport(self, observation: Observation) -> Viewport:
        """The mapping between an observation's screen and the frame in which this model writes about it."""
        return viewport(self.profile, observation)

    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        """The prompt, and the constraint on its reply.

        Raises:
            ContextOverflow: even the smallest prompt is longer than the context.
        """
        prompt = self._layout.prompt(instruction, steps, observation)
        if self._pointing and prompt.opening:
            prompt = prompt._replace(opening=NO_THOUGHT)
        if self._pointing or self._layout.names_actions:
            frame = self.viewport(observation).frame
            prompt = prompt._replace(grammar=self._pointed(frame) if self._pointing else self._held)
        return prompt

    def read(self, completion: Completion, viewport: Viewport) -> tuple[str, Action | None, Mistake | None]:
        """A completion as a turn: the thought, and the action or the mistake."""
        thought = ""
        try:
            if completion.cut_off:  # half a call can look complete: [348, 29
                raise MalformedReply(f"The reply was cut off after {completion.completion_tokens} tokens. Be brief.")
            reply = self._answered.read_reply(f"{self._opening}{completion.text}")
            thought = reply.thought
            action = self._answers.decode(reply.call, viewport, self._answered.term)
            if self.profile.answers_in_thought and isinstance(action, Finish) and not action.text:
                action = action.model_copy(update={"text": thought})
            return thought, action, None
        except ModelMistake as mistake:
            return thought, None, Mistake(type(mistake).__name__, str(mistake))

    def _read_calls(self, text: str) -> Said:
        try:
            reply = self.notation.read_reply(f"{self._opening}{text}")
        except ModelMistake:
            return Said()
        return Said((reply.call, *reply.others), reply.unread)
