"""How calls are written in text: one module per notation. Replies are read in every notation."""

import importlib
import re
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from actions.action import Action, ActionSpace, Call, own_term
from actions.control import Answer, Finish
from actions.errors import UsageError
from actions.geometry import Size
from model.engine import Grammar
from prompts import grammar, schema
from prompts.reading.replies import Reply, read_reply
from prompts.vocabulary import Vocabulary

_ANYWHERE = (11111, 22222)
"""The point of a call whose point is to be another one."""


class Notation(ABC):
    """One way to write calls, for one action space."""

    stop: ClassVar[tuple[str, ...]] = ()
    """Strings that end generation; the reply is complete before them."""
    one_turn: ClassVar[bool] = False
    """Whether the model was tuned on an episode as one growing assistant turn."""
    result_frame: ClassVar[tuple[str, str]] = ("", "")
    """The text before and after a result in a user message, if results are separate messages."""
    keyword: ClassVar[str]
    """The start of a call."""
    advice: ClassVar[str]
    """Describes the form of a call, in a sentence that begins with "Write a call as"."""

    def __init__(self, space: ActionSpace) -> None:
        self.space = space
        self.vocabulary = Vocabulary(space)

    @abstractmethod
    def system(self, frame: Size) -> str:
        """The system text: the available actions, how to call them, and the frame's size."""

    @abstractmethod
    def write_call(self, call: Call) -> str:
        """The call as a model would write it: `read_reply(write_call(call)).call == call`."""

    def term(self, kind: type[Action], field: str) -> str:
        """The system text's name of an action (with an empty field), or of one of its fields."""
        return own_term(kind, field)

    @abstractmethod
    def grammar(self) -> Grammar:
        """What holds an engine to this space from the keyword of a call on, and leaves the thought before it free.

        It allows every call that `read_reply` and the action space accept in this notation.
        """

    def pointing(self, frame: Size) -> Grammar:
        """Leaves an engine only the choice of a point: the whole reply is a pointing call.

        Raises:
            UsageError: no action of the space only points.
        """
        written = self.write_call(Call(grammar.pointing(self.space).__name__, {"point": [*_ANYWHERE]}))
        before, between, behind = map(grammar.literal, re.split("|".join(map(str, _ANYWHERE)), written))
        x, y = grammar.place(frame)
        return Grammar("", f"root ::= {before} {x} {between} {y} {behind}")

    def called(self, kind: type[Action]) -> str:
        """The call of an action in a sentence about it."""
        return self.term(kind, "")

    def read_reply(self, text: str) -> Reply:
        """Reads a reply, whichever form its call has.

        Raises:
            MalformedReply: it attempts a call that cannot be read.
            NoCall: it has no call.
            InvalidArguments: the call lacks its purpose.
        """
        ending = schema.ending(self.called(kind) for kind in (Answer, Finish) if kind in self.space)
        return read_reply(text, self.vocabulary, self.advice, ending)


def names() -> tuple[str, ...]:
    """The names of the notations, one module of this folder each."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__"))


def load(name: str, space: ActionSpace) -> Notation:
    """The notation of that name (a profile names it) for an action space.

    Raises:
        UsageError: there is none of that name.
    """
    if name not in names():
        raise UsageError(f"There is no notation {name!r}. The notations are: {', '.join(names())}.")
    notation: Notation = importlib.import_module(f"{__package__}.{name}").connect(space)
    return notation
