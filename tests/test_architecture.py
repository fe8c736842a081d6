"""The rooms import downwards only, and importing anything has no effect that a user could notice."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent

# What each room may import of ours. `devices` alone means the contract in devices/__init__.py.
ALLOWED = {
    "actions": {"actions"},
    "devices": {"actions", "devices"},
    "model": {"actions", "model"},
    "prompts": {"actions", "model", "prompts"},
    "agent": {"actions", "model", "prompts", "agent"},
    "tasks": {"actions", "model", "prompts", "agent", "devices", "tasks"},
}
ROOMS = tuple(ALLOWED)
APART = {"browsergym", "flash"}
"""Extras that `make` does not install together with the others."""

# The order inside tasks/: each line may import from the lines above it, and a folder from itself.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("task",),
    ("published", "options", "worlds", "loopback", "screens"),
    ("learned",),
    (
        "miniwob",
        "grounding",
        "functions",
        "osworld",
        "androidworld",
        "browsergym",
        "scripted",
        "injection",
        "runner",
        "approving",
    ),
    ("offline", "calibration", "composition"),
    ("suites", "session"),
    ("harness", "unpack"),
    ("training_data", "pytest_plugin", "live", "mcp_server"),
    ("single_run",),
)


def imported(path: Path) -> set[str]:
    """The modules of ours that a file imports, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative imports hide the arrows"
            found |= (
                {node.module} if node.module not in ROOMS else {f"{node.module}.{name.name}" for name in node.names}
            )
    return {module for module in found if module.split(".")[0] in ROOMS}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    for path in sources(room):
        for module in imported(path):
            contract = (
                room == "agent" and module.split(".")[0] == "devices" and not (ROOT / f"{as_path(module)}.py").exists()
            )
            assert contract or module.split(".")[0] in ALLOWED[room], f"{path.relative_to(ROOT)} imports {module}"


def test_nothing_in_tasks_imports_what_lies_above_it() -> None:
    height = {name: at for at, names in enumerate(LAYERS) for name in names}
    assert set(height) == {path.stem for path in (ROOT / "tasks").iterdir() if holds_code(path)}, (
        "every part has a layer"
    )
    for path in sources("tasks"):
        part = path.relative_to(ROOT / "tasks").with_suffix("").parts[0]
        for other in {module.split(".")[1] for module in imported(path) if module.startswith("tasks.")}:
            below = part == "__init__" or height[other] < height[part] or other == part
            assert below, f"{path.relative_to(ROOT)} imports tasks.{other}"


def test_the_picture_in_the_guide_shows_the_arrows_that_there_are() -> None:
    """CONTRIBUTING.md's picture: an arrow for each room that imports another, beside those through a third room."""
    guide = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = set(re.findall(r"^ +(\w+) --> (\w+)$", guide, re.MULTILINE))
    found = {
        (room, module.split(".")[0])
        for room in ROOMS
        for path in sources(room)
        for module in imported(path)
        if module.split(".")[0] != room
    }
    assert {arrow for arrow in found if not by_way_of_another(arrow, found)} | {("run_agent", "tasks")} == drawn


def by_way_of_another(arrow: tuple[str, str], arrows: set[tuple[str, str]]) -> bool:
    start, end = arrow
    return any((start, way) in arrows and (way, end) in arrows for way in ROOMS)


def test_every_dependency_has_one_version_in_the_lock_file_and_it_is_allowed() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    locked = dict(line.split("==") for line in lines if not line.startswith("#"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    held = [*project["dependencies"], *(each for name in extras if name not in APART for each in extras[name])]
    for requirement in map(Requirement, held):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


def holds_code(path: Path) -> bool:
    return (path.suffix == ".py" and path.stem != "__init__") or (path / "__init__.py").is_file()


def as_path(module: str) -> str:
    return module.replace(".", "/")


def test_no_room_imports_the_command_line() -> None:
    for room in ROOMS:
        for path in sources(room):
            assert "run_agent" not in path.read_text(encoding="utf-8").replace("run_agent.py", ""), path


def test_every_module_starts_with_a_sentence_that_names_its_idea() -> None:
    for room in ROOMS:
        for path in sources(room):
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{path} has no docstring"


def test_the_command_line_can_be_imported_without_display_output_or_heavy_packages() -> None:
    code = (
        "import sys; import run_agent; "
        "print(sorted({'torch', 'transformers', 'playwright', 'pyautogui', 'mss', 'adbutils'} & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=ROOT,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stderr, run.stdout) == (0, "", "[]\n")
