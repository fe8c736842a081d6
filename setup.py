"""Builds the wheel: the rooms of this folder become one package, `screenhand`.

In the checkout the rooms are top-level packages (`agent`, `tasks`, ...). When installed, such names would shadow a
user's own, so `build_py` copies every file that git does not ignore under `screenhand/` and rewrites imports between
rooms. Names that are built at run time start from `__package__` and need no rewriting. An editable installation has the
dependencies only, because the checkout runs from its own folder.
"""

import ast
import shutil
import subprocess
from pathlib import Path
from typing import Any

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.editable_wheel import editable_wheel

NAME = "screenhand"
ROOMS = ("actions", "agent", "devices", "model", "prompts", "tasks")
ROOT = Path(__file__).parent
SKIPPED = {"__pycache__"}
INIT = '''"""Lets a vision-language model on your own machine operate a browser, a desktop or an Android phone."""

from screenhand.tasks.options import Options
from screenhand.tasks.session import Session, Verified

__all__ = ["Options", "Session", "Verified"]
'''
ENTRY_POINTS = {
    "console_scripts": [f"{NAME} = {NAME}.__main__:program"],
    "pytest11": [f"{NAME} = {NAME}.tasks.pytest_plugin"],
}


def rewritten(source: str) -> str:
    """A module's source with absolute imports of our rooms moved below `screenhand`."""
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        line = node.lineno - 1 if isinstance(node, ast.stmt) else 0
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ROOMS:
            lines[line] = lines[line].replace(f"from {node.module} ", f"from {NAME}.{node.module} ", 1)
        elif isinstance(node, ast.Import) and any(name.name.split(".")[0] in ROOMS for name in node.names):
            (name,) = node.names  # one import per line; a dotted one would bind the room itself
            if "." in name.name:
                raise ValueError(f"write `from ... import ...` instead of `import {name.name}`")
            lines[line] = lines[line].replace(f"import {name.name}", f"from {NAME} import {name.name}", 1)
    return "\n".join(lines)


def room_files() -> list[Path]:
    """The files of the rooms, relative to this folder. In a checkout, files that git ignores are excluded."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *ROOMS],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        paths = [Path(name) for name in listed.stdout.split("\0") if name]
    except (OSError, subprocess.SubprocessError):
        paths = [path.relative_to(ROOT) for room in ROOMS for path in (ROOT / room).rglob("*")]
    return [path for path in paths if (ROOT / path).is_file() and not SKIPPED & set(path.parts)]


class BuildRooms(build_py):
    """Writes the package `screenhand` from the rooms."""

    def run(self) -> None:
        if self.editable_mode:
            return
        target = Path(self.build_lib) / NAME
        shutil.rmtree(target, ignore_errors=True)  # an earlier build may have files that are gone now
        for path in room_files():
            self._write(target / path, (ROOT / path).read_bytes())
        self._write(target / "__init__.py", INIT.encode())
        self._write(target / "__main__.py", (ROOT / "run_agent.py").read_bytes())

    def get_source_files(self) -> list[str]:
        """The content of a source distribution besides pyproject.toml and this file."""
        return [str(path) for path in [*room_files(), Path("run_agent.py")]]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """The files that `run` writes."""
        names = [*map(str, room_files()), "__init__.py", "__main__.py"]
        return [str(Path(self.build_lib) / NAME / name) for name in names]

    def _get_data_files(self) -> list[tuple[str, str, str, list[str]]]:
        return []  # `run` copies data and modules alike

    def _write(self, target: Path, content: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.suffix == ".py":
            content = rewritten(content.decode()).encode()
        target.write_bytes(content)


class EditableWheel(editable_wheel):
    """An editable installation has no command and no plug-in, because it lacks the package that contains them."""

    def run(self) -> None:
        self.distribution.entry_points = {}
        self.distribution.packages = []
        super().run()


BUILD = ROOT / "build"
BUILD.mkdir(exist_ok=True)
options: dict[str, Any] = {
    # Not beside the rooms: metadata there would offer the checkout's own pytest a plug-in that only the wheel has.
    "options": {"egg_info": {"egg_base": str(BUILD)}},
    "packages": [NAME],
    "entry_points": ENTRY_POINTS,
    "cmdclass": {"build_py": BuildRooms, "editable_wheel": EditableWheel},
}
setup(**options)
