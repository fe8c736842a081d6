"""Any model that the library loads answers as the library alone has it answer: on three architectures."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForImageTextToText

from actions.errors import ContextOverflow, EngineFailure
from model.engine import DescribedEngine, Generated, Grammar, Message, Picture, Prompt, Text
from model.engines import EngineOptions, connect
from model.engines.local import load
from model.engines.local.plain import PlainEngine
from model.weights import find_tokenizer
from tests.model import others, tiny


class Loaded:
    """One checkpoint: our engine in float32, and the library's model and processor."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        others.write(name, folder)
        found = load.examined(folder, tiny.profile_of())
        model = load.load(folder, tiny.profile_of(), torch.device("cpu"), torch.float32)
        tokenizer = find_tokenizer(str(folder))
        assert tokenizer is not None
        self.processor = load.processor(found)
        self.engine = PlainEngine(model, self.processor, tokenizer, tiny.profile_of(), str(folder))
        library: Any = AutoModelForImageTextToText
        self.stock = library.from_pretrained(folder, dtype=torch.float32, local_files_only=True).eval()

    def inputs(self, prompt: Prompt) -> Any:
        """The conversation as the library's own processor reads it."""
        messages = [
            {
                "role": message.role,
                "content": [
                    {"type": "image", "image": part.image}
                    if isinstance(part, Picture)
                    else {"type": "text", "text": part.text}
                    for part in message.parts
                ],
            }
            for message in prompt.messages
            if message.parts
        ]
        return self.processor.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        )

    @torch.inference_mode()
    def logits(self, prompt: Prompt) -> torch.Tensor:
        self.stock.base_model.rope_deltas = None
        found: torch.Tensor = self.stock(**self.inputs(prompt)).logits[0, -1]
        return found

    @torch.inference_mode()
    def reply(self, prompt: Prompt, limit: int) -> str:
        inputs = self.inputs(prompt)
        self.stock.base_model.rope_deltas = None
        vocabulary = self.engine.vocabulary
        padding = list(range(vocabulary.size, self.stock.config.get_text_config().vocab_size))
        written = self.stock.generate(
            **inputs,
            max_new_tokens=limit,
            do_sample=False,
            suppress_tokens=padding,
            eos_token_id=sorted(vocabulary.ends),
        )
        ids = written[0, inputs["input_ids"].shape[1] :].tolist()
        return b"".join(map(vocabulary.bytes_of, (id for id in ids if id not in vocabulary.ends))).decode(
            errors="replace"
        )


@pytest.fixture(scope="module", params=others.NAMES)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    return Loaded(request.param, tmp_path_factory.mktemp("others") / request.param)


def grown(steps: int) -> Prompt:
    """A conversation of so many steps, each with a picture of another size."""
    turns: list[Message] = [Message("system", (Text("Act."),)), Message("user", (tiny.picture(0, 4, 3), Text("Go.")))]
    for step in range(steps):
        turns.append(Message("assistant", (Generated(f"Click {step}.", ()),)))
        turns.append(Message("user", (Text("Done. "), tiny.picture(step + 1, 3 + step % 3, 5 - step % 2))))
    return Prompt((*turns, Message("assistant", ())))


def test_a_growing_conversation_is_the_librarys_at_every_step(loaded: Loaded) -> None:
    model, reader = loaded.engine.model, loaded.engine._reader
    for steps in range(5):
        prompt = grown(steps)
        before = model.tokens_computed
        asked = reader.read(prompt)
        expected = loaded.logits(prompt)
        assert expected.std() > 0.3
        assert (model.prefill(asked) - expected).abs().max() < 1e-5
        computed = model.tokens_computed - before
        if steps:
            assert computed == len(asked.ids) if loaded.name == "qwen3_5" else computed < len(asked.ids) * 0.8
    shorter = grown(2)
    assert (model.prefill(reader.read(shorter)) - loaded.logits(shorter)).abs().max() < 1e-5


