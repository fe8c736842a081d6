"""What a learned run compares before it presses, on a screen that describes its elements and shows nothing."""

from pathlib import Path

import pytest
from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.geometry import Box, Point, Size
from actions.mouse import MOUSE, Click
from devices import Closing, Observation
from devices.rules.places import Detail, Place
from tasks.learned.file import LearnedRun
from tasks.learned.finding import Finder, Found, NotFound, thing_of
from tasks.learned.schema import LearnedFile, LearnedStep, Target

SCREEN = Size(400, 300)
PICTURE = Path("it/0.png")
SAVE = Place(role="button", name="Save", near="Name", headings="Profile", state="", box=Box(100, 100, 200, 140))
CLICK = Click(point=Point(150, 120))


class Form(Closing):
    """A screen with elements, which can be searched; it keeps how much detail it was asked for."""

    action_space = ActionSpace(MOUSE)

    def __init__(self, *places: Place) -> None:
        self._places = places
        self.asked: list[Detail] = []

    def reset(self) -> None: ...

    def observe(self) -> Observation:
        return Observation(Image.new("RGB", SCREEN, "white"), SCREEN)

    def perform(self, action: Action) -> Outcome:
        return Outcome("done")

    def touches(self, action: Action, detail: Detail) -> tuple[Place, ...]:
        self.asked.append(detail)
        (point,) = action.points().values()
        return (next((place for place in self._places if place.box and place.box.holds(point)), Place()),)

    def named(self, role: str, name: str) -> tuple[Place, ...]:
        return tuple(place for place in self._places if (place.role, place.name) == (role, name))


def found(form: Form, learned: Place = SAVE, namesakes: int = 1) -> Found:
    """Where the target of a click is now that was learned at this place, among so many with its words."""
    target = Target(
        **thing_of(learned).model_dump(), picture=PICTURE, box=Box(0, 0, 100, 40), at=Point(50, 20), namesakes=namesakes
    )
    step = LearnedStep(action="Click", arguments={"point": CLICK.point}, targets={"point": target})
    content = LearnedFile(instruction="Save.", device="browser", screen=SCREEN, density=1, steps=(step,))
    run = LearnedRun(Path("it.toml"), content, {PICTURE: Image.new("RGB", (100, 40), "white")}, {})
    return Finder(run, form).find(CLICK, "point", target, form.observe())


def test_the_only_element_with_the_same_words_is_found_wherever_it_is() -> None:
    form = Form(SAVE._replace(box=Box(200, 200, 400, 280)))
    assert found(form) == (Point(300, 240), True) and form.asked == [Detail.COMPARED]


@pytest.mark.parametrize(
    "other",
    [
        SAVE._replace(name="Save as"),
        SAVE._replace(near="Surname"),
        SAVE._replace(headings="Payment | Profile"),
        SAVE._replace(state="disabled"),
        SAVE._replace(app="org.example"),
    ],
    ids=["name", "near", "headings", "state", "app"],
)
def test_what_differs_in_anything_that_is_compared_is_not_the_target(other: Place) -> None:
    with pytest.raises(NotFound):
        found(Form(other._replace(box=Box(0, 0, 400, 300))))


def test_an_element_under_the_same_headings_is_told_from_its_look_alikes() -> None:
    other = SAVE._replace(headings="Payment", box=Box(0, 0, 100, 40))
    assert found(Form(other, SAVE)) == (CLICK.point, False)


def test_where_more_have_its_words_than_before_it_is_not_found_though_it_looks_the_same_there() -> None:
    form = Form(SAVE, SAVE._replace(box=Box(100, 200, 200, 240)))
    with pytest.raises(NotFound, match="There are 2 of the button 'Save'"):
        found(form)
    assert found(form, namesakes=2) == (CLICK.point, False)


def test_what_an_older_file_does_not_say_is_not_compared() -> None:
    target = Target(role="button", name="Save", near="Name", picture=PICTURE, box=Box(0, 0, 9, 9), at=Point(4, 4))
    assert target.is_at(SAVE._replace(headings="Payment", state="disabled"))
    assert not target.is_at(SAVE._replace(near="Surname"))
