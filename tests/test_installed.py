"""The wheel: built from this checkout, installed where there is none, and used by its command and as a package."""

import os
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tasks.worlds.site_server import site as small_site

ROOT = Path(__file__).parent.parent
TEST = """
import pytest

@pytest.mark.screenhand(address=URL + "/login.html", replies=REPLIES, verify=False)
def test_a_person_is_greeted(screenhand):
    assert screenhand.run("log in").finished
    assert screenhand.verify("the page greets ada"), "nobody is greeted"
"""
REPLIES = """*FUNCTION*: Finish
*ARGS*: {"status": "success"}
---
*FUNCTION*: Verdict
*ARGS*: {"holds": false, "reason": "It asks for a password."}"""


class Installed:
    """An environment with the wheel in it, and a folder far from the checkout to run things in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "env" / "bin"

    def run(self, *words: str | Path) -> "subprocess.CompletedProcess[str]":
        """Runs a command of the environment; a folder `tasks` of the caller's own lies in its way."""
        command = [str(self.bin / words[0]), *map(str, words[1:])]
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run(build, cwd=ROOT, check=True, timeout=300, capture_output=True)
    (wheel,) = folder.glob("screenhand-*.whl")
    venv.create(folder / "env", with_pip=False)
    into = ["--python", str(folder / "env" / "bin" / "python"), "install", "-q", "--no-deps", "--no-index", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", *into], check=True, timeout=300, capture_output=True)
    packages = next((folder / "env" / "lib").glob("python*")) / "site-packages"
    assert sorted(path.name for path in packages.iterdir() if path.suffix != ".dist-info") == ["screenhand"]
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()))  # those of this environment
    made = Installed(folder)
    (folder / "tasks").mkdir()
    (folder / "tasks" / "__init__.py").write_text("raise SystemExit('the tasks of somebody else')")
    return made


def test_the_command_lists_and_runs_suites(installed: Installed) -> None:
    listed = installed.run("screenhand", "--list")
    assert (listed.returncode, "simphone" in listed.stdout, listed.stderr) == (0, True, "")
    login = installed.run("screenhand", "--suite", "login", "--headless", "--model", "embedded", "--limit", "1")
    assert login.returncode == 0, login.stdout + login.stderr
    records = sorted((installed.folder / "runs").glob("*-suite-login/*/run.json"))
    assert records and '"actions.mouse:Click"' in records[0].read_text(), (
        "records name actions as those of a checkout do"
    )
    again = installed.run("screenhand", "--replay", records[0].parent)
    assert again.returncode == 0, again.stdout + again.stderr


def test_other_modules_started_by_name_are_found(installed: Installed) -> None:
    phone = "from screenhand.devices.doubles.simphone import start\nwith start() as phone: print(phone.address)"
    run = installed.run("python", "-c", phone)
    assert (run.returncode, run.stdout.startswith("127.0.0.1:")) == (0, True), run.stderr
    wrong = installed.run("screenhand", "x", "--engine", "steam")
    assert (wrong.returncode, "There is no engine 'steam'" in wrong.stderr) == (2, True), wrong.stderr


def test_the_package_and_its_fixture_work_in_somebody_elses_tests(installed: Installed) -> None:
    (installed.folder / "replies.txt").write_text(REPLIES)
    (installed.folder / "pytest.ini").write_text(
        "[pytest]\nscreenhand =\n    model = qwen2.5-vl-7b\n    headless = true\n"
    )
    with small_site() as url:
        head = f"URL, REPLIES = {url!r}, {str(installed.folder / 'replies.txt')!r}"
        (installed.folder / "test_theirs.py").write_text(head + TEST)
        run = installed.run("python", "-m", "pytest", "-p", "no:cacheprovider", "test_theirs.py")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "nobody is greeted" in run.stdout, run.stdout
    (page,) = (installed.folder / "runs").glob("*-check-on-the-screen*/report.html")
    assert str(page) in run.stdout.replace("\n", ""), run.stdout


@pytest.mark.slow
def test_the_worked_example_runs_where_the_package_is_installed(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = installed.folder / "example"
    shutil.copytree(ROOT / "docs" / "example", example, ignore=shutil.ignore_patterns("__pycache__", "runs"))
    with small_site() as url:
        monkeypatch.setenv("SITE", url)
        run = installed.run("python", "-m", "pytest", "-p", "no:cacheprovider", "-c", "example/pytest.ini", "example")
    assert (run.returncode, "2 passed" in run.stdout) == (0, True), run.stdout + run.stderr


def test_an_editable_installation_brings_the_dependencies_and_no_module(tmp_path: Path) -> None:
    build = "import sys; from setuptools import build_meta; build_meta.build_editable(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(tmp_path)], cwd=ROOT, check=True, timeout=300, capture_output=True)
    (wheel,) = tmp_path.glob("screenhand-*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        (metadata,) = (name for name in names if name.endswith("/METADATA"))
        assert "Requires-Dist: pydantic" in opened.read(metadata).decode()
        assert not [name for name in names if name.endswith("entry_points.txt")]
        for finder in (name for name in names if name.endswith(".py")):
            assert "\nMAPPING: dict[str, str] = {}\n" in opened.read(finder).decode(), finder