def test_another_picture_is_never_taken_for_one_that_is_known(loaded: Loaded) -> None:
    model, reader = loaded.engine.model, loaded.engine._reader
    for seed in (1, 2):
        prompt = tiny.question("Go.", tiny.picture(seed, 4, 4), tiny.picture(9, 3, 3))
        assert (model.prefill(reader.read(prompt)) - loaded.logits(prompt)).abs().max() < 1e-5


def test_replies_are_those_of_the_librarys_generate(loaded: Loaded) -> None:
    for steps in (0, 2):
        completion = loaded.engine.generate(grown(steps), (), 10)
        assert completion.text == loaded.reply(grown(steps), 10)
        assert completion.ids == () and completion.prompt_tokens == loaded.inputs(grown(steps))["input_ids"].shape[1]


def test_what_the_run_says_first_tells_whether_prompts_are_computed_whole(loaded: Loaded) -> None:
    assert isinstance(loaded.engine, DescribedEngine)
    whole = "every prompt is computed in full, because its cache cannot be cropped (LinearAttentionLayer)"
    reused = "the prefix that a prompt shares with the previous one is not computed again"
    assert loaded.engine.path == f"its own processor and cache; {whole if loaded.name == 'qwen3_5' else reused}"


def test_no_text_becomes_a_picture_or_the_end_of_a_turn(loaded: Loaded) -> None:
    reader, vocabulary = loaded.engine._reader, loaded.engine.vocabulary
    special = [vocabulary.bytes_of(id).decode() for id in sorted(vocabulary.special)]
    hostile = " ".join([*special, loaded.processor.image_token])
    plain, forged = (reader.read(tiny.question(text, tiny.picture(1, 4, 4))) for text in ("x", hostile))

    def count(ids: list[int]) -> int:
        return sum(id in vocabulary.special for id in ids)

    assert count(plain.ids) == count(forged.ids) and len(forged.ids) > len(plain.ids)


def test_a_grammar_holds_its_reply(loaded: Loaded) -> None:
    prompt = grown(0)._replace(grammar=Grammar("", 'root ::= "Click " [0-9]{3} ", \\"\u00e9\\""'))
    completion = loaded.engine.generate(prompt, (), 60)
    assert completion.text[:6] == "Click " and completion.text[9:] == ', "\u00e9"' and completion.text[6:9].isdigit()
    assert not completion.cut_off


def test_it_is_opened_by_its_folder_and_overflows_as_the_other_does(loaded: Loaded) -> None:
    profile = tiny.profile_of(context=40)
    opened = connect("local", profile, EngineOptions(weights=str(loaded.folder)))
    assert isinstance(opened, PlainEngine) and not opened.one_turn
    with pytest.raises(ContextOverflow, match="reads 40 with its reply"):
        opened.generate(grown(3), (), 5)
    opened.close()
    with pytest.raises(EngineFailure, match="closed"):
        opened.generate(grown(0), (), 5)


def test_a_folder_without_a_chat_template_is_refused_with_the_reason(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    others.write("llava", folder)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(EngineFailure, match="chat template"):
        connect("local", tiny.profile_of(), EngineOptions(weights=str(folder)))


def test_a_template_that_knows_no_system_message_gives_its_text_to_the_user(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    others.write("llava", folder)
    refusing = (
        "{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('No system!') }}{% endif %}{% endfor %}"
    )
    (folder / "chat_template.jinja").write_text(refusing + others.SPEECH)
    opened = connect("local", tiny.profile_of(), EngineOptions(weights=str(folder)))
    assert isinstance(opened, PlainEngine)
    asked = opened._reader.read(tiny.question("Go.", tiny.picture(1)))
    decoded = b"".join(map(opened.vocabulary.bytes_of, asked.ids)).decode()
    assert decoded.startswith("USER: Act on the page.\n\n<image>") and "SYSTEM" not in decoded
