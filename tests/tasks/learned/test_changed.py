"""What was learned is played on changed pages: it is done or handed over, and nothing else is ever clicked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

import devices
from actions.action import Action
from actions.control import Finish
from actions.geometry import Point, Size
from actions.mouse import Click
from actions.secrets import Secrets
from actions.web import Goto
from agent.episode import Ending, Episode, Step, Turn
from agent.loop import Limits, Policy, run_episode
from agent.policy import ModelPolicy
from devices import DeviceOptions, Environment, Observation
from devices.browser import shared_chromium
from devices.wrappers.settled import Settled
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.learned.file import path_of, read_learned, write_learned
from tasks.learned.learning import About, Learning
from tasks.learned.playing import Playing
from tasks.worlds.pages import evaluate
from tests.devices.browser.at import Site
from tests.tasks.learned.changed import Case, Scene, cases

PROFILE = profile.load("qwen2.5-vl-7b")
MIDDLE = (
    "(b => [b.x + b.width / 2, b.y + b.height / 2])"
    "(document.querySelector('[data-mark=target]').getBoundingClientRect())"
)
FEW = 12
MANY = 100


class World:
    """The pages, and a browser for each size of the screen."""

    def __init__(self, site: Site, stack: ExitStack) -> None:
        self._site = site
        self._stack = stack
        self._browsers: dict[Size, Environment] = {}

    def opened(self, scene: Scene) -> Environment:
        """A browser that shows this scene."""
        address = self._site.add("/page", scene.html())
        if scene.size not in self._browsers:
            options = DeviceOptions(address=address, headless=True, viewport=scene.size)
            self._browsers[scene.size] = self._stack.enter_context(devices.connect("browser", options))
        device = self._browsers[scene.size]
        device.perform(Goto(url=address))
        return device

    def learn(self, scene: Scene, folder: Path) -> None:
        """Clicks the target, and keeps that as a learned run."""
        device = self.opened(scene)
        clicked = Clicks(Point(*map(round, evaluate(device, MIDDLE))))
        learning = Learning(clicked, device)
        episode = attempt(device, learning)
        assert pressed(device) == ["target"]
        write_learned(path_of("it", folder), *learning.learned(episode, "it", About("browser")), Secrets())

    def play(self, scene: Scene, folder: Path) -> tuple[Episode, list[str]]:
        """Repeats what was learned; the marks of what was pressed."""
        run = read_learned(path_of("it", folder), {}, Secrets())
        device = self.opened(scene)
        writer = ModelPolicy(PROFILE, ScriptedEngine((), PROFILE), device.action_space)
        return attempt(device, Playing(run, device, writer, None, waits=0)), pressed(device)


class Clicks:
    """A policy that clicks once."""

    def __init__(self, point: Point) -> None:
        self._actions: tuple[Action, ...] = (Click(point=point), Finish(status="success"))

    def act(self, instruction: str, steps: Sequence[Step], observation: Observation) -> Turn:
        return Turn("", "", self._actions[len(steps)])


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with ExitStack() as stack:
        site = stack.enter_context(Site.served())
        stack.enter_context(shared_chromium.keeping())
        yield World(site, stack)


def attempt(device: Environment, policy: Policy) -> Episode:
    return run_episode(Settled(device), policy, "Press it.", Limits(steps=20), lambda step: None)


def pressed(device: Environment) -> list[str]:
    return list(evaluate(device, "window.pressed"))


def outcome(world: World, case: Case, folder: Path) -> str:
    """Whether a case was done or handed over. Fails if anything but the target was pressed."""
    world.learn(case.before, folder)
    episode, hits = world.play(case.after, folder)
    assert hits in ([], ["target"]), f"case {case.number}, {case.change} of {case.before.kind}: {hits}"
    if hits:
        return "done"
    assert episode.ending is Ending.GAVE_UP, f"case {case.number}: {episode.ending}"
    return "handed over"


def table(world: World, count: int, folder: Path) -> str:
    counts: Counter[tuple[str, str]] = Counter()
    for case in cases(count):
        counts[case.change, outcome(world, case, folder)] += 1
    kinds = dict.fromkeys(change for change, _ in counts)
    lines = [f"{kind}: {counts[kind, 'done']} done, {counts[kind, 'handed over']} handed over" for kind in kinds]
    return "\n".join(["", *lines, f"{counts.total()} cases, nothing else was pressed"])


def test_on_a_changed_page_the_target_is_pressed_or_nothing(world: World, tmp_path: Path) -> None:
    print(table(world, FEW, tmp_path))


@pytest.mark.slow
def test_on_a_hundred_changed_pages_nothing_but_the_target_is_pressed(world: World, tmp_path: Path) -> None:
    assert sum(case.lookalike for case in cases(MANY)) >= 20
    print(table(world, MANY, tmp_path))


def test_the_same_page_is_repeated(world: World, tmp_path: Path) -> None:
    scenes = {case.before.kind: case.before for case in cases(FEW)}
    assert set(scenes) == {"bar", "list", "form", "drawn"}
    for scene in scenes.values():
        world.learn(scene, tmp_path)
        assert world.play(scene, tmp_path)[1] == ["target"], scene.kind
