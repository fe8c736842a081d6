"""`Follower`: what is new about a run, as events of its page, read from its folder."""

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic import BaseModel, ValidationError

from actions.errors import UsageError
from agent.control import Control
from agent.lines import Decided, Line
from agent.record import PENDING, is_going_on, read_result
from agent.run_info import read_info
from tasks.harness.story import Mark, ShownStep, picture_in, shown_step, story, with_change, with_ending
from tasks.live.attached import Asked, Attached

CHECK_S = 2.0
"""How often it is checked whether the process of a run that was not started here still lives."""


class RunState(BaseModel):
    """What changes about a run besides its steps."""

    going_on: bool
    """Whether its process is at work."""
    paused: bool
    """Whether it pauses, or will after its step."""
    attached: bool
    """Whether it takes answers, and acts during a pause, from here."""
    frame: int | None
    """The number of the newest picture of the pause; None while the device takes no acts."""
    screen: tuple[int, int] | None
    """The size of the screen in that picture, in the units of acts."""
    said: str
    """What came of the last act."""
    waiting: list[Asked]
    """Questions for a person."""
    error: str
    """Why it could not begin, or broke off."""


class Follower:
    """Follows one run for one page. A page that is slow gets fewer and newer events."""

    def __init__(self, run: Path, attached: Attached | None) -> None:
        self._run = run
        self._attached = attached
        self._control = Control(run)
        self._told = self._locked = False
        self._checked = -CHECK_S
        self._read = self._count = 0
        self._pending = 0
        self._ended = 0
        self._image: tuple[str, Image.Image | None] = "", None
        self._changed: tuple[Mark, ...] = ()
        self._state: RunState | None = None

    @property
    def over(self) -> bool:
        """Whether nothing new will come."""
        return self._told and self._state is not None and not self._state.going_on

    def news(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """The events since the last call: their names and contents.

        Raises:
            UsageError: a file of the run is damaged.
        """
        going_on = self._going_on()  # before the rest is read, so that nothing is missed once it has ended
        if not self._told and (self._run / "run.json").is_file():
            with suppress(UsageError):  # it is being written
                yield "story", story(self._run.name, read_info(self._run)).model_dump(mode="json")
                self._told = True
        if self._told:
            yield from self._steps()
            yield from self._end()
        if self._attached and not self._control.paused:
            self._attached.frame = None  # the next pause has its own pictures
        state = self.state(going_on)
        if state != self._state:
            self._state = state
            yield "state", state.model_dump(mode="json")

    def state(self, going_on: bool | None = None) -> RunState:
        """The run's state now."""
        attached = self._attached
        going_on = self._going_on() if going_on is None else going_on
        paused = going_on and self._control.paused
        acting = paused and attached and attached.frame and attached.screen
        return RunState(
            going_on=going_on,
            paused=paused,
            attached=attached is not None and not attached.over.is_set(),
            frame=attached.frames if attached and acting else None,
            screen=attached.screen if attached and acting else None,
            said=attached.said if attached else "",
            waiting=list(attached.waiting.values()) if attached else [],
            error=attached.error if attached else "",
        )

    def _going_on(self) -> bool:
        if (self._run / "result.json").is_file():
            return False
        if self._attached:
            return not self._attached.over.is_set()
        if time.monotonic() - self._checked >= CHECK_S:
            self._checked, self._locked = time.monotonic(), is_going_on(self._run)
        return self._locked

    def _steps(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for line in self._lines():
            yield from self._shown(line)
        with suppress(OSError, ValidationError):  # there is none
            written = (self._run / PENDING).stat().st_mtime_ns
            if written != self._pending:
                decided = Decided.model_validate_json((self._run / PENDING).read_bytes())
                self._pending = written
                if decided.index >= self._count:
                    yield from self._shown(decided)

    def _lines(self) -> Iterator[Line]:
        with suppress(OSError), (self._run / "trajectory.jsonl").open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
            for text in whole.split(b"\n") if whole else ():
                self._read += len(text) + 1
                self._count += 1
                try:
                    yield Line.model_validate_json(text)
                except ValidationError as error:
                    where = f"{self._run / 'trajectory.jsonl'}, line {self._count}"
                    raise UsageError(f"{where} cannot be read: {error.errors()[0]['msg']}.") from error

    def _shown(self, line: Decided) -> Iterator[tuple[str, dict[str, Any]]]:
        """A step at once, and again with what changed since the look before it: its picture takes time to compare."""
        step = shown_step(line, self._run, self._run)
        name, before = self._image
        if name == step.picture:
            yield _event(step.model_copy(update={"changed": self._changed}))
            return
        yield _event(step)
        self._image = step.picture, picture_in(self._run, step.picture)
        self._changed = with_change(step, before, self._image[1]).changed
        if self._changed:
            yield _event(step.model_copy(update={"changed": self._changed}))

    def _end(self) -> Iterator[tuple[str, dict[str, Any]]]:
        with suppress(OSError):
            written = (self._run / "result.json").stat().st_mtime_ns
            if written != self._ended:
                self._ended = written
                ended = with_ending(story(self._run.name, read_info(self._run)), read_result(self._run))
                kept = {"ending", "answer", "score", "why", "false_claim"}
                yield "ending", ended.model_dump(mode="json", include=kept)


def _event(step: ShownStep) -> tuple[str, dict[str, Any]]:
    return "step", step.model_dump(mode="json")
