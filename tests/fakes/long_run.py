"""A long episode without hardware, recorded as every run is, to see what it holds in memory and what it counts."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

from actions.errors import EpisodeFailure
from actions.geometry import Size
from agent.episode import Episode, Step
from agent.loop import Limits, run_episode
from agent.policy import ModelPolicy
from agent.record import Recorder
from agent.run_info import describe_run
from devices import Observation
from model.engines.scripted import ScriptedEngine
from model.profile import Profile
from tests.fakes.pictures import PictureRow

REPLY = 'The next one is {}.\n*FUNCTION*: Tap\n*ARGS*: {{"point": [20, {}]}}'


class Numbered(PictureRow):
    """A picture row whose every picture is another one, with its number on it."""

    def observe(self) -> Observation:
        seen = super().observe()
        image = Image.new("RGB", self.screen, seen.image.getpixel((0, 0)))
        ImageDraw.Draw(image).text((20, 20), f"picture {len(self.touched)}", fill="white")
        return Observation(image, self.screen)


class Counting(ScriptedEngine):
    """A scripted engine that counts the texts that it is asked to count the tokens of."""

    counted = 0

    def count_tokens(self, text: str) -> int:
        self.counted += 1
        return super().count_tokens(text)


def long_run(
    folder: Path, profile: Profile, steps: int, on_step: Callable[[Step, Counting], None], screen: Size = Size(640, 400)
) -> Episode:
    """Runs that many steps; `on_step` is called after each is on record."""
    engine = Counting((REPLY.format(index, index % 300) for index in range(steps)), profile)
    limits = Limits(steps, 86_400)
    with Numbered(screen) as row:
        about = describe_run("Tap on", "still", None, "scripted", profile, row.action_space, limits)
        with Recorder(folder, about) as recorder:

            def recorded(step: Step) -> None:
                recorder.on_step(step)
                on_step(step, engine)

            policy = recorder.noting(ModelPolicy(profile, engine, row.action_space))
            episode = run_episode(row, policy, "Tap on", limits, recorded)
            recorder.finish(episode)
    if len(episode.steps) < steps:
        raise EpisodeFailure(episode.answer)
    return episode
