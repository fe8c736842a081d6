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


FAILS = """

@pytest.mark.screenhand(max_steps=1)
def test_this_fails(login: LoginPage) -> None:
    login.log_in("grace", "hopper")
    assert login.message == "Welcome, ada."
"""


def test_the_example_passes_and_a_test_that_fails_brings_the_page_of_its_run(tmp_path: Path) -> None:
    for path in EXAMPLE.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "test_login.py").open("a") as tests:
        tests.write(FAILS)
    done = run(tmp_path, "--junit-xml=out.xml")
    assert done.returncode == 1 and "1 failed, 2 passed" in done.stdout, done.stdout + done.stderr
    (page,) = (tmp_path / "runs").glob("*/report.html")
    assert "grace" in page.parent.name and str(page) in done.stdout.replace("\n", ""), done.stdout
    properties = ElementTree.parse(tmp_path / "out.xml").iter("property")
    assert [(found.get("name"), found.get("value")) for found in properties] == [("screenhand", str(page))]
