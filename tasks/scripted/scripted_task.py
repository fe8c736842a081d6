"""`ScriptedTask`: one task of a suite file."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from actions.action import Action, Call
from actions.errors import ModelMistake, TaskFailure, UsageError
from actions.geometry import Viewport
from actions.secrets import Secret
from agent.answers import AnswerSchema
from agent.episode import Episode
from agent.loop import Limits
from devices import DeviceOptions, Environment
from tasks.learned.file import LearnedRun
from tasks.scripted.checking import Judging, Scene, unmet
from tasks.scripted.checks import QuestionCheck
from tasks.scripted.fitting import of_solution
from tasks.scripted.schema import DescribedTask
from tasks.task import Score

COMMAND_S = 120.0


@dataclass(frozen=True)
class ScriptedTask:
    """A task from a file; `served` is the address of the file's pages."""

    described: DescribedTask
    folder: Path
    served: str | None
    secrets: tuple[Secret, ...] = ()
    answer_schema: AnswerSchema | None = None
    judge: Judging | None = None
    learned: LearnedRun | None = None

    @property
    def id(self) -> str:
        return self.described.id

    @property
    def kind(self) -> str:
        return self.described.id

    @property
    def tags(self) -> tuple[str, ...]:
        return self.described.tags

    @property
    def device(self) -> str:
        return self.described.device

    @property
    def options(self) -> DeviceOptions:
        address = self.described.address
        if address and address.startswith("/") and self.served:
            address = self.served + address
        given = self.described
        viewport = given.viewport
        if viewport is None and self.learned and self.device == "browser":
            viewport = self.learned.content.screen
        return DeviceOptions(address=address, viewport=viewport, sites=given.sites, secrets=self.secrets)

    @property
    def limits(self) -> Limits:
        return Limits(self.described.limits.steps, self.described.limits.seconds)

    @property
    def retries(self) -> int:
        return self.described.retries or 0

    @property
    def policy(self) -> Path | None:
        return self.folder / self.described.policy if self.described.policy else None

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(check.asks for check in self.described.checks if isinstance(check, QuestionCheck))

    def judged_by(self, judge: Judging) -> "ScriptedTask":
        return replace(self, judge=judge)

    def setup(self, environment: Environment) -> str:
        for command in self.described.commands:
            self._run(command)
        if self.described.adb:
            from tasks.worlds.phones import phone_of

            for command in self.described.adb:
                phone_of(environment).act(*command)
        environment.reset()
        return self.described.instruction

    def ended(self, environment: Environment) -> bool:
        return False

    def score(self, environment: Environment, episode: Episode) -> Score:
        scene = Scene(environment, episode, self.folder, self.judge)
        wrong = unmet(self.described.checks, scene)
        if not wrong:
            return Score(1.0, f"{len(self.described.checks)} checks hold")
        why = "\n".join(found.why for found in wrong)
        return Score(0.0, why, next((found.box for found in wrong if found.box), None))

    def teardown(self, environment: Environment) -> None:
        for command in self.described.cleanup:
            self._run(command)

    def solution(self, environment: Environment) -> Iterator[Action]:
        """The solution in the file. Raises UsageError if there is none."""
        if not self.described.solution:
            raise UsageError(f"The task {self.id!r} has no solution to play. Pass --model or --replies.")
        return self._moves(environment)

    def _moves(self, environment: Environment) -> Iterator[Action]:
        for move in self.described.solution:
            screen = environment.observe().screen
            try:
                yield environment.action_space.decode(Call(move.action, move.arguments), Viewport(screen, screen))
            except ModelMistake as mistake:
                raise TaskFailure(f"The solution of {self.id!r} is wrong: {of_solution(mistake)}") from mistake

    def _run(self, command: tuple[str, ...]) -> None:
        try:
            done = subprocess.run(command, cwd=self.folder, capture_output=True, timeout=COMMAND_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TaskFailure(f"The command {' '.join(command)!r} of {self.id!r} cannot be run: {error}.") from error
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()[-300:] or "It printed no error."
            raise TaskFailure(f"The command {' '.join(command)!r} of {self.id!r} ended with {done.returncode}. {said}")
