"""The suite `pizza`: what it draws is new to the model, and only who did the errand on the phone scores."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from actions.action import Action
from actions.control import Answer, Finish
from agent.episode import Ending
from devices.wrappers.settled import Settled
from tasks import suites, training_data
from tasks.harness.solution import SolutionPolicy
from tasks.suites.pizza import ERRANDS, KINDS, PEOPLE, PHONE, WORDS, End, Place, Town, drawn
from tasks.task import SuiteOptions, Task
from tests.tasks.test_suites import MODEL, Idle, played, solving

SEEDS = range(60)
LESSONS = (Path(training_data.__file__).parent / "phone.js").read_text(encoding="utf-8")
BY_SYLLABLES = re.compile(r"([bcdfghjklmnprstvwz][aeiou])+[bcdfghjklmnprstvwz]?", re.IGNORECASE)
"""The names that the lessons invent (`spoken` in phone.js)."""


@pytest.mark.parametrize("kind", ERRANDS)
def test_a_phone_is_its_seeds_and_its_errand_can_be_done_there(kind: str) -> None:
    assert [drawn(kind, seed)[0] for seed in SEEDS] == [drawn(kind, seed)[0] for seed in SEEDS]
    assert len({drawn(kind, seed)[0] for seed in SEEDS}) == len(SEEDS)
    for seed in SEEDS:
        town, errand = drawn(kind, seed)
        names = [place.name for place in town.places]
        assert not [name for name in names for other in names if name != other and name in other]
        assert len({place.km for place in town.places}) == len(names)
        listed = town.found(errand.query)
        assert (not listed) == (kind == "none"), errand
        if kind in ("stars", "far", "walk"):
            assert [place.name for place in listed] == [errand.query]
        if kind == "open":
            assert {place.open_at(town.time) for place in listed} == {True, False}
        if kind == "find":
            assert errand.goal == "find a pizza place"


def test_no_name_is_one_of_the_lessons() -> None:
    taught = {word for text in re.findall(r'"([A-Z][^"]*)"', LESSONS) for word in text.split()}
    assert {"Amber", "Alma", "Lindqvist", "Pizza"} <= taught, "the lists are written in another way now"
    own = {*WORDS, *PEOPLE}
    assert not own & taught
    assert not [word for word in own if BY_SYLLABLES.fullmatch(word)]
    assert not [word for word in WORDS for other in [*WORDS, *PEOPLE, *KINDS] if word != other and word in other]


NEAR = Place("p0", "The Acorn", "Pizza", "1 Stag Row", "10:00-14:00", 4.5, 0.4, 5, 5)
LATE = Place("p1", "Canyon Oven", "Pizza", "2 Stag Row", "18:00-24:00", 3.9, 1.2, 5, 5)
TOWN = Town((LATE, NEAR, Place("p2", "Zephyr", "Hotel", "3 Stag Row", "Open 24 hours", 4.1, 2.0, 5, 5)), "12:00")


def test_an_answer_counts_if_it_names_one_place_that_was_looked_up() -> None:
    end = End(TOWN, ["Pizza"], None, "It is the acorn, 0.4 km away.", False)
    assert end.answers(NEAR) and end.answers_number(0.4, NEAR)
    assert not end.answers(LATE) and not end._replace(searches=[]).answers(NEAR)
    assert not end._replace(searches=["hotel"]).answers_number(0.4, NEAR)
    assert not end._replace(answer="The Acorn or Canyon Oven").answers(NEAR)
    assert not end._replace(answer="4.5 stars, 0.4 km").answers_number(0.4, NEAR)
    assert not end._replace(answer="10.4 km").answers_number(0.4, NEAR)


def test_maps_rule_of_searching_and_opening_hours() -> None:
    assert TOWN.found("Pizzas near me") == [NEAR, LATE] and TOWN.found("stag hotel") == [TOWN.places[2]]
    assert [NEAR.open_at(time) for time in ("09:59", "10:00", "13:59", "14:00")] == [False, True, True, False]
    assert LATE.open_at("23:59") and TOWN.places[2].open_at("03:00")


def claiming(task: Task, environment: Settled) -> SolutionPolicy:
    """Goes the right way, and then claims what is not so."""
    said: Action = Answer(text="It is Zephyr Aquarium, 99 km away.")

    def way() -> Iterator[Action]:
        for move in task.solution(environment.inner):
            yield said if isinstance(move, Answer | Finish) else move

    return SolutionPolicy(MODEL, environment.action_space, way())


@pytest.mark.parametrize("kinds", [("find", "none"), pytest.param(tuple(ERRANDS), marks=pytest.mark.slow)])
@pytest.mark.usefixtures("adb_server")
def test_an_errand_is_done_by_its_solution_and_by_nothing_else(tmp_path: Path, kinds: tuple[str, ...]) -> None:
    with suites.open_suite("pizza", SuiteOptions(seed=7)) as suite:
        chosen = [task for task in suite if task.kind in kinds]
        solved = played(chosen, tmp_path / "solved", solving)
        idle = played(chosen, tmp_path / "idle", lambda task, environment: Idle())
        wrong = played([task for task in chosen if task.kind not in ("save", "walk")], tmp_path / "wrong", claiming)
    assert [(result.task, result.value) for result in solved] == [(f"{kind}-7", 1.0) for kind in kinds]
    assert solved[0].episode.steps[0].observation.screen == PHONE
    assert {(result.value, result.ending) for result in idle} == {(0.0, Ending.FINISHED)}
    assert {(result.value, result.ending) for result in wrong} == {(0.0, Ending.ANSWERED)}
