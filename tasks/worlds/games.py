"""`GameTask` and the game of an environment: what the tasks share that are played at a table or in a room."""

from dataclasses import dataclass

from actions.errors import UsageError
from agent.episode import Episode
from devices import DeviceOptions, Environment
from devices.doubles.games.played import Game, Played
from tasks.task import Score, SeededTask


@dataclass(frozen=True)
class GameTask(SeededTask):
    """A game of one kind whose seed deals it; it is over when the game is, and won or not."""

    @property
    def options(self) -> DeviceOptions:
        return DeviceOptions(address=f"{self.kind}/{self.seed}")

    def ended(self, environment: Environment) -> bool:
        return game_of(environment).over

    def score(self, environment: Environment, episode: Episode) -> Score:
        game = game_of(environment)
        return Score(float(game.won), "won" if game.won else "lost or drawn" if game.over else "not played to its end")


def game_of(environment: Environment) -> Game:
    """The game that is played. Raises UsageError where none is."""
    if not isinstance(environment, Played):
        raise UsageError(f"This task is a game, and {type(environment).__name__} is none.")
    return environment.game
