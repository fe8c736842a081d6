"""What the flags ask for is what is put together, and what is recorded."""

from pathlib import Path

import pytest
from rich.console import Console

from actions.action import ActionSpace
from agent import arguments
from agent.loop import Limits
from agent.policy import ModelPolicy
from agent.run_info import RunInfo, read_info
from devices import DeviceOptions, Environment
from model.engines.scripted import ScriptedEngine
from tasks.assembly import Assembly


def recorded(folder: Path, *flags: str) -> RunInfo:
    """The description of a run with these flags, as it is read back; no engine is started."""
    given = arguments.parser().parse_args(["Play.", "--model", "embedded", "--device", "cards", *flags])
    assembly = Assembly(given, Console())

    def acting(_: Environment, space: ActionSpace) -> ModelPolicy:
        return ModelPolicy(assembly.profile, ScriptedEngine((), assembly.profile), space)

    with assembly.setting("cards", DeviceOptions(), acting) as setting:
        assembly.recorder(folder, "Play.", "cards", None, Limits(), setting)
    return read_info(folder)


@pytest.mark.parametrize(
    ("flags", "bits"),
    [((), None), (("--quantize", "4"), 4), (("--quantize", "8"), 8), (("--quantize", "8", "--engine", "server"), None)],
)
def test_a_run_tells_the_bits_of_the_weights_that_it_held(
    flags: tuple[str, ...], bits: int | None, tmp_path: Path
) -> None:
    assert recorded(tmp_path / "run", *flags).quantize == bits


def test_a_run_recorded_before_that_was_told_is_read_as_whole(tmp_path: Path) -> None:
    recorded(tmp_path / "run")
    file = tmp_path / "run" / "run.json"
    told = file.read_text(encoding="utf-8")
    assert '"quantize": null,' in told
    file.write_text(told.replace('"quantize": null,', ""), encoding="utf-8")
    assert read_info(tmp_path / "run").quantize is None
