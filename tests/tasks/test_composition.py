"""What the flags ask for is what is put together, and what is recorded."""

import re
from pathlib import Path

import pytest

from actions.action import ActionSpace, Permit
from actions.errors import UsageError
from actions.geometry import Size
from agent.flags import parsed
from agent.loop import Limits
from agent.policy import ModelPolicy
from agent.run_info import RunInfo, read_info
from agent.terminal import Terminal
from devices import DeviceOptions, Environment
from model import profile
from model.engines.scripted import ScriptedEngine
from tasks.composition import Composition
from tasks.options import Options, SuiteRunOptions
from tests.agent.test_loop import Row


def recorded(folder: Path, **asked: object) -> RunInfo:
    """The description of a run with these options, as it is read back; no engine is started."""
    composition = Composition(Options.read({"model": "embedded", "device": "cards", **asked}), Terminal())

    def acting(_: Environment, space: ActionSpace) -> ModelPolicy:
        return ModelPolicy(composition.profile, ScriptedEngine((), composition.profile), space)

    with composition.setting("cards", DeviceOptions(), acting) as setting:
        composition.recorder(
            folder, "Play.", "cards", None, Limits(), setting.environment.action_space, setting.secrets
        )
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
    source = file.read_text(encoding="utf-8")
    assert '"quantize": null,' in source
    file.write_text(source.replace('"quantize": null,', ""), encoding="utf-8")
    assert read_info(tmp_path / "run").quantize is None


@pytest.mark.parametrize(
    ("model", "asked", "size"),
    [
        ("qwen2.5-vl-7b", {}, Size(1288, 812)),  # its patch is 28
        ("qwen3-vl-8b", {}, Size(1280, 800)),  # 32
        ("qwen2.5-vl-7b", {"viewport": Size(1000, 700)}, Size(1000, 700)),
        ("qwen2.5-vl-7b", {"max_pixels": 500_000}, Size(1280, 800)),  # resized anyway: the usual page
        ("qwen2.5-vl-7b", {"scale": 2.0}, Size(1280, 800)),
        ("qwen2.5-vl-7b", {"mobile": True}, None),  # the size of a phone
        ("qwen2.5-vl-7b", {"device": "cards"}, None),
        ("fara-7b", {}, None),  # `fitted` gives it the one that it was trained on
    ],
)
def test_a_page_has_a_size_that_the_model_reads_without_a_resize(
    model: str, asked: dict[str, object], size: Size | None
) -> None:
    given = Options.read({"replies": Path("x"), "model": model, "device": "browser"} | asked)
    composition = Composition(given, Terminal(), asking=False)
    options = composition.device_options()
    assert options.viewport == size
    if size == Size(1288, 812):
        assert composition.profile.image_size(size) == size


