"""A small Qwen2.5-VL with random weights and the real vocabulary, as a folder that any server can serve.

`python -m tests.model.server.small_checkpoint FOLDER` writes it: 320 MB, once, for the tests marked `server`.
Heads of 64 numbers, as vLLM's attention on a CPU refuses the 16 of the tiny model that the other tests use.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from tests.model.tiny import EMBEDDED, config_for
from tests.qwen_vocabulary import qwen_tokenizer, tokenizer_file

TEMPLATE = (
    "{% for message in messages %}{% if loop.first and message['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] in ('image', 'image_url') %}<|vision_start|><|image_pad|><|vision_end|>"
    "{% elif 'text' in part %}{{ part['text'] }}{% endif %}{% endfor %}{% endif %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""Does what the released template does with texts and images: a system text where none is given, and no tools."""

GENERATION = {
    "bos_token_id": 151_643,
    "pad_token_id": 151_643,
    "eos_token_id": [151_645, 151_643],
    "do_sample": True,
    "repetition_penalty": 1.05,
    "temperature": 1e-6,
}
"""As released; a server that applies the penalty unasked changes what the model says."""


def write(folder: Path) -> None:
    """Writes config, weights, tokenizer and preprocessor in the layout of the released checkpoints."""
    config = config_for(qwen_tokenizer())
    text: Any = config.text_config
    vision: Any = config.vision_config
    text.hidden_size, text.intermediate_size, text.vocab_size = 256, 512, 152_064
    text.rope_parameters = {**text.rope_parameters, "mrope_section": [8, 12, 12]}
    text.num_attention_heads, text.num_key_value_heads, text.head_dim = 4, 2, 64
    vision.hidden_size, vision.num_heads, vision.intermediate_size, vision.out_hidden_size = 128, 2, 256, 256
    text.pad_token_id = GENERATION["pad_token_id"]  # its embedding is zeros, on which llama.cpp's logits are no numbers
    torch.manual_seed(0)
    model = Qwen2_5_VLForConditionalGeneration(config)
    model.train(False)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.mul_(4)
    model.save_pretrained(folder)
    shutil.copy(tokenizer_file(), folder / "tokenizer.json")
    (folder / "chat_template.jinja").write_text(TEMPLATE, encoding="utf-8")
    special = {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>", "tokenizer_class": "Qwen2Tokenizer"}
    (folder / "tokenizer_config.json").write_text(json.dumps(special), encoding="utf-8")
    (folder / "generation_config.json").write_text(json.dumps(GENERATION), encoding="utf-8")
    pictures = json.loads((EMBEDDED / "preprocessor_config.json").read_text(encoding="utf-8"))
    limits = {"min_pixels": 3136, "max_pixels": 12_845_056, "size": {"shortest_edge": 3136, "longest_edge": 12_845_056}}
    (folder / "preprocessor_config.json").write_text(json.dumps(pictures | limits), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
