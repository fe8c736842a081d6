"""The manifest: hashes that change when what they stand for does, and all that a run was made with."""

import hashlib
import json
from pathlib import Path

import pytest

import run_agent
from tasks.harness.manifest import data_hash, read_manifest, weights_hash

WEIGHTS = "model/embedded"


def test_weights_are_named_by_their_content_and_the_hub_cache_by_its_own_names(tmp_path: Path) -> None:
    blob = "ab" * 32
    for content in (b"one", b"two"):
        folder = tmp_path / content.decode()
        folder.mkdir()
        (folder / "config.json").write_text("{}")
        (folder / "model.safetensors").write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        assert weights_hash(str(folder)) == hashlib.sha256(f"model.safetensors {digest}\n".encode()).hexdigest()
    cached = tmp_path / "cached"
    cached.mkdir()
    (cached / "config.json").write_text("{}")
    (tmp_path / blob).write_bytes(b"whatever")
    (cached / "model.safetensors").symlink_to(tmp_path / blob)
    assert weights_hash(str(cached)) == hashlib.sha256(f"model.safetensors {blob}\n".encode()).hexdigest()
    assert weights_hash("nobody/nothing") is None


def test_data_is_named_by_texts_whole_and_by_pictures_names_and_sizes(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "a.png").write_bytes(b"1234")
    (tmp_path / "items.json").write_text("[1]")
    hashes = [data_hash(tmp_path)]
    for path, content in (("items.json", "[2]"), ("images/a.png", "12345"), ("images/b.png", "")):
        (tmp_path / path).write_text(content)
        hashes.append(data_hash(tmp_path))
    assert len(set(hashes)) == 4 and data_hash(tmp_path) == hashes[-1]


def test_a_run_says_what_it_was_made_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "items.json").write_text("[]")
    flags = ["--suite", "press", "--model", "embedded", "--headless", "--limit", "1", "--seed", "100", "--json"]
    flags += ["--runs", str(tmp_path / "runs"), "--data-root", str(tmp_path), "--max-steps", "1"]
    run_agent.main(flags)
    folder = Path(json.loads(capsys.readouterr().out)["run"])
    manifest = read_manifest(folder)
    assert (manifest.suite, manifest.seed, manifest.items, manifest.subset) == ("press", 100, 1, "--limit 1")
    assert (manifest.engine, manifest.profile.name, manifest.rule) == ("local", "embedded", None)
    assert manifest.weights_sha256 == weights_hash(WEIGHTS) and manifest.data_sha256
    run = json.loads((folder / "press-100" / "run.json").read_text())
    assert manifest.prompt_sha256 == (run["prompt_sha256"],) and len(run["prompt_sha256"]) == 64
    assert run["limits"]["steps"] == 1 and run["hardware"] == manifest.hardware
    assert manifest.finished and manifest.counts.episodes == 1 and manifest.counts.completion_tokens > 0
    assert manifest.arguments == tuple(flags) and manifest.versions["torch"]
