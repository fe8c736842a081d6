"""Training: it computes the library's model, continues exactly where it was, learns, and stops where it does not."""

import io
import itertools
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from actions.errors import TrainingFailure
from model.embedded.batches import ALPHABET, IGNORED, Batch, Grid, assemble, grid_of, retyped
from model.embedded.checkpoint import BEFORE, LAST, newest, restore, save
from model.embedded.decks import Batches, Decks
from model.embedded.grow import grow
from model.embedded.run import MOST_BROKEN, READ_UNTIL, Run, learn, start
from model.embedded.shards import Example, Letters, Screen, lines, read, write
from model.embedded.train import ANSWERS, train, validate
from model.engine import Picture
from model.engines.local.tokens import Vocabulary
from model.weights import find_tokenizer
from tests.model import tiny
from tests.model.squares import screen

COUNT = 4
"""Screens of a step."""
NOTHING_WRITTEN = Letters("", [], [])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shards of squares, and a model of the shipped one's kind with random weights and fewer layers."""
    folder = tmp_path_factory.mktemp("training")
    config: Any = Qwen2_5_VLConfig.from_pretrained(tiny.EMBEDDED)
    small = {"hidden_size": 256, "intermediate_size": 128, "num_attention_heads": 4, "num_key_value_heads": 2}
    for name, value in (small | {"num_hidden_layers": 2, "layer_types": ["full_attention"] * 2}).items():
        setattr(config.text_config, name, value)
    small = {"hidden_size": 64, "intermediate_size": 64, "num_heads": 1, "out_hidden_size": 256}
    for name, value in (small | {"depth": 2, "fullatt_block_indexes": [0, 1]}).items():
        setattr(config.vision_config, name, value)
    torch.manual_seed(0)
    model: Any = Qwen2_5_VLForConditionalGeneration(config)
    model.save_pretrained(folder / "start")
    for name in ("tokenizer.json", "preprocessor_config.json"):
        (folder / "start" / name).write_bytes((tiny.EMBEDDED / name).read_bytes())
    (folder / "shards").mkdir()
    write(folder / "shards" / "squares.jsonl.gz", map(screen, range(48)))
    return folder


def begun(folder: Path) -> Run:
    run = start(folder / "start", folder / "shards", minutes=1.0, seed=3)
    run.seconds = READ_UNTIL * 60
    return run


def step(run: Run) -> dict[str, float]:
    return learn(run, run.decks.batch(COUNT))


def pad(run: Run) -> int:
    return int(run.model.config.image_token_id)


def weights(run: Run) -> list[torch.Tensor]:
    return [copy.detach().clone() for _, copy in run.masters]


def test_a_shard_reads_back_as_written(folder: Path) -> None:
    first = next(read(folder / "shards" / "squares.jsonl.gz"))
    wanted = screen(0)
    assert (first.page, first.seed, first.png, first.letters) == (wanted.page, wanted.seed, wanted.png, wanted.letters)
    assert [(ids, reply, tuple(place or ())) for ids, reply, place in first.examples] == wanted.examples


@pytest.mark.parametrize("scale", [1, 2])
def test_every_branch_computes_what_the_library_computes_for_that_prompt_alone(folder: Path, scale: int) -> None:
    run = begun(folder)
    model: Any = run.model
    model.float().train(False)
    with torch.no_grad():
        for weight, copy in run.masters:
            weight.data = copy.data.clone()
    screens = [screen(number, scale) for number in (0, 13)]
    batch = assemble(screens, [shown.examples for shown in screens], grid_of(screens[0], pad(run)), typing=-1)
    logits = run.forward.logits(run.forward(batch, run.forward.picture(batch)).hidden)
    vocabulary = Vocabulary(run.tokenizer, 28)
    for number, shown in enumerate(screens):
        picture = Picture(Image.open(io.BytesIO(shown.png)).convert("RGB"))
        for branch, (text, (_, reply, _)) in enumerate(
            zip(("Where?", "Where is it now?"), shown.examples, strict=True), 1
        ):
            tokens = vocabulary.lay_out(tiny.question(text, picture))
            asked = (batch.branch[number] == branch) & (batch.targets[number] != IGNORED)
            assert batch.targets[number][asked].tolist() == reply
            expected = tiny.library_logits(model, tokens)
            torch.testing.assert_close(logits[number][asked][0], expected, atol=1e-4, rtol=1e-4)


