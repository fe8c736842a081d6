"""`Played`: the environment around a `Game`, whose actions are moves by name, mostly each a `Move`."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar, Protocol

from PIL import Image

from actions.action import Action, ActionSpace, Outcome
from actions.control import CONTROL
from actions.errors import ActionRefused, UsageError
from actions.geometry import Size
from devices import Closing, Observation


class Table(Protocol):
    """Where a game is played."""

    def play(self, move: str) -> Outcome:
        """Makes a move of the game. Raises ActionRefused if the rules do not allow it now."""
        ...


class Move(Action):
    """A move that needs no arguments: `move` is the game's name for it."""

    move: ClassVar[str]

    def apply(self, device: Table) -> Outcome:
        return device.play(self.move)


class Game(Protocol):
    """One game, from deal to end."""

    @property
    def actions(self) -> tuple[type[Action], ...]:
        """The moves, as actions on a `Table`."""
        ...

    @property
    def over(self) -> bool: ...

    @property
    def won(self) -> bool: ...

    def picture(self) -> Image.Image:
        """The table as an RGB picture."""
        ...

    def text(self) -> str:
        """Facts that the picture does not show; usually empty."""
        ...

    def play(self, move: str) -> Outcome:
        """Makes a move. The last move of the game stops the episode. Raises ActionRefused, with nothing changed."""
        ...


class Played(Closing):
    """An environment for one game; `reset` starts the same game again."""

    def __init__(self, begin: Callable[[], Game]) -> None:
        self._begin = begin
        self.game = begin()
        self.action_space = ActionSpace(self.game.actions, CONTROL)

    def reset(self) -> None:
        self._open()
        self.game = self._begin()

    def observe(self) -> Observation:
        game = self._open()
        image = game.picture()
        return Observation(image, Size(*image.size), game.text())

    def perform(self, action: Action) -> Outcome:
        self._open()
        return action.apply(self)

    def play(self, move: str) -> Outcome:
        if self.game.over:
            raise ActionRefused("The game is over. Nothing was done.")
        return self.game.play(move)

    def _open(self) -> Game:
        self.require_open()
        return self.game


def open_game(address: str, games: Mapping[str, Callable[[int], Game]]) -> Played:
    """The game of an address, and its seed (default 0).

    Raises:
        UsageError: there is no such game, or the seed is not a whole number.
    """
    name, _, seed = address.partition("/")
    if name not in games or not (seed or "0").isdecimal():
        raise UsageError(f"There is no game {address!r}. Write KIND/SEED; the kinds are: {', '.join(games)}.")
    return Played(partial(games[name], int(seed or 0)))
