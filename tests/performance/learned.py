"""Learned runs: each task of our suites is learned from its solution and repeated without a model on the same state.

python -m tests.performance.learned [--suite smoke,login,simphone,desktop-sim] [--seeds N]
python -m tests.performance.learned --against embedded    # time per step beside this model's, on logging in
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from actions.action import ActionSpace
from actions.geometry import Point
from actions.mouse import MoveTo
from actions.secrets import Secrets
from agent.episode import How
from agent.loop import Policy
from agent.policy import ModelPolicy
from agent.record import Recorder
from agent.terminal import Terminal
from devices import Environment
from devices.browser import shared_chromium
from model.engines.scripted import ScriptedEngine
from tasks import suites
from tasks.composition import Actor, Composition
from tasks.harness.solution import SolutionPolicy
from tasks.learned.file import path_of, read_learned, write_learned
from tasks.learned.learning import About, Learning
from tasks.learned.playing import Playing
from tasks.options import Options
from tasks.runner import Setting, run_suite
from tasks.task import SuiteOptions, Task, TaskResult

Watched = Callable[[Policy, Environment], Policy]
AWAY = Point(40, 40)
SUITES = ("smoke", "login", "simphone", "desktop-sim")


class Repeated:
    """Learns tasks, and repeats them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.composition = Composition(
            Options(model="qwen2.5-vl-7b", headless=True), Terminal(stderr=True), asking=False
        )

    def learn(self, task: Task, watched: Watched = lambda policy, device: policy) -> TaskResult:
        """Runs the task's solution and keeps it. `watched` wraps the policy, on the bare device."""
        profile = self.composition.profile
        watching: list[Learning] = []

        def actor(bare: Environment, space: ActionSpace) -> Policy:
            watching.append(Learning(SolutionPolicy(profile, space, task.solution(bare)), bare))
            return watched(watching[0], bare)

        result = self.run(task, actor, "learned")
        if result.score and result.score.value == 1:
            run, pictures = watching[0].learned(result.episode, task.id, About(task.device))
            write_learned(path_of(task.id, self.folder), run, pictures, Secrets())
        return result

    def repeat(self, task: Task, watched: Watched = lambda policy, device: policy) -> TaskResult:
        """Plays what was learned, without a model."""
        profile = self.composition.profile
        run = read_learned(path_of(task.id, self.folder), {}, Secrets())

        def actor(bare: Environment, space: ActionSpace) -> Policy:
            playing = Playing(run, bare, ModelPolicy(profile, ScriptedEngine((), profile), space), None)
            return watched(playing, bare)

        return self.run(task, actor, "repeated")

    def run(self, task: Task, actor: Actor, kind: str) -> TaskResult:
        """Runs a task with this actor, recorded below a folder of this name."""
        options = self.composition.options.task_options(task.device, task.options, None)

        @contextmanager
        def setting(task: Task) -> Iterator[Setting]:
            with self.composition.setting(task.device, options, actor, task.limits) as made:
                if task.device == "desktop":  # a pointer that an earlier task left over a button shows its tooltip
                    made.device.perform(MoveTo(point=AWAY))
                yield made

        def record(task: Task, instruction: str, made: Setting, place: Path) -> Recorder:
            about = (task.device, options.address, task.limits, made.environment.action_space, made.secrets)
            return self.composition.recorder(place, instruction, *about)

        (result,) = run_suite([task], setting, record, lambda step: None, self.folder / kind)
        return result


def compare(model: str, seeds: int) -> None:
    """The same log-ins by a model and repeated; the first step of each, which warms it up, is not counted."""
    decided: dict[str, list[float]] = {"model": [], "repeated": []}
    whole: dict[str, list[float]] = {"model": [], "repeated": []}
    asked = Composition(Options(model=model, headless=True), Terminal(stderr=True))
    with tempfile.TemporaryDirectory() as folder, shared_chromium.keeping(), asked.engine() as engine:
        with suites.open_suite("login", SuiteOptions(episodes=seeds)) as suite:
            for task in (each for each in suite if each.device == "browser"):
                repeated = Repeated(Path(folder))
                repeated.learn(task)
                by_model = repeated.run(
                    task, lambda _, space: ModelPolicy(asked.profile, engine, space), f"{task.id}-model"
                )
                for who, result in (("model", by_model), ("repeated", repeated.repeat(task))):
                    print(f"  {task.id} {who}: {result.episode.ending}, {len(result.episode.steps)} steps", flush=True)
                    decided[who] += [step.seconds.think for step in result.episode.steps[1:]]
                    whole[who] += [sum(step.seconds) for step in result.episode.steps[1:]]
    for name, times in (("to decide", decided), ("for a whole step", whole)):
        model_s, repeated_s = median(times["model"]), median(times["repeated"])
        print(
            f"{name}: {model_s:.3f} s with {model}, {repeated_s:.3f} s repeated: {model_s / repeated_s:.1f} times less"
            f" (medians of {len(times['model'])} and {len(times['repeated'])} steps)"
        )


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--suite", default=",".join(SUITES))
    flags.add_argument("--seeds", type=int, default=1)
    flags.add_argument("--against", metavar="MODEL")
    given = flags.parse_args()
    if given.against:
        compare(given.against, given.seeds)
        return
    for name in given.suite.split(","):
        counts = {"tasks": 0, "not solved": 0, "done": 0}
        hows: dict[str, int] = {}
        with tempfile.TemporaryDirectory() as folder, shared_chromium.keeping():
            with suites.open_suite(name, SuiteOptions(episodes=given.seeds)) as suite:
                for task in suite:
                    repeated = Repeated(Path(folder))
                    before = repeated.learn(task)
                    if not before.score or before.score.value < 1:
                        counts["not solved"] += 1
                        print(
                            f"  {task.id}: its solution does not solve it: {before.score} {before.episode.answer}",
                            flush=True,
                        )
                        continue
                    after = repeated.repeat(task)
                    counts["tasks"] += 1
                    made = [step.turn.repetition for step in after.episode.steps if step.turn.repetition]
                    for each in made:
                        hows[each.how] = hows.get(each.how, 0) + 1
                    good = bool(after.score and after.score.value == 1) and all(
                        each.how is not How.HANDED_OVER for each in made
                    )
                    counts["done"] += good
                    if not good:
                        print(f"  {task.id}: {after.score} {after.episode.ending} {after.episode.answer}", flush=True)
                        print("   ", [str(each) for each in made if each.why], flush=True)
        print(
            f"{name}: {counts['done']} of {counts['tasks']} repeated without a model; steps: {hows}; {counts}",
            flush=True,
        )


if __name__ == "__main__":
    main()
