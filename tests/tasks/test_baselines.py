"""The floors draw only what the space allows, and draw the same again."""

from PIL import Image

from actions.action import Action, ActionSpace
from actions.control import CONTROL, Finish
from actions.geometry import Size
from actions.keyboard import KEYBOARD, Type
from actions.mouse import MOUSE, Click
from actions.phone import PHONE
from actions.touch import TOUCH
from actions.web import WEB
from devices import Observation
from tasks.harness.baselines import LEFT_OUT, IdlePolicy, RandomPolicy

SCREEN = Size(60, 40)
SEEN = Observation(Image.new("RGB", SCREEN), SCREEN)


def drawn(space: ActionSpace, seed: int, count: int = 300) -> list[Action]:
    policy = RandomPolicy(space, seed)
    actions = [policy.act("press okay now", (), SEEN).action for _ in range(count)]
    return [action for action in actions if action]


def test_every_random_action_is_of_the_space_and_on_the_screen() -> None:
    for space in (ActionSpace(MOUSE, KEYBOARD, WEB, CONTROL), ActionSpace(TOUCH, KEYBOARD, PHONE, CONTROL)):
        actions = drawn(space, 1)
        assert len(actions) == 300
        for action in actions:
            assert type(action) in space and type(action) not in LEFT_OUT
            for x, y in action.points().values():
                assert 0 <= x < SCREEN.width and 0 <= y < SCREEN.height
        assert {action.text for action in actions if isinstance(action, Type)} == {"press", "okay", "now"}


def test_all_of_the_screen_is_reached() -> None:
    points = {action.point for action in drawn(ActionSpace([Click]), 2, 5000) if isinstance(action, Click)}
    assert {point.x for point in points} == set(range(60)) and {point.y for point in points} == set(range(40))


def test_equal_seeds_draw_equally_and_others_otherwise() -> None:
    space = ActionSpace(MOUSE)
    assert drawn(space, 7) == drawn(space, 7) != drawn(space, 8)


def test_the_idle_policy_claims_to_be_done_at_once() -> None:
    assert isinstance(IdlePolicy().act("anything", (), SEEN).action, Finish)