def test_it_goes_on_exactly_where_it_was_saved(folder: Path, tmp_path: Path) -> None:
    straight = begun(folder)
    step(straight)
    save(straight, folder / "start", tmp_path)
    step(straight)
    again = begun(folder)
    restore(again, tmp_path / LAST)
    step(again)
    assert again.step == 2
    for (_, one), (_, other) in zip(straight.masters, again.masters, strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)


def test_it_learns_where_the_square_is(folder: Path) -> None:
    run = begun(folder)
    run.step = 1000  # past the warm-up
    first, *_, last = [step(run) for _ in range(10)]
    assert last["reply"] < 0.7 * first["reply"] and last["look"] < first["look"] and last["read"] < first["read"]


def test_what_it_gets_right_is_told_by_page_and_for_the_answers_in_words(folder: Path, tmp_path: Path) -> None:
    run = begun(folder)
    tokenizer = find_tokenizer("model/embedded")
    assert tokenizer is not None
    vocabulary = Vocabulary(tokenizer, 28)
    answer = [*vocabulary.encode('*FUNCTION*: Answer\n*ARGS*: {"text": "none"}'), vocabulary.marker("<|im_end|>")]
    answered = [
        shown._replace(examples=[shown.examples[0], (shown.examples[1][0], answer, None)])
        for shown in map(screen, range(4))
    ]
    assert validate(run, answered) == {"squares": 0, ANSWERS: 0}, "it has learned nothing yet"
    write(
        tmp_path / "x.jsonl.gz",
        [shown._replace(examples=[(*shown.examples[0][:1], answer, None)]) for shown in answered],
    )
    run.decks.pages = {"squares": [*lines(tmp_path / "x.jsonl.gz")]}
    run.step = 1000  # past the warm-up
    for _ in range(30):
        step(run)
    assert validate(run, answered) == {"squares": 0, ANSWERS: 1}


def test_first_it_only_learns_to_read(folder: Path) -> None:
    run = begun(folder)
    run.seconds, run.step = 0.0, 1000
    model: Any = run.model
    before = model.model.language_model.layers[0].mlp.up_proj.weight.detach().clone()
    first, *_, last = [step(run) for _ in range(10)]
    assert set(first) == {"place", "read"} and last["read"] < first["read"]
    assert torch.equal(before, model.model.language_model.layers[0].mlp.up_proj.weight)


