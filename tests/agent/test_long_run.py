"""A long run stays flat: pictures that left the prompt leave memory, and a step's prompt costs what it adds."""

import gc
import itertools
from pathlib import Path

from PIL import Image

from agent.episode import Step
from agent.policy import ModelPolicy
from agent.record import read_episode
from agent.replay import first_difference
from model import profile
from model.engines.scripted import ScriptedEngine
from tests.fakes.long_run import Counting, long_run
from tests.fakes.pictures import PictureRow

STEPS = 120
MODEL = profile.adjusted(profile.load("qwen2.5-vl-7b"), notation="function_args", context=6_000)
"""Room for a dozen pictures of 640x400, so that most of them and many rounds leave the prompt."""


def pictures_in_memory() -> int:
    gc.collect()
    return sum(issubclass(type(each), Image.Image) and each.size == (640, 400) for each in gc.get_objects())


def test_only_the_pictures_in_the_prompt_stay_in_memory_and_a_step_counts_what_it_adds(tmp_path: Path) -> None:
    held: list[int] = []
    counted: list[int] = []

    def on_step(step: Step, engine: Counting) -> None:
        counted.append(engine.counted)
        if step.index % 20 == 19:
            held.append(pictures_in_memory())

    before = pictures_in_memory()
    episode = long_run(tmp_path / "run", MODEL, STEPS, on_step)
    assert max(held) - before <= 40, held
    assert held[-1] <= held[0] + 10, held
    per_step = [after - earlier for earlier, after in itertools.pairwise(counted)]
    assert sum(per_step[-40:]) <= 1.5 * sum(per_step[40:80]), per_step
    assert episode.steps[0].observation.image.size == (640, 400), "it is read from its file again"
    assert episode.steps[3].observation.image.tobytes() != episode.steps[4].observation.image.tobytes()


def test_what_was_left_to_its_file_is_what_was_seen_and_is_decided_alike(tmp_path: Path) -> None:
    episode = long_run(tmp_path / "run", MODEL, 40, lambda step, engine: None)
    back = read_episode(tmp_path / "run")
    assert back == episode
    engine = ScriptedEngine((step.turn.text for step in back.steps), MODEL)
    assert first_difference(back, ModelPolicy(MODEL, engine, PictureRow().action_space)) is None


def test_a_prompt_is_the_same_whether_the_past_came_step_by_step_or_at_once(tmp_path: Path) -> None:
    steps = long_run(tmp_path / "run", MODEL, 60, lambda step, engine: None).steps
    space = PictureRow().action_space
    following = ModelPolicy(MODEL, ScriptedEngine([], MODEL), space)
    for now in range(len(steps)):
        grown = following.prompt("Tap on", steps[:now], steps[now].observation)
        if now % 10 == 9:
            whole = ModelPolicy(MODEL, ScriptedEngine([], MODEL), space)
            at_once = whole.prompt("Tap on", steps[:now], steps[now].observation)
            assert [segment for segment in grown.chatml() if not hasattr(segment, "image")] == [
                segment for segment in at_once.chatml() if not hasattr(segment, "image")
            ]
            assert [picture.digest for picture in grown.pictures] == [picture.digest for picture in at_once.pictures]
