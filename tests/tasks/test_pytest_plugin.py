"""The worked example of the documents, `docs/example`, run with the plug-in as it stands in this checkout."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from tasks.worlds.site_server import site

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "example"


def run(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """pytest in that folder, on a small site of our own."""
    with site() as url:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SITE": url}
        command = [sys.executable, "-m", "pytest", "-p", "tasks.pytest_plugin", "-p", "no:cacheprovider", *words]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )


def copied(tmp_path: Path) -> Path:
    """The example's files in a folder of their own, in which its records stay."""
    for path in EXAMPLE.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_the_example_passes(tmp_path: Path) -> None:
    done = run(copied(tmp_path))
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout + done.stderr


def test_a_test_that_fails_brings_the_page_of_its_run(tmp_path: Path) -> None:
    example = copied(tmp_path)
    text = (example / "test_login.py").read_text().replace("Welcome, ada.", "Welcome, grace.")
    (example / "test_login.py").write_text(text)
    done = run(example, "-k", "welcomed", "--junit-xml=out.xml")
    assert done.returncode == 1, done.stdout + done.stderr
    (page,) = (example / "runs").glob("*/report.html")
    assert str(page) in done.stdout.replace("\n", "")
    properties = ElementTree.parse(example / "out.xml").iter("property")
    assert [(found.get("name"), found.get("value")) for found in properties] == [("screenhand", str(page))]
