"""How calls are written in text: one module per notation, each with `read_reply` and `write_call`, its inverse."""

import importlib
from pathlib import Path
from typing import NamedTuple, Protocol

from actions.action import Action, ActionSpace, Call
from actions.geometry import Size
from model.engine import Grammar


class Reply(NamedTuple):
    """A reply taken apart: the thought before the first call, that call, and the calls that follow it."""

    thought: str
    call: Call
    others: tuple[Call, ...] = ()
    unread: str = ""
    """What of it looks like calls and was not read, in words."""


class Notation(Protocol):
    """One way to write calls, for one action space."""

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings at which generation ends, the reply being complete before them."""
        ...

    @property
    def one_turn(self) -> bool:
        """Whether the model was tuned on an episode as one growing assistant turn."""
        ...

    @property
    def result_frame(self) -> tuple[str, str]:
        """What stands before and after a result in a user message, where results are messages of their own."""
        ...

    def system(self, frame: Size) -> str:
        """The system text: the actions there are, how to call them, and the frame's size."""
        ...

    def read_reply(self, text: str) -> Reply:
        """Takes a reply apart.

        Raises:
            MalformedReply: it tries to call something in a way that cannot be read.
            NoCall: it calls nothing.
        """
        ...

    def term(self, kind: type[Action], field: str) -> str:
        """What the system text calls an action (the field being empty), or a field of it."""
        ...

    def grammar(self, frame: Size) -> Grammar | None:
        """What holds an engine to this space from the keyword of a call on, and leaves the thought before it free.

        None where the notation has no grammar: then the whole reply is free.
        """
        ...

    def pointing(self, frame: Size) -> Grammar:
        """What leaves an engine only the choice of a point: the whole reply is the call that points there.

        Raises:
            UsageError: no action of the space only points.
        """
        ...

    def write_call(self, call: Call) -> str:
        """The call as a model would write it: `read_reply(write_call(call)).call == call`."""
        ...


def names() -> tuple[str, ...]:
    """The notations there are, one module of this folder each."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem != "__init__"))


def load(name: str, space: ActionSpace) -> Notation:
    """The notation of that name (a profile names it) for an action space."""
    notation: Notation = importlib.import_module(f"{__package__}.{name}").connect(space)
    return notation