def reading(picture: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Profiles of which the model in the box reads only this size of picture."""
    folder.mkdir()
    for name in (*profile.PREFERRED, "embedded"):
        text = (profile.FOLDER / f"{name}.toml").read_text(encoding="utf-8")
        (folder / f"{name}.toml").write_text(re.sub(r"(?m)^picture = .*", f"picture = {picture}", text), "utf-8")
    monkeypatch.setattr(profile, "FOLDER", folder)


@pytest.mark.parametrize(
    ("picture", "model", "address", "opened"),
    [
        ("[336, 448]", "embedded", "simphone", "simphone:336x448"),
        ("[336, 448]", "embedded", "simphone:504x672", "simphone:504x672"),
        ("[336, 448]", "embedded", "emulator-5554", "emulator-5554"),
        ("[336, 448]", "embedded", None, None),
        ("[336, 448]", "qwen2.5-vl-7b", "simphone", "simphone"),
        ("[168, 224]", "embedded", "simphone", "simphone"),  # no phone is so small
    ],
)
def test_a_phone_double_is_as_large_as_the_models_only_picture(
    picture: str, model: str, address: str | None, opened: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading(picture, tmp_path / "profiles", monkeypatch)
    options = Options.read({"device": "android", "model": model, "address": address})
    assert Composition(options, Terminal(), asking=False).device_options().address == opened


def test_without_weights_the_model_in_the_box_gets_the_phone_double_that_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reading("[336, 448]", tmp_path / "profiles", monkeypatch)
    phone = Composition(Options.read({"device": "android", "address": "simphone"}), Terminal())
    assert phone.profile.name == "embedded" and "using the small model in the box" in capsys.readouterr().out
    for address in (None, "emulator-5554"):
        with pytest.raises(UsageError, match="or --model embedded --address simphone"):
            Composition(Options.read({"device": "android", "address": address}), Terminal())
    reading("[168, 224]", tmp_path / "small", monkeypatch)
    with pytest.raises(UsageError, match=r"or --model embedded\. "):
        Composition(Options.read({"device": "android", "address": "simphone"}), Terminal())


def test_the_limits_of_pictures_are_the_profiles_unless_others_are_asked_for() -> None:
    def limits(**values: object) -> tuple[int, int]:
        options = Options.read({"replies": Path("x"), "model": "qwen2.5-vl-7b"} | values)
        profile = Composition(options, Terminal(), asking=False).profile
        return profile.min_pixels, profile.max_pixels

    assert limits() == (3_136, 2_007_040)
    assert limits(max_pixels=12_845_056, min_pixels=78_400) == (78_400, 12_845_056)
    with pytest.raises(UsageError, match="min_pixels 3136 is more than max_pixels 100"):
        limits(max_pixels=100)
    assert parsed(["x", "--max-pixels", "602112"])["max_pixels"] == 602_112


@pytest.mark.parametrize("kind", [Options, SuiteRunOptions])
def test_a_policy_is_enforced_in_single_runs_and_in_suites(kind: type[Options], tmp_path: Path) -> None:
    (tmp_path / "careful.toml").write_text('default = "deny"\n')
    asked = {"model": "embedded", "device": "cards", "policy": tmp_path / "careful.toml", "suite": "cards"}
    options = kind.chosen(asked)
    composition = Composition(options, Terminal())
    with composition.setting("cards", DeviceOptions(), lambda _, space: Row()) as setting:
        hit = next(kind() for kind in setting.environment.action_space.actions if kind.__name__ == "Hit")
        outcome = setting.environment.perform(hit)
    assert outcome.permit is Permit.DENIED and "no rule is about it, and the default applies" in outcome.text


def test_a_wrong_policy_or_an_app_in_a_browser_is_named_before_anything_opens(tmp_path: Path) -> None:
    (tmp_path / "careful.toml").write_text('defualt = "deny"\n')
    with pytest.raises(UsageError, match=r"careful\.toml: there is no key 'defualt'\. Did you mean 'default'\?"):
        Composition(Options.read({"model": "embedded", "policy": str(tmp_path / "careful.toml")}), Terminal())
    with pytest.raises(UsageError, match="apps is for a phone or a desktop"):
        Options.read({"apps": ["com.simphone.maps"]})
    assert parsed(["x", "--device", "android", "--app", "a,b", "--policy", "p.toml"])["apps"] == ["a", "b"]
    assert parsed(["--suite", "simphone", "--app", "a", "--policy", "p.toml"])["policy"] == Path("p.toml")


def test_what_a_user_lets_pages_have_reaches_a_suites_tasks_on_a_browser(tmp_path: Path) -> None:
    words = ["--suite", "smoke", "--headless", "--upload", str(tmp_path), "--permit", "camera,location"]
    asked = SuiteRunOptions.chosen(parsed(words))
    opened = asked.task_options("browser", DeviceOptions(permit=("location",), mobile=True), None)
    assert (opened.uploads, opened.permit, opened.headless) == (tmp_path, ("location", "camera"), True)
    assert opened.mobile, "what the task wants"
    elsewhere = asked.task_options("android", DeviceOptions(), "serial")
    assert elsewhere == DeviceOptions(address="serial")
