"""The game of an environment, for the tasks that set up, score and solve on its state."""

from actions.errors import UsageError
from devices import Environment
from devices.games.played import Game, Played
from tasks.task import Score


def game_of(environment: Environment) -> Game:
    """The game that is played. Raises UsageError where none is."""
    if not isinstance(environment, Played):
        raise UsageError(f"This task is a game, and {type(environment).__name__} is none.")
    return environment.game


def won_or_lost(game: Game) -> Score:
    """Full for a game that is won."""
    return Score(float(game.won), "won" if game.won else "lost or drawn" if game.over else "not played to its end")