def test_a_letter_is_looked_for_in_the_patch_that_its_middle_is_in() -> None:
    written = Screen(
        "a", "0", screen(0).png, screen(0).examples, Letters("B\u2611\u4e2dB", [3, 40, 9, 0], [3, 20, 9, 223])
    )
    (letters,) = assemble([written], [written.examples], Grid(2, 8, 6), -1).labels()
    patches = [
        (int(cell), int(place) // len(ALPHABET), ALPHABET[int(place) % len(ALPHABET)])
        for cell, place in letters.nonzero()
    ]
    assert patches == [(0, 0, "B"), (1, 2, "\u2611"), (42, 2, "B")]


def test_a_text_to_type_is_exchanged_in_the_question_and_in_the_reply_and_its_source_is_marked() -> None:
    typing, quote, end = 7, 8, 9
    asked: Example = ([1, 2, *[3] * 48, 4, 20, 21, 22, 5], [typing, 20, 21, 22, quote, end], (3, 3))
    variant = retyped(asked, typing, range(30, 60), random.Random(1))
    assert variant is not None
    prompt, reply, place = variant
    text = reply[1:-2]
    assert reply[0] == typing and reply[-2:] == [quote, end] and set(text) <= set(range(30, 60)) and place == (3, 3)
    assert prompt == [*asked[0][:51], *text, 5]
    assert retyped((asked[0], [6, 20, quote, end], None), typing, [30], random.Random(1)) is None
    batch = assemble([screen(0)], [[asked, variant]], Grid(2, 8, 6), typing)
    copied = batch.sources[0] >= 0
    assert batch.ids[0][batch.sources[0][copied]].tolist() == batch.targets[0][copied].tolist() == [20, 21, 22, *text]


def test_a_reply_that_quotes_the_picture_looks_at_one_letter_after_the_other() -> None:
    pieces = {1: "An", 2: " old", 3: " ca", 4: "t", 5: '"}', 6: "<|im_end|>"}
    text = "Anoldcat" + "Anoldcat"  # at the top, one letter in each token of the row's six; and once more further down
    columns, rows = [14 + 20 * at for at in range(8)] * 2, [14] * 8 + [210] * 8
    shown = screen(0)._replace(letters=Letters(text, columns, rows))
    prompt = [1, 2, *[3] * 48, 4, 5]
    quoting: Example = (prompt, [9, 1, 2, 3, 4, 5, 6], (80, 200))
    other: Example = (prompt, [9, 4, 2, 5, 6], (80, 200))
    batch = assemble([shown], [[quoting, other]], Grid(2, 8, 6), -1, ["", *pieces.values()])
    row = 42
    looked = batch.looks[0][batch.targets[0] != IGNORED].tolist()
    assert looked[:7] == [row + 2, row, row + 1, row + 4, row + 5, row + 2, row + 2], "An, old, ca, t"
    assert set(looked[7:]) == {row + 2}, "told is nowhere"


def test_a_deck_shows_each_screen_once_before_any_again_and_can_be_taken_up(tmp_path: Path) -> None:
    shard = tmp_path / "a.jsonl.gz"
    shown = screen(0)
    write(shard, (shown._replace(seed=str(number), letters=Letters("ABCDE"[number], [1], [1])) for number in range(5)))
    some = shown.examples[0][0][20]
    deck = Decks.of([shard], 1, some)
    assert drawn(deck, 5) == {0, 1, 2, 3, 4}
    deck.batch(3)
    other = Decks.of([shard], 9, some)
    other.restore(deck.state())
    assert torch.equal(other.batch(7).letters, deck.batch(7).letters)
    parts = [deck.share(number, 2) for number in range(2)]
    assert [drawn(part, 9) for part in parts] == [{0, 2, 4}, {1, 3}]


def drawn(deck: Decks, count: int) -> set[int]:
    """Which of the letters A to E are on the screens of a batch."""
    return {int(place) - ALPHABET.index("A") for _, _, place in deck.batch(count).letters}


def test_a_batch_has_one_size_of_picture_and_fewer_of_the_larger(folder: Path, tmp_path: Path) -> None:
    for page, scale in (("small", 1), ("large", 2)):
        write(tmp_path / f"{page}.jsonl.gz", (screen(number, scale) for number in range(8)))
    run = start(folder / "start", tmp_path, minutes=1.0, seed=3)
    run.seconds, run.step = READ_UNTIL * 60, 1000
    batches = list(itertools.islice(Batches(run.decks, 8), 12))
    assert {(tuple(batch.pictures.shape), batch.grid.tokens) for batch in batches} == {
        ((8, 224, 168, 3), 48), ((2, 448, 336, 3), 192)
    }  # fmt: skip
    found = [learn(run, batch) for batch in batches]
    assert min(one["read"] for one in found[-4:]) < min(one["read"] for one in found[:4])
    assert validate(run, [screen(0), screen(0, 2)]).keys() == {"squares", "larger squares"}


def placeless(run: Run) -> Batch:
    """Screens with nothing written whose only reply is about no place, has no digit and copies nothing."""
    tokenizer = find_tokenizer("model/embedded")
    assert tokenizer is not None
    vocabulary = Vocabulary(tokenizer, 28)
    reply = [*vocabulary.encode('*FUNCTION*: Finish\n*ARGS*: {"status": "success"}'), vocabulary.marker("<|im_end|>")]
    shown = screen(0)._replace(letters=NOTHING_WRITTEN)
    return assemble([shown], [[(shown.examples[0][0], reply, None)]], grid_of(shown, pad(run)), run.decks.typing)


def test_a_batch_without_places_digits_copies_and_letters_has_a_finite_loss_and_is_learned(folder: Path) -> None:
    """The mean of nothing is no number, and one such loss makes every weight one."""
    run = begun(folder)
    found = learn(run, placeless(run))
    assert found["look"] == found["copy"] == found["digit"] == found["hit"] == 0 < found["reply"]
    assert run.broken == 0 and all(copy.isfinite().all() for copy in weights(run))


def test_a_step_that_is_not_finite_changes_no_weight_and_the_third_in_a_row_ends_the_training(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = begun(folder)
    step(run)
    before, states = weights(run), str(run.optimizers[-1].state_dict())
    bias: Any = run.objective.places.read.bias
    bias.register_hook(lambda grad: grad * torch.nan)
    learn(run, run.decks.batch(COUNT))
    assert all(map(torch.equal, before, weights(run))) and str(run.optimizers[-1].state_dict()) == states
    assert "Step 1 is not finite" in capsys.readouterr().out
    with pytest.raises(TrainingFailure, match=r"3 steps in a row.*Step 3 .*squares 4"):
        for _ in range(MOST_BROKEN - 1):
            step(run)
    assert all(map(torch.equal, before, weights(run)))


def test_a_gradient_that_is_not_finite_is_noticed_where_the_loss_is_finite(folder: Path) -> None:
    """As when cuDNN's attention fails in its backward pass: clipping by a norm that is no number spreads it."""
    run = begun(folder)
    before = weights(run)
    weight: Any = run.masters[0][0]
    hook = weight.register_hook(lambda grad: grad.index_fill(0, torch.tensor(0), torch.nan))
    found = step(run)
    assert all(torch.tensor(list(found.values())).isfinite()) and run.broken == 1
    assert all(map(torch.equal, before, weights(run)))
    hook.remove()
    step(run)
    assert run.broken == 0 and not all(map(torch.equal, before, weights(run)))


def test_two_checkpoints_are_kept_and_none_with_a_broken_weight(folder: Path, tmp_path: Path) -> None:
    run = begun(folder)
    for _ in range(3):
        step(run)
        save(run, folder / "start", tmp_path)
    steps = {
        name: torch.load(tmp_path / name / "training.pt", weights_only=False)["counts"][0] for name in (LAST, BEFORE)
    }
    assert steps == {LAST: 3, BEFORE: 2}
    with torch.no_grad():
        run.masters[5][1].view(-1)[0] = torch.inf
    with pytest.raises(TrainingFailure, match="not finite at step 3"):
        save(run, folder / "start", tmp_path)
    again = begun(folder)
    found = newest(tmp_path)
    assert found == tmp_path / LAST
    restore(again, found)
    assert again.step == 3 and all(copy.isfinite().all() for copy in weights(again))


def test_a_training_that_learns_nothing_ends_after_twenty_steps(folder: Path, tmp_path: Path) -> None:
    run = begun(folder)
    run.minutes, run.seconds, run.optimizers = 60.0, READ_UNTIL * 3600, []
    with pytest.raises(TrainingFailure, match="After 20 steps the loss of the first batch"):
        train(run, iter(Batches(run.decks, 1)), [], folder / "start", tmp_path)
    assert run.step == 20 and newest(tmp_path) is None


def test_a_model_with_more_layers_computes_the_same_and_its_new_layers_learn(folder: Path, tmp_path: Path) -> None:
    grow(tiny.EMBEDDED, tmp_path / "grown")
    old, new = (start(path, folder / "shards", minutes=1.0, seed=3) for path in (tiny.EMBEDDED, tmp_path / "grown"))
    assert len(new.masters) > len(old.masters)
    batch = old.decks.batch(1)
    with torch.no_grad():
        for run in (old, new):
            for weight, copy in run.masters:
                weight.data = copy.data.clone()
        hidden = [run.forward(batch, run.forward.picture(batch)).hidden for run in (old, new)]
    torch.testing.assert_close(*hidden)
    new = start(tmp_path / "grown", folder / "shards", minutes=1.0, seed=3)
    new.seconds, new.step = READ_UNTIL * 60, 1000
    zero = [copy for _, copy in new.masters if not copy.any()]
    assert len(zero) == 2 * (2 + 4)
    step(new)
    assert new.broken == 0 and all(copy.isfinite().all() for copy in weights(new)) and all(copy.any() for copy in zero)


@pytest.mark.slow
def test_make_gpu_trains_as_its_third_part(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "trained"
    command = f"{sys.executable} -m model.embedded.train --start {folder / 'start'} --shards {folder / 'shards'}" + (
        f" --validation {folder / 'shards'} --out {out} --minutes 0.2 --batch 2 --workers 1"
    )
    asked = [
        sys.executable,
        "-m",
        "tests.performance.gpu",
        str(tmp_path),
        "--parts",
        "train",
        "--dry",
        "--train",
        command,
    ]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=600, check=True)
    assert "| train | done |" in done.stdout, done.stdout
    assert len((out / "train_log.jsonl").read_text().splitlines()) >= 3, "at the start, on the way and at the end"
    found = newest(out)
    assert found == out / LAST
    again = start(found, folder / "shards", minutes=1.0, seed=3)
    restore(again, found)
    assert again.step > 0 and all(copy.isfinite().all() for copy in weights(again))


def test_parts_can_be_left_out_and_a_configuration_alone_is_a_random_start(folder: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / "start" / name).read_bytes())
    run = start(tmp_path, folder / "shards", minutes=1.0, seed=3, without=("look", "muon"))
    run.seconds = READ_UNTIL * 60
    assert set(run.auxiliary) == {"place", "read", "copy"} and len(run.optimizers) == 1
    step(run)
    assert all(copy.grad is None or copy.grad.isfinite().all() for _, copy in run.masters) and run.step == 1
