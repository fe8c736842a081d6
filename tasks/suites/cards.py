"""Four card games: number-line, ezpoint, point24 and blackjack, after RL4VLM's gym-cards; a seed deals the cards.

Not everything can be won: 73.1 % of all Point24 deals have a solution, and basic strategy wins about 43 % of Blackjack
games. Compare scores with that. The solutions play optimally: exact formulas, basic strategy.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actions.action import Action
from actions.control import Finish
from agent.loop import Limits
from devices import Environment
from devices.doubles.games.blackjack import Blackjack, Hit, Stand, basic_strategy
from devices.doubles.games.number_line import Decrease, Increase, NumberLine
from devices.doubles.games.points import EZPoint, Point24, Write, WriteSimple
from tasks.task import Suite, SuiteOptions
from tasks.worlds.games import GameTask, game_of

DEALS = 10
FORMULA = (
    "Write a formula with the cards, one symbol at a time, that is worth {}. Use every card exactly once. An ace "
    "counts 1, and J, Q and K count 10. You may {}. Write = to end it."
)
HOW_TO_PLAY = {
    "number-line": "Bring the current number to the target.",
    "ezpoint": FORMULA.format(12, "add and multiply"),
    "point24": FORMULA.format(24, "add, subtract, multiply, divide and use parentheses"),
    "blackjack": (
        "Win the game of blackjack: come nearer to 21 than the dealer without exceeding it. An ace counts 1 or 11, and "
        "J, Q and K count 10. The dealer draws below 17."
    ),
}


@dataclass(frozen=True)
class CardTask(GameTask):
    """One deal of one game."""

    device = "cards"

    @property
    def limits(self) -> Limits:
        return Limits(steps=10 if self.kind == "number-line" else 24, seconds=300)

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return HOW_TO_PLAY[self.kind]

    def solution(self, environment: Environment) -> Iterator[Action]:
        match game_of(environment):
            case NumberLine() as line:
                while not line.won:
                    yield Increase() if line.current < line.target else Decrease()
            case Blackjack() as blackjack:
                while not blackjack.over:
                    yield Hit() if basic_strategy(blackjack.player, blackjack.dealer[0]) else Stand()
            case EZPoint() | Point24() as points:
                formula = points.solution()
                if formula is None:
                    yield Finish(status="failure", text="No formula is worth 24.")
                write = WriteSimple if isinstance(points, EZPoint) else Write
                for symbol in (*(formula or ()), "="):
                    yield write.model_validate({"symbol": symbol})


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Ten deals of each game, or as many as requested."""
    yield [CardTask(kind, seed) for seed in options.seeds(DEALS) for kind in HOW_TO_PLAY]
