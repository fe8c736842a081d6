"""The tools: looking, acting by words or by point, running a task, asking and verifying.

Each is a class whose docstring and fields are what a client reads, like an action of a device.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from actions.action import Call
from actions.control import Answer, Finish
from actions.geometry import Size, Viewport
from prompts.schema import description, parameters
from tasks.harness.page import write_page
from tasks.mcp_server.work import Desk, Job, Reply

LONGEST = 20_000
"""Characters of a text that a client sends."""
LONGEST_SIDE = 1568
"""Pixels of a picture's longer side: clients scale larger ones down before a model sees them, and its points miss."""


class Tool(BaseModel, ABC):
    """A request that a client makes by name."""

    model_config = ConfigDict(extra="forbid")
    looks_only: ClassVar[bool] = False
    """Whether it leaves the device as it is."""

    @abstractmethod
    def carry_out(self, desk: Desk, job: Job) -> Reply:
        """Carries itself out in the session's thread. Raises UsageError, Undecided, ModelMistake or EpisodeFailure."""


class Look(Tool):
    """Take a screenshot once the screen has settled. Points are pixels of the newest one."""

    looks_only = True

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        desk.seen = seen = desk.session.look()
        size = _shown_size(seen.size)
        picture = seen.image if size == seen.size else seen.image.resize(size, Image.Resampling.LANCZOS)
        facts: dict[str, JsonValue] = {"width": size.width, "height": size.height}
        return Reply(facts | {"location": seen.location, "text": seen.text}, picture)


class Actions(Tool):
    """List the actions that `perform` takes on this device, with the JSON schema of their arguments."""

    looks_only = True

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        kinds = (kind for kind in desk.session.actions.actions if not issubclass(kind, Answer | Finish))
        facts: dict[str, Any] = {
            kind.__name__: {"description": description(kind), "arguments": parameters(kind)} for kind in kinds
        }
        return Reply({"actions": facts})


class Perform(Tool):
    """Perform one action by its name, such as Click (browser, desktop) or Tap (phone) with {"point": [x, y]}."""

    action: str = Field(description="The name of an action; `actions` lists them.")
    arguments: dict[str, JsonValue] = Field(
        default={}, description="Its arguments. Points are [x, y] in pixels of the newest picture of `look`."
    )

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        seen = desk.seen or desk.session.look()
        action = desk.session.actions.decode(
            Call(self.action, self.arguments), Viewport(_shown_size(seen.size), seen.screen)
        )
        step = desk.session.act(action, trusted=False)
        return Reply({"performed": str(step.turn.action), "outcome": step.outcome.text})


class Act(Tool):
    """Let the model choose and perform one action for an instruction, such as "press the blue button"."""

    instruction: str = Field(min_length=1, max_length=LONGEST)

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        step = desk.session.act(self.instruction)
        return Reply({"performed": str(step.turn.action), "outcome": step.outcome.text})


class Run(Tool):
    """Let the model act until a task is done or a limit is reached. `ending` finished or answered means done."""

    instruction: str = Field(
        min_length=1, max_length=LONGEST, description="The task, such as: log in as ada with password lovelace"
    )

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        episode = desk.session.episode(self.instruction, job.report)
        record = desk.session.record
        assert record is not None, "an episode is recorded"
        write_page(record)
        facts: dict[str, JsonValue] = {"ending": episode.ending.value, "answer": episode.answer}
        facts |= {"steps": len(episode.steps), "run": str(record)}
        return Reply(facts, failed=not episode.finished)


class Ask(Tool):
    """Ask the model a question about the screen."""

    looks_only = True
    question: str = Field(min_length=1, max_length=LONGEST)

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        return Reply({"answer": desk.session.ask(self.question)})


class Verify(Tool):
    """Ask the model whether a claim about the screen is true."""

    looks_only = True
    claim: str = Field(min_length=1, max_length=LONGEST)

    def carry_out(self, desk: Desk, job: Job) -> Reply:
        verified = desk.session.verify(self.claim)
        return Reply({"holds": verified.holds, "reason": verified.reason})


TOOLS: dict[str, type[Tool]] = {kind.__name__.lower(): kind for kind in (Look, Act, Actions, Perform, Run, Ask, Verify)}


def _shown_size(size: Size) -> Size:
    """The size at which a client gets a picture."""
    scale = min(1.0, LONGEST_SIDE / max(size))
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))
