"""What the doctor finds of a server and of a model."""

import re
import shlex
import shutil
import socket
import threading

import pytest
from tokenizers import Tokenizer

from agent import doctor
from model import profile
from model.weights import ROOT, download, find_tokenizer
from tests.fakes.openai_server import Ways, serving
from tests.fakes.token_endpoint import TokenIn


def tokenizer() -> Tokenizer:
    found = find_tokenizer("model/embedded")
    assert found is not None
    return found


@pytest.mark.parametrize(("offered", "expected"), [(True, "takes token ids"), (False, "chat completions only")])
def test_a_server_is_told_by_how_it_can_be_asked(offered: bool, expected: str) -> None:
    with serving(Ways(tokens=TokenIn(tokenizer()) if offered else None)) as url:
        checks = {check.name: check.found for check in doctor.examine(profile.load("embedded"), "model/embedded", url)}
    assert checks["server"] == f"qwen ({expected})"


def test_a_model_says_what_was_tried_of_it() -> None:
    checks = {check.name: check.found for check in doctor.examine(profile.load("fara-7b"), "microsoft/Fara-7B", None)}
    assert checks["tried with fara-7b"] == "nothing so far"


def test_the_memory_for_local_weights_is_predicted() -> None:
    checks = {check.name: check for check in doctor.examine(profile.load("embedded"), "model/embedded", None)}
    assert re.fullmatch(
        r"0\.2\d GiB \(0\.01 for weights, .*\) of \d+\.\d\d GiB free", checks["memory for embedded"].found or ""
    )


def test_weights_that_the_engine_would_refuse_are_told_with_its_reason() -> None:
    other = profile.load("embedded").model_copy(update={"patch": 32})
    checks = {check.name: check for check in doctor.examine(other, "model/embedded", None)}
    assert checks["memory for embedded"].found is None
    assert "patch = 32" in checks["memory for embedded"].remedy


def test_no_memory_is_predicted_for_weights_that_are_elsewhere() -> None:
    checks = [check.name for check in doctor.examine(profile.load("fara-7b"), "microsoft/Fara-7B", None)]
    assert not [name for name in checks if name.startswith("memory")]


def test_adb_is_asked_at_the_port_that_adb_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that speaks adb's protocol is at another port than the usual one."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.getsockname()[1]))
        thread = threading.Thread(target=_answer_once, args=(server,))
        thread.start()
        checks = {check.name: check.found for check in doctor.examine(profile.load("embedded"), "model/embedded", None)}
        thread.join()
    assert checks["Android device"] == "emulator-5554"


def _answer_once(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        assert connection.recv(64) == b"000chost:devices"
        listed = b"emulator-5554\tdevice\nR58M\tunauthorized\n"
        connection.sendall(b"OKAY%04x" % len(listed) + listed)


def test_the_command_that_downloads_is_one_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    program, *words = shlex.split(download("Qwen/Qwen2.5-VL-7B-Instruct"))
    assert words == ["download", "Qwen/Qwen2.5-VL-7B-Instruct"]
    assert shutil.which(program), program
