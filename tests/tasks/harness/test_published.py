"""A benchmark's data are checked before a run: what is missing is named, and so is a set of tasks of another size."""

from pathlib import Path

import pytest

from actions.errors import UsageError
from run_agent import main
from tasks import suites
from tasks.task import SuiteOptions
from tests.tasks.grounding.made import screenspot, write

NEEDED = [name for name in suites.names() if suites.data_of(name)]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


def test_a_missing_picture_is_named_before_the_run_and_only_where_it_is_needed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = screenspot(tmp_path / "data", "_v2")
    (root / "screenspotv2_image" / "web.png").unlink()
    (root / "screenspotv2_image.zip").touch()
    runs = tmp_path / "runs"
    asked = ["--suite", "screenspot-v2", "--data-root", str(root), "--engine", "scripted", "--runs", str(runs)]
    assert main(asked) == 2
    printed = said(capsys)
    assert "1 of 3 pictures of ScreenSpot-v2 are missing, the first is" in printed and "web.png" in printed
    assert "Unpack screenspotv2_image.zip there." in printed and "huggingface.co/datasets/OS-Copilot" in printed
    assert not list(runs.glob("*"))
    assert main([*asked, "--tasks", "mobile,desktop"]) == 0
    assert main([*asked, "--force"]) == 3
    assert "web-0000: not scored" in said(capsys)


def test_a_copy_that_is_not_the_published_set_is_said_to_be_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = screenspot(tmp_path / "data")
    (root / "screenspot_web.json").unlink()
    flags = ["--data-root", str(root), "--engine", "scripted", "--runs", str(tmp_path / "runs")]
    assert main(["--suite", "screenspot", *flags]) == 0
    assert "is not the published set of tasks: mobile 2 of 502, desktop 2 of 334, web 0 of 436." in said(capsys)


@pytest.mark.parametrize("name", NEEDED)
def test_without_a_folder_the_source_and_the_files_are_named(name: str, tmp_path: Path) -> None:
    data = suites.data_of(name)
    assert data
    with (
        pytest.raises(UsageError, match=r"--data-root\. It must contain .*tasks/README") as raised,
        suites.open_suite(name, SuiteOptions()),
    ):
        pass
    assert data.source in str(raised.value) and data.holds in str(raised.value)
    write(tmp_path / "README.json", [])
    with pytest.raises(UsageError, match="There is no"), suites.open_suite(name, SuiteOptions(data_root=tmp_path)):
        pass


def test_the_page_about_benchmarks_has_each_data_set_with_its_source_and_its_files() -> None:
    page = " ".join((Path(suites.__file__).parents[1] / "README.md").read_text(encoding="utf-8").split())
    for name in NEEDED:
        data = suites.data_of(name)
        assert data and f"`{name}`" in page and all(part in page for part in data.source.split(" or ")), name
        assert all(f"{count:,}" in page for count in data.tasks.values()), name
