"""A Gymnasium environment as a device: pictures, numbered actions, rewards, endings, and what does not fit."""

import pytest

import devices
from actions.action import Stop
from actions.errors import ActionRefused, UsageError
from devices import DeviceOptions
from devices.gym import Gym, Step
from tests.devices.games.counter import COUNTER, SMOOTH


def opened(address: str) -> Gym:
    environment = devices.connect("gym", DeviceOptions(address=address))
    assert isinstance(environment, Gym)
    return environment


def test_numbered_actions_count_from_zero_wherever_the_environment_begins_to_count() -> None:
    with opened(f"{COUNTER}/4") as gym:
        assert gym.observe().text == "The actions are 0 to 2. The observation is 0."
        assert gym.perform(Step(action=2)).text == "The reward was 1, 1 in all."
        assert gym.observe().text.endswith("The observation is 1.")
        gym.perform(Step(action=0))
        assert gym.observe().text.endswith("The observation is 0.")


def test_the_end_stops_the_episode_and_reset_begins_anew() -> None:
    with opened(COUNTER) as gym:
        stops = [gym.perform(Step(action=2)).stop for _ in range(3)]
        assert stops == [None, None, Stop.FINISHED] and gym.reward == 3
        with pytest.raises(ActionRefused, match="over"):
            gym.perform(Step(action=2))
        gym.reset()
        assert gym.reward == 0 and gym.perform(Step(action=2)).stop is None


def test_truncation_ends_the_episode_too() -> None:
    with opened(COUNTER) as gym:
        stops = [gym.perform(Step(action=1)).stop for _ in range(10)]
        assert stops == [None] * 9 + [Stop.FINISHED] and gym.reward == 0


def test_the_picture_is_what_the_environment_renders() -> None:
    with opened(COUNTER) as gym:
        gym.perform(Step(action=2))
        seen = gym.observe()
        assert seen.screen == (60, 40)
        assert seen.image.getpixel((10, 20)) == (0, 0, 0) and seen.image.getpixel((30, 20)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("address", "said"),
    [("Nonsense-v0", "Nonsense"), (SMOOTH, "discrete"), (None, "--address"), ("", "--address")],
)
def test_what_does_not_fit_is_refused_with_a_reason(address: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        devices.connect("gym", DeviceOptions(address=address))
