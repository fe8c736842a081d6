"""Lays out instruction, rounds and screenshots as one conversation that ends with the model's open turn.

Two layouts. In *one turn*, as in the Qwen2-VL report, the whole episode is one assistant message that grows: call,
result, call, result. In the *chat* layout each reply is an assistant message of its own and each result a user
message. Either way a round begins with what the model generated, and generated ids are never tokenised again, so the
tokens of a prompt are those of its empty layout plus those of its rounds.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from model.engine import Generated, Message, Part, Picture, Prompt, Segment, Text
from model.profile import Profile
from prompts.escaping import escaped
from prompts.notations import Notation
from prompts.thoughts import OPENED

LEFT_OUT = "[an earlier screenshot, left out]"
RETURN = "\n*RETURN*:"
"""How a growing turn returns to the model: nothing follows the colon, because a space would be a token that the model
expects at the start of its next word."""

USER = "*USER*: "
"""The mark of a message that the user sends while the model works."""


class Round(NamedTuple):
    """A reply, its result (untrusted), the screenshot after it (None if that is omitted), and the user's messages."""

    said: Generated
    result: str
    picture: Picture | None
    user: tuple[str, ...] = ()


def lay_out(
    profile: Profile,
    system: str,
    instruction: str,
    first: Picture | None,
    condensed: str,
    rounds: Sequence[Round],
    notation: Notation,
    one_turn: bool,
) -> Prompt:
    """The prompt: the system text, the user's turn with the first screenshot, and the rounds since.

    The profile determines the positions of the system text and the screenshot, and the start of a reply. `condensed`
    summarises the omitted rounds before `rounds`; empty if there are none.
    """
    task = escaped(instruction.strip()) + (f"\n{escaped(condensed)}" if condensed else "")
    if profile.system_message is not None:
        system, task = profile.system_message, f"{system}\n\n{task}"
    shown: tuple[Part, ...] = (first, Text(task)) if first else (Text(f"{LEFT_OUT}\n{task}"),)
    start = (Message("system", (Text(system),)),) if system else ()
    user = Message("user", shown[::-1] if profile.text_first else shown)
    opening = OPENED if profile.opens_thought else ""
    return Prompt((*start, user, *_episode(rounds, notation, one_turn)), opening=opening)


def round_segments(round_: Round, notation: Notation, one_turn: bool) -> Iterator[Segment]:
    """What one round adds to a prompt."""
    opening = 2  # the marker and the role of the message that continues the round
    return islice(Prompt(_episode([round_], notation, one_turn)).chatml(), opening, None)


def _episode(rounds: Sequence[Round], notation: Notation, one_turn: bool) -> tuple[Message, ...]:
    """The messages after the user's first, the last one open."""
    if one_turn:
        return (Message("assistant", tuple(part for round_ in rounds for part in _grown(round_))),)
    turns: list[Message] = []
    for round_ in rounds:
        turns.append(Message("assistant", (round_.said,)))
        before, after = notation.result_frame
        turns.append(Message("user", _result(round_, before, f"{after}{_messages(round_)}")))
    return (*turns, Message("assistant", ()))


def _grown(round_: Round) -> tuple[Part, ...]:
    """A round within the growing turn; with exactly one newline before RESULT."""
    newline = "" if round_.said.text.endswith("\n") else "\n"
    return (round_.said, *_result(round_, f"{newline}*RESULT*: ", f"{_messages(round_)}{RETURN}"))


def _messages(round_: Round) -> str:
    """The user's messages. No other text can contain their mark."""
    return "".join(f"\n{USER}{escaped(message)}" for message in round_.user)


def _result(round_: Round, before: str, after: str) -> tuple[Part, ...]:
    text = escaped(round_.result).strip()
    text = f"{before}{text} " if text else before
    if round_.picture is None:
        return (Text(f"{text}{LEFT_OUT}{after}"),)
    return (Text(text), round_.picture, Text(after)) if after else (Text(text), round_.picture)
