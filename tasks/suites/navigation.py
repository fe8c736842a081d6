"""Navigation in a room seen from above, by walking and turning, with and without walls.

The published navigation benchmarks cannot be used here. ALFRED needs AI2-THOR, whose Unity build is downloaded at run
time and requires a GPU's display; R2R and REVERIE need Matterport3D's panoramas, which require a signed licence. An
adapter for one of them would be a module in devices/ like gridworld.py, with its moves as actions and the simulator's
picture as the observation, and a suite whose score has the success rate and ALFRED's fraction of goal conditions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from actions.action import Action
from agent.loop import Limits
from devices import Environment
from devices.doubles.games.rooms import Forward, Room, TurnLeft, TurnRight
from tasks.task import Suite, SuiteOptions
from tasks.worlds.games import GameTask, game_of

ROOMS = 10
MOVES: dict[str, Action] = {"forward": Forward(), "left": TurnLeft(), "right": TurnRight()}


@dataclass(frozen=True)
class WalkTask(GameTask):
    """One room."""

    device = "gridworld"
    limits = Limits(steps=40, seconds=300)

    def setup(self, environment: Environment) -> str:
        environment.reset()
        return "You are the blue arrow, and look where it points. Walk to the green cell; grey cells are walls."

    def solution(self, environment: Environment) -> Iterator[Action]:
        room = game_of(environment)
        assert isinstance(room, Room), room
        yield from (MOVES[move] for move in room.way() or ())


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """Ten rooms of each kind, or as many as requested."""
    yield [WalkTask(kind, seed) for seed in options.seeds(ROOMS) for kind in ("open", "walls")]
