"""What the flags ask for is what is put together, and what is recorded."""

from pathlib import Path

import pytest

from actions.action import ActionSpace
from agent.loop import Limits
from agent.policy import ModelPolicy
from agent.run_info import RunInfo, read_info
from agent.terminal import Terminal
from devices import DeviceOptions, Environment
from model.engines.scripted import ScriptedEngine
from tasks.composition import Composition
from tasks.options import Options


def recorded(folder: Path, **asked: object) -> RunInfo:
    """The description of a run with these options, as it is read back; no engine is started."""
    composition = Composition(Options.read({"model": "embedded", "device": "cards", **asked}), Terminal())

    def acting(_: Environment, space: ActionSpace) -> ModelPolicy:
        return ModelPolicy(composition.profile, ScriptedEngine((), composition.profile), space)

    with composition.setting("cards", DeviceOptions(), acting) as setting:
        composition.recorder(folder, "Play.", "cards", None, Limits(), setting.environment.action_space)
    return read_info(folder)


@pytest.mark.parametrize(
    ("asked", "bits"),
    [({}, None), ({"quantize": 4}, 4), ({"quantize": 8}, 8), ({"engine": "server"}, None)],
)
def test_a_run_tells_the_bits_of_the_weights_that_it_held(
    asked: dict[str, object], bits: int | None, tmp_path: Path
) -> None:
    assert recorded(tmp_path / "run", **asked).quantize == bits


def test_a_run_recorded_before_that_was_told_is_read_as_whole(tmp_path: Path) -> None:
    recorded(tmp_path / "run")
    file = tmp_path / "run" / "run.json"
    told = file.read_text(encoding="utf-8")
    assert '"quantize": null,' in told
    file.write_text(told.replace('"quantize": null,', ""), encoding="utf-8")
    assert read_info(tmp_path / "run").quantize is None
