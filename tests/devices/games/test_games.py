"""The games keep to their rules, and their solvers reach what can be reached."""

import itertools
from collections import Counter
from fractions import Fraction
from math import factorial, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

import devices
from actions.action import Stop
from actions.errors import ActionRefused, UsageError
from devices import DeviceOptions
from devices.cards import GAMES
from devices.doubles.games.arithmetic import solve, worth
from devices.doubles.games.blackjack import Blackjack, basic_strategy, is_soft, points
from devices.doubles.games.number_line import NumberLine
from devices.doubles.games.pictures import RANKS, Card
from devices.doubles.games.points import LONGEST, EZPoint, Point24
from devices.doubles.games.rooms import Room

VALUES = [Card(rank, "spades").value for rank in RANKS]


def cards(*ranks: str) -> list[Card]:
    return [Card(rank, "hearts") for rank in ranks]


def test_of_all_point24_deals_as_many_can_be_solved_as_is_known() -> None:
    """73.1 %, by going through all 13^4 deals, equal ones once."""
    often = Counter(VALUES)
    solvable = 0
    for deal in itertools.combinations_with_replacement(sorted(often), 4):
        if solve(deal, 24, "+-*/"):
            orders = factorial(4) // prod(map(factorial, Counter(deal).values()))
            solvable += orders * prod(often[value] for value in deal)
    assert solvable / 13**4 == pytest.approx(0.731, abs=0.0005)


def test_basic_strategy_wins_as_often_as_is_known_and_oftener_than_always_standing() -> None:
    def wins(hits: bool, deals: int = 20_000) -> float:
        won = 0
        for seed in range(deals):
            game = Blackjack(seed)
            while not game.over:
                game.play("hit" if hits and basic_strategy(game.player, game.dealer[0]) else "stand")
            won += game.won
        return won / deals

    assert wins(hits=True) == pytest.approx(0.431, abs=0.01)
    assert wins(hits=False) == pytest.approx(0.382, abs=0.01)


@given(st.lists(st.sampled_from(VALUES), min_size=2, max_size=3), st.sampled_from([10, 12, 24]))
def test_a_solution_is_worth_the_target_and_uses_every_number_once(numbers: list[int], target: int) -> None:
    formula = solve(numbers, target, "+-*/")
    if formula:
        assert worth(formula) == target
        assert sorted(int(symbol) for symbol in formula if symbol.isdigit()) == sorted(numbers)


def test_formulas_are_exact_and_nothing_else_is_evaluated() -> None:
    assert worth(("8", "/", "(", "3", "-", "8", "/", "3", ")")) == 24
    assert worth(("1", "/", "3")) == Fraction(1, 3)
    for bad in (("1", "2"), ("3", "/", "0"), ("+",), (), ("abs", "(", "3", ")"), ("2", "**", "9"), ("(", "3")):
        with pytest.raises(ValueError):
            worth(bad)


@pytest.mark.parametrize("seed", range(30))
def test_every_ezpoint_deal_is_solved_by_its_solution(seed: int) -> None:
    game = EZPoint(seed)
    for symbol in (*(game.solution() or ()), "="):
        assert not game.over
        game.play(symbol)
    assert game.over and game.won


def test_a_formula_uses_the_cards_once_and_all_of_them() -> None:
    game = Point24(0)
    values = [str(card.value) for card in game.cards]
    absent = next(str(number) for number in range(1, 11) if str(number) not in values)
    with pytest.raises(ActionRefused, match=f"No unused card is worth {absent}"):
        game.play(absent)
    for value in values:
        game.play(value)
    with pytest.raises(ActionRefused, match="left are: none"):
        game.play(values[0])
    while len(game.formula) < LONGEST:
        game.play("(")
    with pytest.raises(ActionRefused, match="at most"):
        game.play("+")
    assert game.play("=").stop is Stop.FINISHED and game.over and not game.won


def test_leaving_a_card_out_loses() -> None:
    game = next(game for game in map(EZPoint, range(99)) if {card.value for card in game.cards} == {10, 2})
    for symbol in ("10", "="):
        outcome = game.play(symbol)
    assert "does not use every card" in outcome.text and not game.won


def test_an_ace_counts_eleven_where_it_may() -> None:
    assert points(cards("A", "K")) == 21 and is_soft(cards("A", "K"))
    assert points(cards("A", "K", "5")) == 16 and not is_soft(cards("A", "K", "5"))
    assert points(cards("A", "A", "9")) == 21 and points(cards("7", "8", "K")) == 25


def test_standing_lets_the_dealer_draw_to_seventeen() -> None:
    for seed in range(200):
        game = Blackjack(seed)
        game.play("stand")
        own, other = points(game.player), points(game.dealer)
        assert other >= 17 and game.over and game.won == (own > other or other > 21)


def test_the_number_line_ends_at_the_target_and_has_ends_itself() -> None:
    for seed in range(20):
        line = NumberLine(seed)
        assert line.current != line.target
        toward = "+" if line.target > line.current else "-"
        stops = [line.play(toward).stop for _ in range(abs(line.target - line.current))]
        assert stops[-1] is Stop.FINISHED and line.won and not any(stops[:-1])
    line = next(line for line in map(NumberLine, range(99)) if line.current == 0)
    with pytest.raises(ActionRefused, match="within 0 and 5"):
        line.play("-")


@pytest.mark.parametrize("walls", [0, 12])
def test_the_goal_of_every_room_can_be_reached_on_its_way(walls: int) -> None:
    for seed in range(40):
        room = Room(seed, walls)
        way = room.way()
        assert way and len(room.walls) == walls
        stops = [room.play(move).stop for move in way]
        assert stops[-1] is Stop.FINISHED and room.won and not any(stops[:-1])


def test_a_wall_stops_and_the_picture_shows_every_move() -> None:
    room = Room(3, 12)
    seen = {room.picture().tobytes()}
    for move in ("left", "left", "left"):
        room.play(move)
        seen.add(room.picture().tobytes())
    assert len(seen) == 4
    with pytest.raises(ActionRefused, match="wall"):
        for _ in range(9):
            room.play("forward")


@pytest.mark.parametrize("name", GAMES)
def test_a_seed_deals_the_same_again_and_seeds_differ(name: str) -> None:
    def pictures() -> list[bytes]:
        return [GAMES[name](seed).picture().tobytes() for seed in range(12)]

    assert pictures() == pictures() and len(set(pictures())) > 6


@pytest.mark.parametrize(
    ("device", "address"),
    [("cards", "bridge"), ("cards", "blackjack/x"), ("gridworld", "maze"), ("gridworld", "open/-1")],
)
def test_an_unknown_game_is_answered_with_those_there_are(device: str, address: str) -> None:
    with pytest.raises(UsageError, match="are: "):
        devices.connect(device, DeviceOptions(address=address))
