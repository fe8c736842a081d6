"""Instruction, rounds and screenshots laid out as one conversation, the model's turn being open at its end.

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
from prompts.escaping import quoted
from prompts.notations import Notation
from prompts.thoughts import OPENED

LEFT_OUT = "[an earlier screenshot, left out]"
RETURN = "\n*RETURN*:"
"""Where a growing turn is handed back to the model: nothing follows the colon, for a space would be a token that the
model expects at the start of its next word."""


class Round(NamedTuple):
    """What was said, what came of it (untrusted), and the screenshot after it; None where that was left out."""

    said: Generated
    result: str
    picture: Picture | None


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

    The profile says where the system text and the screenshot stand, and how a reply begins. `condensed` tells what the
    rounds did that are left out before `rounds`; empty where none are.
    """
    task = quoted(instruction.strip()) + (f"\n{quoted(condensed)}" if condensed else "")
    if profile.system_message is not None:
        system, task = profile.system_message, f"{system}\n\n{task}"
    shown: tuple[Part, ...] = (first, Text(task)) if first else (Text(f"{LEFT_OUT}\n{task}"),)
    start = (Message("system", (Text(system),)),) if system else ()
    user = Message("user", shown[::-1] if profile.text_first else shown)
    opening = OPENED if profile.opens_thought else ""
    return Prompt((*start, user, *_episode(rounds, notation, one_turn)), opening=opening)


def round_segments(round_: Round, notation: Notation, one_turn: bool) -> Iterator[Segment]:
    """What one round adds to a prompt."""
    opening = 2  # the marker and the role of the message that the round goes on with
    return islice(Prompt(_episode([round_], notation, one_turn)).chatml(), opening, None)


def _episode(rounds: Sequence[Round], notation: Notation, one_turn: bool) -> tuple[Message, ...]:
    """The messages after the user's first, the last one open."""
    if one_turn:
        return (Message("assistant", tuple(part for round_ in rounds for part in _grown(round_))),)
    turns: list[Message] = []
    for round_ in rounds:
        turns.append(Message("assistant", (round_.said,)))
        turns.append(Message("user", _result(round_, *notation.result_frame)))
    return (*turns, Message("assistant", ()))


def _grown(round_: Round) -> tuple[Part, ...]:
    """A round within the growing turn; the newline before RESULT is there once, whoever wrote it."""
    newline = "" if round_.said.text.endswith("\n") else "\n"
    return (round_.said, *_result(round_, f"{newline}*RESULT*: ", RETURN))


def _result(round_: Round, before: str, after: str) -> tuple[Part, ...]:
    told = quoted(round_.result).strip()
    told = f"{before}{told} " if told else before
    if round_.picture is None:
        return (Text(f"{told}{LEFT_OUT}{after}"),)
    return (Text(told), round_.picture, Text(after)) if after else (Text(told), round_.picture)
