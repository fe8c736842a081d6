"""Task files in OSWorld's shape: their content, their scores, and the errors about a wrong one."""

import json
from pathlib import Path
from typing import Any

import pytest

from actions.errors import UsageError
from tasks.osworld.evaluators import (
    check_include_exclude,
    compare_text_file,
    conjoined,
    exact_match,
    is_in_list,
    vm_file,
)
from tasks.osworld.example import Execute, load
from tasks.worlds.virtual_screen import require

NAMES = {"HOME": "/home/user", "NAME": "report"}
RESULT = {"type": "vm_file", "path": "$HOME/$NAME.txt"}
RULE = {"type": "rule", "rules": {"expected": "$$5"}}
FILE: dict[str, Any] = {
    "id": "rename-it",
    "snapshot": "os",
    "instruction": "Rename it to $NAME.",
    "source": "https://example.org",
    "config": [{"type": "execute", "parameters": {"command": ["touch", "$HOME/x"]}}],
    "trajectory": "trajectories/",
    "related_apps": ["os"],
    "evaluator": {"func": "exact_match", "result": RESULT, "expected": RULE},
    "proxy": False,
}


def written(folder: Path, **changes: object) -> Path:
    path = folder / "task.json"
    path.write_text(json.dumps(FILE | changes))
    return path


def test_a_file_in_osworlds_shape_is_read_with_its_particulars(tmp_path: Path) -> None:
    example = load(written(tmp_path), NAMES)
    assert example.instruction == "Rename it to report."
    assert example.config == [Execute(type="execute", command=["touch", "/home/user/x"])]
    (measure,) = example.evaluator.measures
    assert measure.result.given == {"path": "/home/user/report.txt"}
    assert measure.expected is not None and measure.expected.given == {"rules": {"expected": "$5"}}


def test_several_functions_are_read_with_what_belongs_to_each(tmp_path: Path) -> None:
    evaluator = {
        "func": ["exact_match", "compare_text_file"],
        "conj": "or",
        "result": [RESULT, RESULT],
        "expected": [RULE, {"type": "inline_file", "content": "x"}],
        "options": [None, {"ignore_case": True}],
        "postconfig": [{"type": "sleep", "parameters": {"seconds": 1}}],
    }
    read = load(written(tmp_path, evaluator=evaluator), NAMES).evaluator
    assert [(one.func, one.options) for one in read.measures] == [
        ("exact_match", {}), ("compare_text_file", {"ignore_case": True}),
    ]  # fmt: skip
    assert read.conj == "or" and len(read.postconfig) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instruction": ""}, "instruction"),
        ({"instruction": "Call it $TITLE."}, r"\$TITLE is not a value"),
        ({"instruction": "It costs 5 $."}, r"A dollar is written \$\$"),
        ({"wanted": 1}, "wanted: Extra inputs"),
        ({"config": [{"type": "download", "parameters": {}}]}, "config.0: .*'download'.*'launch'"),
        ({"config": [{"type": "launch", "parameters": {"command": "rm x"}}]}, "command: Input should be a valid list"),
        ({"evaluator": {"result": RESULT}}, "evaluator: func is missing"),
        ({"evaluator": {"func": "compare_table", "result": RESULT}}, "no evaluator function 'compare_table'"),
        ({"evaluator": {"func": "exact_match"}}, "result: Field required"),
        ({"evaluator": {"func": "exact_match", "result": {"type": "vm_screen"}}}, "no getter 'vm_screen'"),
        ({"evaluator": {"func": "exact_match", "result": {"type": "vm_file"}}}, "missing a required argument: 'path'"),
        ({"evaluator": {"func": "exact_match", "result": RESULT}}, "missing a required argument: 'rules'"),
        (
            {"evaluator": {"func": "exact_match", "result": RESULT, "expected": RULE, "options": {"strict": True}}},
            "unexpected keyword argument 'strict'",
        ),
        ({"evaluator": {"func": ["exact_match"], "result": [RESULT, RESULT]}}, "result must be a list of 1"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_name_and_place(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=rf"task.json: .*{message}"):
        load(written(tmp_path, **changes), NAMES)


def test_broken_json_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    path.write_text('{\n "id": oops}')
    with pytest.raises(UsageError, match=r"task.json:2: this is not JSON"):
        load(path, NAMES)


def test_the_evaluator_functions_mean_what_osworlds_do() -> None:
    assert [exact_match(text, {"expected": "a"}) for text in ("a", "a\n", None)] == [1, 0, 0]
    rules = {"include": ["a", "b"], "exclude": ["c"]}
    assert [check_include_exclude(text, rules) for text in ("b a", "a", "abc", None)] == [1, 0, 0, 0]
    assert [is_in_list(found, {"expected": "a"}) for found in (["a", "b"], ["ab"], "ab", None)] == [1, 0, 1, 0]
    assert [compare_text_file(text, "A b\n") for text in ("A b\n", "A b", "a b\n", None)] == [1, 0, 0, 0]
    assert compare_text_file("A \t\n b", "A b\n", ignore_blanks=True) == 1
    assert compare_text_file("a B\n", "A b\n", ignore_case=True) == 1


def test_scores_are_joined_by_and_or_by_or() -> None:
    assert [conjoined(scores, "and") for scores in ([1.0, 1.0], [1.0, 0.5], [1.0, 0.0])] == [1.0, 0.75, 0.0]
    assert [conjoined(scores, "or") for scores in ([0.0, 0.5], [0.0, 0.0])] == [0.5, 0.0]


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("ü")
    assert vm_file(str, str(tmp_path / "there")) == "ü"
    assert vm_file(str, str(tmp_path / "gone")) is None


def test_a_missing_program_is_told_with_its_package() -> None:
    with pytest.raises(UsageError, match="needs no-such-editor: sudo apt-get install no-such-package"):
        require({"sh": "dash", "no-such-editor": "no-such-package"})
