"""The system texts, word for word, so that an edit of a docstring shows as a change of a prompt.

After a change that is meant, `python -m tests.prompts.test_goldens` writes the files anew.
"""

import itertools
from pathlib import Path

import pytest

from actions.action import ActionSpace
from actions.control import CONTROL
from actions.geometry import Size
from agent.layouts import Whole
from devices.functions import FUNCTIONS
from devices.still import POINTING
from prompts import notations
from tests.prompts.reading_of import SPACES

FOLDER = Path(__file__).parent.parent / "golden" / "prompts"
ALL = SPACES | {"still": ActionSpace(POINTING, CONTROL), "functions": ActionSpace(FUNCTIONS, CONTROL)}
FRAMES = {
    "still": Size(1876, 1036),
    "functions": Size(448, 504),
    "browser": Size(1288, 812),
    "desktop": Size(1876, 1036),
    "phone": Size(924, 2100),
}
REVIEWED = [(space, name) for space in ALL for name in notations.names() if (FOLDER / f"{space}-{name}.txt").is_file()]
"""A new notation joins when its files are written and reviewed; so does a new action."""


def system(space: str, name: str, actions: ActionSpace) -> str:
    return Whole.system(notations.load(name, actions), FRAMES[space]) + "\n"


def golden(space: str, name: str) -> Path:
    return FOLDER / f"{space}-{name}.txt"


@pytest.mark.parametrize(("space", "name"), REVIEWED)
def test_the_system_text_is_the_reviewed_one(space: str, name: str) -> None:
    reviewed = golden(space, name).read_text(encoding="utf-8")
    known = golden(space, "function_args").read_text(encoding="utf-8")
    actions = ActionSpace([kind for kind in ALL[space].actions if f"### {kind.__name__}\n" in known])
    assert system(space, name, actions) == reviewed, "if this is meant, run: python -m tests.prompts.test_goldens"


def main() -> None:
    """Writes the files anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for space, name in itertools.product(ALL, notations.names()):
        golden(space, name).write_text(system(space, name, ALL[space]), encoding="utf-8")


if __name__ == "__main__":
    main()
