"""`ModelPolicy`: a policy that asks a model. Memory, prompt, engine, notation, action space, in that order."""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image

from actions.action import Action, ActionSpace
from actions.errors import MalformedReply, ModelMistake
from actions.geometry import Size, Viewport
from agent import memory
from agent.episode import Mistake, Step, Turn, Usage
from agent.feedback import in_brief, result_text
from devices import Observation
from model.engine import Completion, Engine, Generated, Grammar, Picture, Prompt, cost
from model.profile import Profile
from prompts import notations, words
from prompts.chatml import Round, lay_out, round_segments

CONDENSED_STEPS = 12
"""How many of the condensed steps are still named, the latest ones."""
BRIEF_ROUNDS = 8
"""How many of the latest steps a brief prompt tells of, by their calls alone, under the newest screenshot."""


class _Look(NamedTuple):
    """An observation as the model sees it."""

    observation: Observation
    picture: Picture
    viewport: Viewport


class ModelPolicy:
    """Decides by asking a model. One policy serves one episode at a time.

    With `pointing`, an engine that can hold replies to a grammar decodes nothing of them but a point's coordinates.
    """

    def __init__(self, profile: Profile, engine: Engine, space: ActionSpace, pointing: bool = False) -> None:
        self.profile = profile
        self.engine = engine
        self.space = space
        self.notation = notations.load(profile.notation, space)
        self._one_turn = self.notation.one_turn and engine.one_turn
        self._looks: list[_Look] = []
        self._condensed_tokens: dict[int, int] = {}
        self._count = lru_cache(maxsize=4096)(engine.count_tokens)
        self._pointing = pointing
        self._held = lru_cache(maxsize=8)(self.notation.pointing if pointing else self.notation.grammar)

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        started = time.monotonic()
        prompt = self.prompt(instruction, steps, observation)
        asked = time.monotonic()
        completion = self.engine.generate(prompt, self.notation.stop, self.profile.max_new_tokens)
        usage = Usage(completion.prompt_tokens, completion.completion_tokens, asked - started, time.monotonic() - asked)
        thought, action, mistake = self.read(completion, self.viewport(observation))
        return Turn(completion.text, thought, action, mistake, completion.ids, usage)

    def viewport(self, observation: Observation) -> Viewport:
        """The mapping between the frame this model would write in about an observation, and its screen."""
        size = self.profile.image_size(Size(*observation.image.size))
        return Viewport(self.profile.frame_size(size), observation.screen)

    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        """What the model is asked now, and what its reply must be like.

        Raises:
            ContextOverflow: even the least that must stay is longer than the context.
        """
        prompt = self._conversation(instruction, steps, observation)
        return prompt._replace(grammar=self._grammar(self.viewport(observation).frame))

    def _grammar(self, frame: Size) -> Grammar | None:
        """None where a brief prompt does not name the actions: the model then calls them as it was trained to."""
        return self._held(frame) if self._pointing or self.profile.prompt == "full" else None

    def _conversation(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        if self.profile.prompt == "brief":
            done = [Round(Generated(step.turn.text, step.turn.ids), "", None) for step in steps[-BRIEF_ROUNDS:]]
            return self._laid_out(words("brief"), instruction, self._look(observation, 0).picture, "", done)
        observations = [*(step.observation for step in steps), observation]
        looks = [self._look(seen, index) for index, seen in enumerate(observations)]
        rounds = [
            Round(
                Generated(step.turn.text, step.turn.ids),
                result_text(step, after.observation, self.space, before.viewport),
                after.picture,
            )
            for step, before, after in zip(steps, looks, looks[1:], strict=False)
        ]
        return self._fitted(instruction, steps, looks, rounds)

    def _fitted(
        self, instruction: str, steps: Sequence[Step], looks: Sequence[_Look], rounds: Sequence[Round]
    ) -> Prompt:
        """The prompt with as much of the past as there is room for."""
        system = self.notation.system(looks[-1].viewport.frame)

        def condensed(count: int) -> str:
            return self._condensed(steps[:count], looks) if count else ""

        def condensed_tokens(count: int) -> int:
            if count not in self._condensed_tokens:
                whole = self._laid_out(system, instruction, None, condensed(count), [])
                self._condensed_tokens[count] = self._tokens(whole) - bare
            return self._condensed_tokens[count]

        bare = self._tokens(self._laid_out(system, instruction, None, "", []))
        shown = self._tokens(self._laid_out(system, instruction, looks[0].picture, "", []))
        texts = [self._round_tokens(round_._replace(picture=None)) for round_ in rounds]
        pictures = [self._round_tokens(round_) - text for round_, text in zip(rounds, texts, strict=True)]
        kept = memory.choose(
            base=bare,
            rounds=texts,
            pictures=[shown - bare, *pictures],
            condensed=condensed_tokens,
            room=self.profile.context - self.profile.max_new_tokens,
        )
        recent = [
            round_ if index + 1 >= kept.first_picture else round_._replace(picture=None)
            for index, round_ in enumerate(rounds)
        ]
        first = looks[0].picture if kept.first_picture == 0 else None
        return self._laid_out(system, instruction, first, condensed(kept.first_round), recent[kept.first_round :])

    def _laid_out(
        self, system: str, instruction: str, first: Picture | None, condensed: str, rounds: Sequence[Round]
    ) -> Prompt:
        return lay_out(system, instruction, first, condensed, rounds, self.notation, self._one_turn)

    def _condensed(self, steps: Sequence[Step], looks: Sequence[_Look]) -> str:
        """One line for the steps that are left out: how many, and what the latest of them did."""
        done = [
            in_brief(self.space.encode(step.turn.action, look.viewport))
            for step, look in zip(steps, looks, strict=False)
            if step.turn.action and not step.turn.mistake
        ]
        return (
            f"Steps 1 to {len(steps)} are left out to save room; the last of them: {', '.join(done[-CONDENSED_STEPS:])}"
        )

    def _tokens(self, prompt: Prompt) -> int:
        return prompt.token_count(self._count, self.profile.image_tokens)

    def _round_tokens(self, round_: Round) -> int:
        segments = round_segments(round_, self.notation, self._one_turn)
        return sum(cost(segment, self._count, self.profile.image_tokens) for segment in segments)

    def read(self, completion: Completion, viewport: Viewport) -> tuple[str, Action | None, Mistake | None]:
        """What a completion says: the thought, and the action or the mistake."""
        thought = ""
        try:
            if completion.cut_off:  # half a call can read like a whole one: [348, 29 is no point
                raise MalformedReply(f"The reply was cut off after {completion.completion_tokens} tokens. Be brief.")
            reply = self.notation.read_reply(completion.text)
            thought = reply.thought
            return thought, self.space.decode(reply.call, viewport), None
        except ModelMistake as mistake:
            return thought, None, Mistake(type(mistake).__name__, str(mistake))

    def _look(self, observation: Observation, index: int) -> _Look:
        """The observation of a step as the model sees it, resized once."""
        if index < len(self._looks) and self._looks[index].observation is observation:
            return self._looks[index]
        del self._looks[index:]
        if index == 0:  # another episode
            self._condensed_tokens.clear()
        size = self.profile.image_size(Size(*observation.image.size))
        image = observation.image
        if image.size != size:
            image = image.resize(size, Image.Resampling.BICUBIC)
        self._looks.append(_Look(observation, Picture(image), self.viewport(observation)))
        return self._looks[index]
