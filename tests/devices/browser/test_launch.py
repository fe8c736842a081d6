"""Chromium as it is started: in its sandbox where it can be, and without a request of its own."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import PIL
import pytest

from devices import DeviceOptions
from devices.browser import launch
from devices.browser.device import Browser
from devices.browser.driver import Driver
from tests.performance.peers.processes import tree

ROOT = Path(__file__).parent.parent.parent.parent
PAD = ROOT / "tests" / "devices" / "pages" / "pad.html"
QUIET_S = 12
"""Chromium's own requests came within eight seconds of its start."""
LOOKS = f"""
import sys, time
from devices import DeviceOptions
from devices.browser.device import Browser
from actions.keyboard import Type
with Browser(DeviceOptions(address={str(PAD)!r}, headless=True)) as browser:
    print(*browser.remarks)
    browser.perform(Type(text="hello"))
    browser.observe()
    time.sleep(float(sys.argv[1]))
"""


def wrapped(folder: Path, script: str) -> dict[str, str]:
    """An environment in which `chromium` is this shell script around the real one."""
    real = launch.installed()
    assert real
    (folder / "chromium").write_text(f"#!/bin/sh\nreal={real}\n{script}\n")
    (folder / "chromium").chmod(0o755)
    return os.environ | {"PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}


def test_a_run_on_a_local_page_looks_up_no_name(tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    env = wrapped(tmp_path, f'exec "$real" --log-net-log={log} "$@"')
    subprocess.run([sys.executable, "-c", LOOKS, str(QUIET_S)], env=env, cwd=ROOT, check=True, timeout=120)
    text = log.read_text()
    try:
        trace = json.loads(text)
    except ValueError:  # Chromium was ended before it wrote the end
        trace = json.loads(re.sub(r",?\s*$", "]}", text))
    names = {number: name for name, number in trace["constants"]["logEventTypes"].items()}
    asked = {
        event["params"]["host"]
        for event in trace["events"]
        if names[event["type"]].startswith("HOST_RESOLVER") and "host" in event.get("params", {})
    }
    assert trace["events"], "the log is of this run"
    assert all(re.match(r"(\w+://)?127\.0\.0\.1\b", host) for host in asked), asked
    events = [(names[event["type"]], event.get("params", {}), event["source"]["id"]) for event in trace["events"]]
    own = {
        source: params["url"] for name, params, source in events if name == "URL_REQUEST_START_JOB" and "url" in params
    }
    assert own and all(url.startswith(launch.NOWHERE) for url in own.values()), (
        "of the page's none is in the log: a file"
    )
    ends = {source: params["net_error"] for name, params, source in events if "net_error" in params and source in own}
    assert ends == dict.fromkeys(own, trace["constants"]["netError"]["ERR_UNSAFE_PORT"]), "none of them is sent"
    assert not any(name == "TCP_CONNECT" for name, _, _ in events)


SANDBOX = f"""
from devices import DeviceOptions
from devices.browser.device import Browser
with Browser(DeviceOptions(address={str(PAD)!r}, headless=True)) as browser:
    browser.ask(lambda page: page.goto("chrome://sandbox"))
    print(*browser.remarks, browser.ask(lambda page: page.inner_text("body")))
"""
PHONE = """
import os, sys
from pathlib import Path
if not os.access(sys.executable, os.X_OK):  # a virtual environment's link into root's home
    sys.executable = "/usr/bin/python3"
from devices.doubles.simphone import start
with start():
    print(Path("~/started").expanduser().read_text().splitlines()[-1])
"""
BARE = """case "$*" in *--no-sandbox*) exec "$real" "$@" ;; esac
echo "No usable sandbox! If you are running on Ubuntu 23.10+, see ..." >&2; exit 1"""
"""What a Chromium without user namespaces does."""


@pytest.fixture
def as_nobody() -> Iterator[Callable[..., str]]:
    """Runs code, that above if no other, as a user without rights and with this script as `chromium`; its output."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    right = f"import sys; assert sys.version_info[:2] == {sys.version_info[:2]}"
    pythons = (sys.executable, "/usr/bin/python3")
    usable = (each for each in pythons if subprocess.run([*nobody, each, "-c", right], check=False).returncode == 0)
    python = next(usable, None)
    if python is None:
        pytest.skip("nobody may not read a Python of this version")

    def run(script: str, code: str = SANDBOX) -> str:
        packages = Path(PIL.__file__).parent.parent
        env = wrapped(folder, script) | {"HOME": str(folder), "PYTHONPATH": f"{ROOT}:{packages}"}
        command = [*nobody, python, "-c", code]
        done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    yield run
    shutil.rmtree(folder)


def test_chromium_has_its_sandbox_where_it_can(as_nobody: Callable[..., str]) -> None:
    said = as_nobody('exec "$real" "$@"')
    assert "You are adequately sandboxed" in said and "without its sandbox" not in said


def test_where_the_system_gives_chromium_none_the_run_says_so_first(as_nobody: Callable[..., str]) -> None:
    said = as_nobody(BARE)
    assert "NOT adequately sandboxed" in said and said.startswith("Chromium runs without its sandbox: this system")


def test_a_phone_double_has_its_sandbox_where_it_can_and_runs_where_it_cannot(
    as_nobody: Callable[..., str],
) -> None:
    record = 'echo "$*" >> "$HOME/started"; '
    for script, boxed in (('exec "$real" "$@"', True), (BARE, False)):
        assert ("--no-sandbox" not in as_nobody(record + script, PHONE)) == boxed


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="this is not root")
def test_as_root_the_run_says_that_there_is_no_sandbox() -> None:
    with Browser(DeviceOptions(address=str(PAD), headless=True)) as browser:
        assert browser.remarks[0].startswith("Chromium runs without its sandbox: root")


def test_options_for_playwrights_process_keep_the_users_and_stay_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--max-old-space-size=500")
    others = set(tree(os.getpid()))  # the browser that other tests share has such a process too
    driver = Driver()
    try:
        (started,) = (pid for pid in tree(os.getpid()) if pid not in others and _is_playwrights(pid))
        variables = Path(f"/proc/{started}/environ").read_bytes().split(b"\0")
    finally:
        driver.stop()
    assert b"NODE_OPTIONS=--max-semi-space-size=1 --max-old-space-size=500" in variables
    assert os.environ["NODE_OPTIONS"] == "--max-old-space-size=500"


def _is_playwrights(pid: int) -> bool:
    try:
        return b"run-driver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:  # it has ended meanwhile
        return False
