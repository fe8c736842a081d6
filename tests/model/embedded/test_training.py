"""Training: what it computes is the library's model, it goes on exactly where it was, and it learns."""

import io
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from model.embedded.batches import ALPHABET, IGNORED, Decks, Grid, assemble, retyped
from model.embedded.shards import Example, Letters, Screen, lines, read, write
from model.embedded.train import ANSWERS, LENGTH, READ_UNTIL, Run, learn, restore, save, start, validate
from model.engine import Picture
from model.engines.local.tokens import Vocabulary
from model.weights import find_tokenizer
from tests.model import tiny

SIDE = (168, 224)
NOTHING_WRITTEN = Letters("", [], [])
QUESTIONS = ("Where?", "Where is it now?")


def screen(number: int) -> Screen:
    """A page with one dark square, and two questions about where it is."""
    place = (14 + 28 * (number % 6), 14 + 28 * (number % 8))
    image = Image.new("RGB", SIDE, "white")
    image.paste("black", (place[0] - 9, place[1] - 9, place[0] + 9, place[1] + 9))
    png = io.BytesIO()
    image.save(png, "PNG")
    tokenizer = find_tokenizer("model/embedded")
    assert tokenizer is not None
    vocabulary = Vocabulary(tokenizer, 28)
    reply = [*vocabulary.encode(f"[{place[0]}, {place[1]}]"), vocabulary.marker("<|im_end|>")]
    asked = [vocabulary.lay_out(tiny.question(text, Picture(image))).ids for text in QUESTIONS]
    letters = Letters("\u2611", [place[0]], [place[1]])
    return Screen("squares", str(number), png.getvalue(), [(ids, reply, place) for ids in asked], letters)


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
    run.batch, run.seconds = 4, READ_UNTIL * 60
    return run


def test_a_shard_reads_back_as_written(folder: Path) -> None:
    first = next(read(folder / "shards" / "squares.jsonl.gz"))
    wanted = screen(0)
    assert (first.page, first.seed, first.png, first.letters) == (wanted.page, wanted.seed, wanted.png, wanted.letters)
    assert [(ids, reply, tuple(place or ())) for ids, reply, place in first.examples] == wanted.examples


def test_every_branch_computes_what_the_library_computes_for_that_prompt_alone(folder: Path) -> None:
    run = begun(folder)
    model: Any = run.model
    model.float().train(False)
    with torch.no_grad():
        for weight, copy in run.masters:
            weight.data = copy.data.clone()
    screens = [screen(number) for number in (0, 13)]
    batch = assemble(screens, [shown.examples for shown in screens], run.forward.grid, LENGTH, typing=-1)
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
    learn(straight)
    save(straight, folder / "start", tmp_path)
    learn(straight)
    again = begun(folder)
    restore(again, tmp_path)
    learn(again)
    assert again.step == 2
    for (_, one), (_, other) in zip(straight.masters, again.masters, strict=True):
        torch.testing.assert_close(one, other, atol=0, rtol=0)


def test_it_learns_where_the_square_is(folder: Path) -> None:
    run = begun(folder)
    run.step = 1000  # past the warm-up
    first, *_, last = [learn(run).numbers() for _ in range(10)]
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
        learn(run)
    assert validate(run, answered) == {"squares": 0, ANSWERS: 1}


def test_first_it_only_learns_to_read(folder: Path) -> None:
    run = begun(folder)
    run.seconds, run.step = 0.0, 1000
    model: Any = run.model
    before = model.model.language_model.layers[0].mlp.up_proj.weight.detach().clone()
    first, *_, last = [learn(run).numbers() for _ in range(10)]
    assert set(first) == {"place", "read"} and last["read"] < first["read"]
    assert torch.equal(before, model.model.language_model.layers[0].mlp.up_proj.weight)


def test_a_letter_is_looked_for_in_the_patch_that_its_middle_is_in() -> None:
    written = Screen(
        "a", "0", screen(0).png, screen(0).examples, Letters("B\u2611\u4e2dB", [3, 40, 9, 0], [3, 20, 9, 223])
    )
    (letters,) = assemble([written], [written.examples], Grid(2, 8, 6), 240, -1).letters
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
    batch = assemble([screen(0)], [[asked, variant]], Grid(2, 8, 6), 240, typing)
    copied = batch.sources[0] >= 0
    assert batch.ids[0][batch.sources[0][copied]].tolist() == batch.targets[0][copied].tolist() == [20, 21, 22, *text]


def test_a_deck_shows_each_screen_once_before_any_again_and_can_be_taken_up(tmp_path: Path) -> None:
    shard = tmp_path / "a.jsonl.gz"
    write(shard, (Screen("a", str(number), b"", [], NOTHING_WRITTEN) for number in range(5)))
    deck = Decks.of([shard], 1)
    assert sorted(shown.seed for shown in deck.draw(5, {})) == ["0", "1", "2", "3", "4"]
    deck.draw(3, {})
    other = Decks.of([shard], 9)
    other.restore(deck.state())
    assert [shown.seed for shown in other.draw(7, {})] == [shown.seed for shown in deck.draw(7, {})]


def test_parts_can_be_left_out_and_a_configuration_alone_is_a_random_start(folder: Path, tmp_path: Path) -> None:
    for name in ("config.json", "tokenizer.json"):
        (tmp_path / name).write_bytes((folder / "start" / name).read_bytes())
    run = start(tmp_path, folder / "shards", minutes=1.0, seed=3, without=("look", "muon"))
    run.batch, run.seconds = 4, READ_UNTIL * 60
    assert set(run.auxiliary) == {"place", "read", "copy"} and len(run.optimizers) == 1
    learn(run)
    assert all(copy.grad is None or copy.grad.isfinite().all() for _, copy in run.masters) and run.step == 1
