"""What the doctor finds of a server and of a model."""

import re

import pytest
from tokenizers import Tokenizer

from agent import doctor
from model import profile
from model.weights import find_tokenizer
from tests.fakes.openai_server import Ways, serving
from tests.fakes.token_endpoint import TokenIn


def tokenizer() -> Tokenizer:
    found = find_tokenizer("model/embedded")
    assert found is not None
    return found


@pytest.mark.parametrize(("offered", "told"), [(True, "takes token ids"), (False, "chat completions only")])
def test_a_server_is_told_by_how_it_can_be_asked(offered: bool, told: str) -> None:
    with serving(Ways(tokens=TokenIn(tokenizer()) if offered else None)) as url:
        checks = {check.name: check.found for check in doctor.examine(profile.load("embedded"), "model/embedded", url)}
    assert checks["server"] == f"qwen ({told})"


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
