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
        """Makes a move of the game. Raises ActionRefused where the rules do not allow it now."""
        ...


class Move(Action):
    """A move that needs no arguments: `move` is what the game calls it."""

    move: ClassVar[str]

    def apply(self, device: Table) -> Outcome:
        return device.play(self.move)


class Game(Protocol):
    """One game from its deal to its end."""

    @property
    def actions(self) -> tuple[type[Action], ...]:
        """The moves there are, as actions that play on a `Table`."""
        ...

    @property
    def over(self) -> bool: ...

    @property
    def won(self) -> bool: ...

    def picture(self) -> Image.Image:
        """What is on the table, as an RGB picture."""
        ...

    def told(self) -> str:
        """What the picture does not say; mostly nothing."""
        ...

    def play(self, move: str) -> Outcome:
        """Makes a move. The move that ends the game stops the episode. Raises ActionRefused; then nothing changed."""
        ...


class Played(Closing):
    """An environment in which one game is played; reset begins the same game again."""

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
        return Observation(image, Size(*image.size), game.told())

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
    """The game that an address names, with its seed, 0 where it has none.

    Raises:
        UsageError: there is no such game, or the seed is no whole number.
    """
    name, _, seed = address.partition("/")
    if name not in games or not (seed or "0").isdecimal():
        raise UsageError(f"There is no game {address!r}. Write KIND/SEED; the kinds are: {', '.join(games)}.")
    return Played(partial(games[name], int(seed or 0)))
