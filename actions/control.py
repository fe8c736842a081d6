"""Actions without hardware: group `CONTROL` (Wait, Answer, Finish), Verdict, Extract; `ASK` (AskUser) needs a user."""

import time
from collections.abc import Mapping
from typing import Literal, Protocol

from pydantic import Field, JsonValue, model_validator

from actions.action import Action, Outcome, Stop


class Wait(Action):
    """Wait for something to happen on the screen."""

    seconds: float = Field(default=2.0, gt=0, le=60, description="How long to wait.")

    def apply(self, device: object) -> Outcome:
        time.sleep(self.seconds)
        return Outcome(f"Waited {self.seconds:g} s.")


class Answer(Action):
    """Answer the user's question. This ends the task."""

    text: str = Field(min_length=1, description="The answer.")

    def apply(self, device: object) -> Outcome:
        return Outcome(self.text, Stop.ANSWERED)


class Finish(Action):
    """End the task: with success when it is done and the screen shows it, with failure when it cannot be done."""

    status: Literal["success", "failure"] = Field(description="Whether the task was done.")
    text: str = Field(default="", description="What was done, or why it cannot be done.")

    def apply(self, device: object) -> Outcome:
        return Outcome(self.text, Stop.FINISHED if self.status == "success" else Stop.GAVE_UP)


class Verdict(Action):
    """Say whether the statement is true of what the screen shows."""

    holds: bool = Field(description="Whether it is true.")
    reason: str = Field(description="What on the screen shows it.")

    def apply(self, device: object) -> Outcome:
        return Outcome(self.reason, Stop.ANSWERED)


class Extract(Action):
    """Give what the screen shows, in the fields that are asked for."""

    value: Mapping[str, JsonValue] = Field(description="What the screen shows.")

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: object) -> object:
        """Accepts the fields without the `value` around them."""
        if not isinstance(given, Mapping) or "value" in given:
            return given
        return {"value": dict(given)}

    def apply(self, device: object) -> Outcome:
        return Outcome(self.model_dump_json(), Stop.ANSWERED)


class User(Protocol):
    """A user who can be asked."""

    def ask(self, question: str) -> Outcome: ...


class AskUser(Action):
    """Ask the user for something that only the user knows or may decide."""

    question: str = Field(min_length=1, max_length=2_000, description="The question.")

    def apply(self, device: User) -> Outcome:
        return device.ask(self.question)


CONTROL: tuple[type[Action], ...] = (Wait, Answer, Finish)
ASK: tuple[type[Action], ...] = (AskUser,)
