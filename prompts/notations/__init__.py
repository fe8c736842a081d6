"""How calls are written in text: one module per notation. All are read in the same way, whichever was asked for."""

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
    """Strings at which generation ends, the reply being complete before them."""
    one_turn: ClassVar[bool] = False
    """Whether the model was tuned on an episode as one growing assistant turn."""
    result_frame: ClassVar[tuple[str, str]] = ("", "")
    """What stands before and after a result in a user message, where results are messages of their own."""
    keyword: ClassVar[str]
    """What a call begins with."""
    advice: ClassVar[str]
    """How a call is written, in a sentence that begins with "Write a call as"."""

    def __init__(self, space: ActionSpace) -> None:
        self.space = space
        self.vocabulary = Vocabulary(space)

    @abstractmethod
    def system(self, frame: Size) -> str:
        """The system text: the actions there are, how to call them, and the frame's size."""

    @abstractmethod
    def write_call(self, call: Call) -> str:
        """The call as a model would write it: `read_reply(write_call(call)).call == call`."""

    def term(self, kind: type[Action], field: str) -> str:
        """What the system text calls an action (the field being empty), or a field of it."""
        return own_term(kind, field)

    @abstractmethod
    def grammar(self) -> Grammar:
        """What holds an engine to this space from the keyword of a call on, and leaves the thought before it free.

        It allows every call that `read_reply` and the action space accept in this notation.
        """

    def pointing(self, frame: Size) -> Grammar:
        """What leaves an engine only the choice of a point: the whole reply is the call that points there.

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
        """Takes a reply apart, in whichever form its call is written.

        Raises:
            MalformedReply: it tries to call something in a way that cannot be read.
            NoCall: it calls nothing.
            InvalidArguments: the call does not say what it is for.
        """
        ending = schema.ending(self.called(kind) for kind in (Answer, Finish) if kind in self.space)
        return read_reply(text, self.vocabulary, self.advice, ending)


def names() -> tuple[str, ...]:
    """The notations there are, one module of this folder each."""
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
