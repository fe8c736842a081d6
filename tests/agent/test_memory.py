"""What is left out of the prompt, and when."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.errors import ContextOverflow
from agent.memory import LAST_ROUNDS, LOW_MARK, Kept, choose


def line(count: int) -> int:
    return 40 if count else 0


def prompt_size(kept: Kept, base: int, rounds: list[int], pictures: list[int]) -> int:
    return base + line(kept.first_round) + sum(rounds[kept.first_round :]) + sum(pictures[kept.first_picture :])


@given(
    st.integers(10, 1000),
    st.lists(st.tuples(st.integers(1, 300), st.integers(1, 1500)), max_size=60),
    st.integers(3000, 8000),
)
def test_the_prompt_never_exceeds_the_room_and_the_least_always_stays(
    base: int, costs: list[tuple[int, int]], room: int
) -> None:
    rounds, pictures = [text for text, _ in costs], [700, *(picture for _, picture in costs)]
    kept = choose(base, rounds, pictures, line, room)
    assert prompt_size(kept, base, rounds, pictures) <= room
    assert kept.first_picture <= len(pictures) - 1
    last = Kept(max(0, len(rounds) - LAST_ROUNDS), len(pictures) - 1)
    assert kept.first_round <= last.first_round or prompt_size(last, base, rounds, pictures) > room


@given(st.integers(1, 200))
def test_nothing_is_left_out_while_everything_fits(count: int) -> None:
    assert choose(100, [10] * count, [50] * (count + 1), line, 100 + 60 * count + 50) == Kept(0, 0)


def test_what_is_kept_only_ever_moves_forward_and_in_blocks() -> None:
    rounds, pictures = [80] * 200, [1300] * 201
    kept = [choose(700, rounds[:now], pictures[: now + 1], line, 32_000 - 500) for now in range(200)]
    assert all(a.first_picture <= b.first_picture and a.first_round <= b.first_round for a, b in pairwise(kept))
    changes = sum(a != b for a, b in pairwise(kept))
    assert changes <= 25, "a prompt that changes its start at every step defeats an engine's prefix cache"


def test_screenshots_go_before_rounds_and_both_down_to_the_low_mark() -> None:
    kept = choose(500, [100] * 20, [1000] * 21, line, 10_000)
    assert kept.first_round == 0 and kept.first_picture > 10
    kept = choose(500, [100] * 300, [10] * 301, line, 10_000)
    assert kept.first_round > 0
    assert prompt_size(kept, 500, [100] * 300, [10] * 301) <= 10_000


def test_what_cannot_be_made_to_fit_is_an_overflow_that_names_the_remedy() -> None:
    with pytest.raises(ContextOverflow, match="--context"):
        choose(500, [100, 100], [5000, 5000, 9800], line, 10_000)
    assert 0 < LOW_MARK < 1
