"""`ModelPolicy`: a policy that asks a model. Memory, prompt, engine, notation, action space, in this order."""

import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from PIL import Image

from actions.action import Action, ActionSpace, Call
from actions.control import Answer, Finish
from actions.errors import MalformedReply, ModelMistake, TooManyPictures
from actions.geometry import Viewport
from agent.episode import Mistake, Step, Turn, Usage
from agent.feedback import in_brief, result_text
from agent.history import History, Look
from agent.thinking import Thinking
from devices import Observation
from model.engine import Completion, Engine, Generated, Picture, Prompt, cost
from model.profile import Profile
from prompts import notations, words
from prompts.chatml import Round, lay_out, round_segments
from prompts.thoughts import NO_THOUGHT, TAGS, without_thought

LOG = logging.getLogger(__name__)
CONDENSED_STEPS = 12
"""How many of the condensed steps, the latest ones, are still described."""
BRIEF_ROUNDS = 8
"""How many of the latest calls a brief prompt lists under the newest screenshot."""


MOST_ACTIONS = 5
"""How many calls of one reply are performed, with a look between them; the others are reported to the model."""


MOST_TOLD = 4_000
"""The longest RESULT in characters; the text of a user or a page may be longer."""


class _Said(NamedTuple):
    """The calls of a reply, and the part that was not read."""

    calls: tuple[Call, ...] = ()
    unread: str = ""


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
        self._one_turn = self.notation.one_turn and engine.one_turn and not profile.opens_thought
        self.thinking = Thinking(engine, self._answered, profile)
        self._most_pictures: int | None = None
        """How many screenshots the server takes in one prompt; None until it refuses a prompt for it."""
        self._history = History(self._look, self._round_of, self._round_tokens)
        self._condensed_tokens: dict[int, int] = {}
        self._count = lru_cache(maxsize=4096)(engine.count_tokens)
        self._pointing = pointing
        self._reply = lru_cache(maxsize=4096)(self._read_calls)
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
            self._most_pictures = limit.most
            completion = self.thinking.completed(self.prompt(instruction, steps, observation))
        usage = Usage(completion.prompt_tokens, completion.completion_tokens, asked - started, time.monotonic() - asked)
        thought, action, mistake = self.read(completion, self.viewport(observation))
        return Turn(completion.text, thought, action, mistake, completion.ids, usage)

    def continued(self, steps: Sequence[Step], observation: Observation) -> Turn | None:
        """The next call of the last reply, where that has more: the model is not asked again.

        None where an earlier call was a mistake, where the screen's size has changed since the reply, and where the
        call would end the task: the model must first see the outcome of the others.
        """
        if not steps or steps[-1].turn.mistake:
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
        size = self.profile.image_size(observation.size)
        return Viewport(self.profile.frame_size(size), observation.screen)

    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        """The prompt, and the constraint on its reply.

        Raises:
            ContextOverflow: even the smallest prompt is longer than the context.
        """
        prompt = self._conversation(instruction, steps, observation)
        if self._pointing and prompt.opening:
            prompt = prompt._replace(opening=NO_THOUGHT)
        if self._pointing or not self.profile.brief:  # a brief prompt names no actions: calls are as in the training
            frame = self.viewport(observation).frame
            prompt = prompt._replace(grammar=self._pointed(frame) if self._pointing else self._held)
        return prompt

    def _conversation(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        if self.profile.brief:
            said = islice((step.turn for step in reversed(steps) if step.turn.part == 0), BRIEF_ROUNDS)
            done = [Round(Generated(turn.text, turn.ids), "", None) for turn in reversed(list(said))]
            return self._laid_out(words("brief"), instruction, self._look(observation).picture, "", done)
        return self._fitted(instruction, steps, observation)

    def _written(self, turn: Turn) -> Generated:
        """A reply as later prompts show it."""
        text = without_thought(turn.text, self.profile.opens_thought) if self.profile.drops_thoughts else turn.text
        return Generated(text, turn.ids if text == turn.text else ())

    def _round_of(self, reply: Sequence[Step], viewport: Viewport, after: Observation) -> Round:
        """The outcome of a reply: of each call that was performed, and which calls were not."""
        seen_next = [*(step.observation for step in reply[1:]), after]
        parts = [result_text(step, seen, self.space, viewport) for step, seen in zip(reply, seen_next, strict=True)]
        said = self._reply(reply[0].turn.text)
        if undone := said.calls[len(reply) :]:
            parts.append(f"Not done: {', '.join(map(in_brief, undone))}. Call what is still needed.")
        if said.unread:
            parts.append(f"Not read: {said.unread}.")
        whole = " ".join(parts)
        if len(whole) > MOST_TOLD:
            whole = f"{whole[:MOST_TOLD]} [and {len(whole) - MOST_TOLD} more characters]"
        return Round(self._written(reply[0].turn), whole, None)

    def _fitted(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        """The prompt with as much of the past as fits."""
        history, system = self._history, self.notation.system(self.viewport(observation).frame)
        if not steps:  # another episode
            self._condensed_tokens.clear()

        def condensed_tokens(count: int) -> int:
            if count not in self._condensed_tokens:
                whole = self._laid_out(system, instruction, None, self._condensed(count), [])
                self._condensed_tokens[count] = self._tokens(whole) - bare
            return self._condensed_tokens[count]

        def first_picture_tokens(look: Look) -> int:
            return self._tokens(self._laid_out(system, instruction, look.picture, "", [])) - bare

        bare = self._tokens(self._laid_out(system, instruction, None, "", []))
        room = self.profile.context - self.profile.reply_tokens
        kept = history.keep(steps, observation, bare, first_picture_tokens, condensed_tokens, room, self._most_pictures)
        condensed = self._condensed(kept.first_round)
        return self._laid_out(system, instruction, history.looks[0].picture, condensed, history.rounds(kept))

    def _laid_out(
        self, system: str, instruction: str, first: Picture | None, condensed: str, rounds: Sequence[Round]
    ) -> Prompt:
        return lay_out(self.profile, system, instruction, first, condensed, rounds, self.notation, self._one_turn)

    def _condensed(self, count: int) -> str:
        """One line that replaces the first replies: how many steps they were, and what the latest ones did."""
        if not count:
            return ""
        replies = self._history.replies
        done = (
            in_brief(self.space.encode(step.turn.action, reply.viewport))
            for reply in reversed(replies[:count])
            for step in reversed(reply.steps)
            if step.turn.action and not step.turn.mistake
        )
        latest = list(islice(done, CONDENSED_STEPS))[::-1]
        return f"Steps 1 to {replies[count - 1].end} are left out to save room; the last of them: {', '.join(latest)}"

    def _tokens(self, prompt: Prompt) -> int:
        return prompt.token_count(self._count, self.profile.image_tokens)

    def _round_tokens(self, round_: Round) -> int:
        segments = round_segments(round_, self.notation, self._one_turn)
        return sum(cost(segment, self._count, self.profile.image_tokens) for segment in segments)

    def read(self, completion: Completion, viewport: Viewport) -> tuple[str, Action | None, Mistake | None]:
        """A completion as a turn: the thought, and the action or the mistake."""
        thought = ""
        try:
            if completion.cut_off:  # half a call can look complete: [348, 29
                raise MalformedReply(f"The reply was cut off after {completion.completion_tokens} tokens. Be brief.")
            reply = self._answered.read_reply(completion.text)
            thought = reply.thought
            action = self._answers.decode(reply.call, viewport, self._answered.term)
            if self.profile.answers_in_thought and isinstance(action, Finish) and not action.text:
                action = action.model_copy(update={"text": thought})
            return thought, action, None
        except ModelMistake as mistake:
            return thought, None, Mistake(type(mistake).__name__, str(mistake))

    def _read_calls(self, text: str) -> _Said:
        try:
            reply = self.notation.read_reply(text)
        except ModelMistake:
            return _Said()
        return _Said((reply.call, *reply.others), reply.unread)

    def _look(self, observation: Observation) -> Look:
        """An observation as the model sees it, resized."""
        size = self.profile.image_size(observation.size)
        image = observation.image
        if image.size != size:
            image = image.resize(size, Image.Resampling.BICUBIC)
        return Look(observation, Picture(image), self.viewport(observation))
