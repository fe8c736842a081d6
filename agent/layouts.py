"""`Layout`: how an episode becomes a prompt. `Whole` shows all that fits; `BriefLayout` is for a small model."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import ClassVar, NamedTuple

from PIL import Image

from actions.action import ActionSpace, Call
from actions.geometry import Size, Viewport
from agent.episode import Step, Turn
from agent.feedback import in_brief, result_text
from agent.history import History, Look
from devices import Observation
from model.engine import Engine, Generated, Picture, Prompt, cost
from model.profile import Profile
from prompts import words
from prompts.chatml import Round, lay_out, round_segments
from prompts.notations import Notation
from prompts.thoughts import without_thought

CONDENSED_STEPS = 12
"""How many of the condensed steps, the latest ones, are still described."""
BRIEF_ROUNDS = 8
"""How many of the latest calls a brief prompt lists under the newest screenshot."""
LONGEST_RESULT = 4_000
"""The longest RESULT in characters; the text of a user or a page may be longer."""


class Said(NamedTuple):
    """The calls of a reply, and the part that was not read."""

    calls: tuple[Call, ...] = ()
    unread: str = ""


@dataclass
class Layout(ABC):
    """Makes the prompts of one episode at a time."""

    names_actions: ClassVar[bool]
    """Whether its prompts describe the actions. A model that was trained on prompts without them writes the calls of
    its training; it needs no grammar, and it cannot be asked about the screen."""
    remembers: ClassVar[bool]
    """Whether the last prompt of an episode contains the earlier ones."""

    profile: Profile
    engine: Engine
    space: ActionSpace
    notation: Notation
    one_turn: bool
    """Whether an episode is one growing turn of the model."""
    said: Callable[[str], Said]
    """Reads the calls of a reply."""
    most_pictures: int | None = None
    """How many screenshots a prompt may show; None: all that fit."""

    @staticmethod
    @abstractmethod
    def system(notation: Notation, frame: Size) -> str:
        """The system text for a frame of this size."""

    @abstractmethod
    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        """The prompt after these steps.

        Raises:
            ContextOverflow: even the smallest prompt is longer than the context.
        """

    def _laid_out(
        self, system: str, instruction: str, first: Picture | None, condensed: str, rounds: Sequence[Round]
    ) -> Prompt:
        return lay_out(self.profile, system, instruction, first, condensed, rounds, self.notation, self.one_turn)


def viewport(profile: Profile, observation: Observation) -> Viewport:
    """The mapping between an observation's screen and the frame in which this model writes about it."""
    return Viewport(profile.frame_size(profile.image_size(observation.size), observation.screen), observation.screen)


def look(profile: Profile, observation: Observation) -> Look:
    """An observation as the model sees it, resized."""
    size = profile.image_size(observation.size)
    same = observation.size == size
    picture = Picture(observation if same else observation.image.resize(size, Image.Resampling.BICUBIC))
    return Look(observation, picture, viewport(profile, observation))


@dataclass
class BriefLayout(Layout):
    """The newest screenshot under the latest calls, without their results."""

    names_actions: ClassVar[bool] = False
    remembers: ClassVar[bool] = False

    @staticmethod
    def system(notation: Notation, frame: Size) -> str:
        return words("brief")

    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        said = islice((step.turn for step in reversed(steps) if step.turn.part == 0), BRIEF_ROUNDS)
        done = [Round(Generated(turn.text, turn.ids), "", None) for turn in reversed(list(said))]
        newest = look(self.profile, observation)
        system = self.system(self.notation, newest.viewport.frame)
        return self._laid_out(system, instruction, newest.picture, "", done)


@dataclass
class Whole(Layout):
    """The conversation so far, as much of it as fits the context."""

    names_actions: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    def __post_init__(self) -> None:
        self._history = History(lambda seen: look(self.profile, seen), self._round_of, self._round_tokens)
        self._condensed_tokens: dict[int, int] = {}
        self._system = lru_cache(maxsize=4)(lambda frame: self.system(self.notation, frame))
        self._count = lru_cache(maxsize=4096)(self.engine.count_tokens)

    @staticmethod
    def system(notation: Notation, frame: Size) -> str:
        return f"{notation.system(frame)}\n\n{words('untrusted')}"

    def prompt(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Prompt:
        history, system = self._history, self._system(viewport(self.profile, observation).frame)
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
        kept = history.keep(steps, observation, bare, first_picture_tokens, condensed_tokens, room, self.most_pictures)
        condensed = self._condensed(kept.first_round)
        return self._laid_out(system, instruction, history.looks[0].picture, condensed, history.rounds(kept))

    def _condensed(self, count: int) -> str:
        """What replaces the first replies: their number, what the latest ones did, and the user's messages."""
        if not count:
            return ""
        replies = self._history.replies
        done = (
            in_brief(self.space.encode(step.turn.action, reply.viewport))
            for reply in reversed(replies[:count])
            for step in reversed(reply.steps)
            if step.turn.action and step.acted
        )
        latest = list(islice(done, CONDENSED_STEPS))[::-1]
        steps = f"Steps 1 to {replies[count - 1].end} are left out to save room; the last of them: {', '.join(latest)}"
        return "\n".join(
            (steps, *(f"The user added: {text}" for reply in replies[:count] for text in reply.round.user))
        )

    def _round_of(self, reply: Sequence[Step], written_in: Viewport, after: Observation) -> Round:
        """The outcome of a reply: of each call that was performed, and which calls were not."""
        seen_next = [*(step.observation for step in reply[1:]), after]
        parts = [result_text(step, seen, self.space, written_in) for step, seen in zip(reply, seen_next, strict=True)]
        said = self.said(reply[0].turn.text)
        if undone := said.calls[len(reply) :]:
            parts.append(f"Not done: {', '.join(map(in_brief, undone))}. Call what is still needed.")
        if said.unread:
            parts.append(f"Not read: {said.unread}.")
        whole = " ".join(parts)
        if len(whole) > LONGEST_RESULT:
            whole = f"{whole[:LONGEST_RESULT]} [and {len(whole) - LONGEST_RESULT} more characters]"
        messages = tuple(text for seen in seen_next if seen.intervention for text in seen.intervention.said)
        return Round(self._written(reply[0].turn), whole, None, messages)

    def _written(self, turn: Turn) -> Generated:
        """A reply as later prompts show it."""
        profile = self.profile
        text = without_thought(turn.text, profile.opens_thought) if profile.drops_thoughts else turn.text
        return Generated(text, turn.ids if text == turn.text else ())

    def _tokens(self, prompt: Prompt) -> int:
        return prompt.token_count(self._count, self.profile.image_tokens)

    def _round_tokens(self, round_: Round) -> int:
        segments = round_segments(round_, self.notation, self.one_turn)
        return sum(cost(segment, self._count, self.profile.image_tokens) for segment in segments)


def layout_of(profile: Profile) -> type[Layout]:
    """The layout that a profile asks for."""
    return BriefLayout if profile.brief else Whole
