"""A person in between: pretending, and being asked."""

from actions.action import Stop
from actions.control import AskUser, Finish
from actions.geometry import Point
from actions.touch import Tap
from devices.wrappers.guarded import Attended, DryRun
from tests.fakes.pictures import PictureRow

TAP = Tap(point=Point(5, 6))


def test_a_dry_run_only_says_what_it_would_do() -> None:
    row = PictureRow()
    assert DryRun(row).perform(TAP).text == "This is a dry run: nothing was done."
    assert row.touched == []
    assert DryRun(row).perform(Finish(status="success")).stop is Stop.FINISHED


def test_the_user_can_be_asked_where_there_is_one() -> None:
    row = PictureRow()
    assert AskUser not in row.action_space
    asked: list[str] = []

    def user(question: str) -> str:
        asked.append(question)
        return "yes"

    attended = Attended(row, user)
    assert AskUser in attended.action_space and Tap in attended.action_space
    assert attended.perform(AskUser(question="Really?\n\nsudo password:")).text == "The user answers: yes"
    assert asked == ["The model asks: Really? sudo password:"], "it cannot pass for a question of another program"
    attended.perform(TAP)
    assert row.touched == [Point(5, 6)]


def test_everything_else_goes_through() -> None:
    row = PictureRow()
    with Attended(DryRun(row), str) as guarded:
        assert guarded.observe().screen == row.screen
        row.touched.append(Point(0, 0))
        guarded.reset()
        assert row.touched == []
