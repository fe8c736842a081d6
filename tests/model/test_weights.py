"""Only complete files are a model's weights, and the fault of others is reported."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from model.weights import lacking

SHARDS = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")


def write(folder: Path, name: str = "model.safetensors") -> Path:
    save_file({"lm_head.weight": torch.zeros(4, 8)}, folder / name, {"format": "pt"})
    return folder / name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    return tmp_path


def test_whole_files_lack_nothing(folder: Path) -> None:
    write(folder)
    assert lacking(str(folder)) is None
    assert lacking("model/embedded") is None


def test_a_configuration_and_a_tokenizer_are_no_weights(folder: Path) -> None:
    assert "holds a configuration but no tensors" in (lacking(str(folder)) or "")


def test_weights_without_a_tokenizer_are_not_whole(folder: Path) -> None:
    write(folder)
    (folder / "tokenizer.json").unlink()
    assert "lacks 1 files, tokenizer.json for one" in (lacking(str(folder)) or "")


def test_weights_that_are_nowhere_are_told_so() -> None:
    assert lacking("nobody/no-such-weights") == "they are not on this machine"
    assert lacking("/nowhere/at all") == "they are not on this machine"


def test_every_part_that_the_index_names_must_be_there(folder: Path) -> None:
    index = {"metadata": {}, "weight_map": {"a": SHARDS[0], "b": SHARDS[1], "c": SHARDS[0]}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    write(folder, SHARDS[0])
    assert f"lacks 1 files, {SHARDS[1]} for one" in (lacking(str(folder)) or "")
    write(folder, SHARDS[1])
    assert lacking(str(folder)) is None
    for broken in ("{", "[]", '{"weight_map": 3}'):
        (folder / "model.safetensors.index.json").write_text(broken)
        assert "index.json cannot be read" in (lacking(str(folder)) or "")


def test_half_a_file_is_told_with_its_size(folder: Path) -> None:
    path = write(folder)
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    assert f"{path} has {len(content) - 40} bytes of {len(content)}" in (lacking(str(folder)) or "")
    for short in (content[:30], content[:3], b""):
        path.write_bytes(short)
        assert f"not a complete safetensors file ({len(short)} bytes)" in (lacking(str(folder)) or "")


def test_a_pointer_of_git_lfs_is_told_as_one(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    assert "git lfs pull" in (lacking(str(folder)) or "")


def test_a_link_into_a_hub_cache_whose_file_is_still_being_fetched_is_told_so(tmp_path: Path) -> None:
    blobs, snapshot = tmp_path / "models--a--b" / "blobs", tmp_path / "models--a--b" / "snapshots" / "0f"
    blobs.mkdir(parents=True)
    snapshot.mkdir(parents=True)
    for name in ("config.json", "tokenizer.json"):
        (snapshot / name).write_text("{}")
    (snapshot / "model.safetensors").symlink_to("../../blobs/77aa")
    assert lacking(str(snapshot)) == f"{snapshot} lacks 1 files, model.safetensors for one"
    (blobs / "77aa.incomplete").write_bytes(b"")
    assert "their download is not finished (1 files are under way)" in (lacking(str(snapshot)) or "")
    write(blobs, "77aa")
    assert lacking(str(snapshot)) is None


def test_a_folder_that_is_still_being_filled_is_told_so_before_it_has_a_configuration(tmp_path: Path) -> None:
    download = tmp_path / ".cache" / "huggingface" / "download"
    download.mkdir(parents=True)
    (download / "abc.123.incomplete").write_bytes(b"")
    reason = "they are not on this machine; their download is not finished (1 files are under way)"
    assert lacking(str(tmp_path)) == reason
