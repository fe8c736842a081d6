"""`GameTask` and the game of an environment: shared by tasks at a card table and in a room."""

from dataclasses import dataclass

from actions.errors import UsageError
from agent.episode import Episode
from devices import DeviceOptions, Environment
from devices.doubles.games.played import Game, Played
from tasks.task import Score, SeededTask


@dataclass(frozen=True)
class GameTask(SeededTask):
    """A game of one kind, dealt by its seed; it ends with the game, and is scored as won or not."""

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=f"{self.kind}/{self.seed}")

    def ended(self, environment: Environment) -> bool:
        return game_of(environment).over

    def score(self, environment: Environment, episode: Episode) -> Score:
        game = game_of(environment)
        return Score(float(game.won), "won" if game.won else "lost or drawn" if game.over else "not played to its end")


def game_of(environment: Environment) -> Game:
    """The environment's game. Raises UsageError if there is none."""
    if not isinstance(environment, Played):
        raise UsageError(f"This task is a game, and {type(environment).__name__} is not one.")
    return environment.game
