"""`Supervised`: an environment between whose steps a person may act and speak to the model."""

import time
from collections.abc import Callable
from typing import Protocol

from actions.action import Action, Outcome
from actions.errors import DeviceFailure
from devices import Environment, Intervention, Observation
from devices.wrappers import Wrapped
from devices.wrappers.settled import changed_part

POLL_S = 0.05
LONGEST = 200
"""How much of a location is quoted, in characters."""
PAUSED = "The run was paused here, and a person may have used the device."


class Supervisor(Protocol):
    """A person's wishes about a run."""

    @property
    def paused(self) -> bool:
        """Whether the run is to wait."""
        ...

    @property
    def continuing(self) -> str:
        """How the person ends the pause, in a sentence."""
        ...

    @property
    def stopped(self) -> bool:
        """Whether the run is to end."""
        ...

    def messages(self) -> tuple[str, ...]:
        """The person's messages to the model since the last call."""
        ...


class Supervised(Wrapped):
    """Waits before a look while the run is paused, and marks the look with what changed and what the person said.

    Only the loop may look through it: any other look would take the messages.
    """

    def __init__(
        self,
        inner: Environment,
        supervisor: Supervisor,
        tell: Callable[[str], None],
        before: Observation | None = None,
        note: str = "",
        heard: Callable[[str], None] = lambda message: None,
        used: Callable[[Environment], None] = lambda environment: None,
    ) -> None:
        """In a run that continues, `before` is its last look, and `note` says what the interruption cost.

        `tell` tells the person when the pause begins and ends; `heard` is called with each message of theirs; `used` is
        called all through a pause, and may act on the environment for the person.
        """
        super().__init__(inner)
        self._supervisor = supervisor
        self._tell = tell
        self._before = before
        self._note = note
        self._heard = heard
        self._used = used

    def observe(self) -> Observation:
        """Raises KeyboardInterrupt if the person ends the run."""
        seen, before, notes = self._look(), self._before, []
        if before and self._note:
            notes += [self._note, difference(before, seen)]
        if self._supervisor.paused:
            self._wait()
            after = self._look()
            notes += [PAUSED, difference(seen, after)]
            seen = _with(after, settling=seen)
        if before:  # else there is no prompt yet that it could be added to
            said = self._supervisor.messages()
            for message in said:
                self._heard(message)
            seen = _with(seen, intervention=Intervention(" ".join(notes), said) if notes or said else None)
        self._before, self._note = seen, ""
        return seen

    def perform(self, action: Action) -> Outcome:
        try:
            return self.inner.perform(action)
        except DeviceFailure as failure:
            raise self._stop_or(failure) from failure

    def _look(self) -> Observation:
        try:
            return self.inner.observe()
        except DeviceFailure as failure:
            raise self._stop_or(failure) from failure

    def _stop_or(self, failure: DeviceFailure) -> BaseException:
        """What a failure means: the device was aborted because the person ended the run, or it failed by itself."""
        return KeyboardInterrupt("the run was stopped") if self._supervisor.stopped else failure

    def _wait(self) -> None:
        self._tell(f"Paused: you can use the device. {self._supervisor.continuing}")
        with self.clock.stopped():
            while self._supervisor.paused:
                if self._supervisor.stopped:
                    raise KeyboardInterrupt("the run was stopped")
                try:
                    self._used(self.inner)
                except DeviceFailure as failure:
                    raise self._stop_or(failure) from failure
                time.sleep(POLL_S)
        self._tell("The run continues.")


def difference(before: Observation, after: Observation) -> str:
    """How two looks differ, in sentences."""
    said = []
    if before.location and after.location and before.location != after.location:
        said.append(f"It was at {before.location[:LONGEST]!r}, and is now at {after.location[:LONGEST]!r}.")
    if before.size != after.size:
        said.append(f"The screen was {before.size}, and is now {after.size}.")
    else:
        changed = changed_part(before.image, after.image)
        said.append(f"{changed:.1%} of the screen changed." if changed else "Nothing on the screen changed.")
    return " ".join(said)


def _with(
    seen: Observation, settling: Observation | None = None, intervention: Intervention | None = None
) -> Observation:
    """The same look with the settling of another one, or with an intervention."""
    return seen.but(settling=(settling or seen).settling, intervention=intervention, loading=False)
