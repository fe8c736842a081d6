"""Qwen2.5-VL with random weights at the shapes that are timed: the speed does not depend on the weights' values.

On a CPU the default is an eighth of the 3B model: widths, tokens per screenshot, text and replies are divided by eight,
so that the share of attention in the work is that of the real shape, and so are layers. The real 3B and 7B shapes are
for a GPU.
"""

import gc
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from tokenizers import Tokenizer
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from actions.geometry import Size
from model import profile as profiles
from model.engines.local.engine import LocalEngine
from model.engines.local.tokens import Vocabulary
from model.profile import Profile
from tests.model import tiny


class Scale(NamedTuple):
    """A shape, and how much smaller than a real one its prompts are."""

    name: str
    divisor: int
    text: dict[str, Any]
    vision: dict[str, Any]


_TEXT_3B = dict(hidden_size=2048, intermediate_size=11008, num_hidden_layers=36, num_attention_heads=16)
_TEXT_7B = dict(hidden_size=3584, intermediate_size=18944, num_hidden_layers=28, num_attention_heads=28)
_VISION = dict(depth=32, hidden_size=1280, intermediate_size=3420, num_heads=16, fullatt_block_indexes=[7, 15, 23, 31])
_EIGHTH = dict(hidden_size=256, intermediate_size=1376, num_hidden_layers=4, num_attention_heads=8)
_EIGHTH_VISION = dict(depth=4, hidden_size=160, intermediate_size=428, num_heads=5, fullatt_block_indexes=[3])

EIGHTH = Scale("an eighth of 3B", 8, {**_EIGHTH, "num_key_value_heads": 1, "vocab_size": 4096}, _EIGHTH_VISION)
REAL = (
    Scale("3B", 1, {**_TEXT_3B, "num_key_value_heads": 2, "vocab_size": 151936}, _VISION),
    Scale("7B", 1, {**_TEXT_7B, "num_key_value_heads": 4, "vocab_size": 152064}, _VISION),
)
SECTIONS = {128: [16, 24, 24], 32: [4, 6, 6]}
"""M-RoPE's shares of a head, by its width."""
SCREENS = {"1280x800": Size(45, 28), "1920x1080": Size(47, 26), "1080x2400": Size(24, 53)}
"""Tokens across and down as a cap of 1280 tokens leaves them, with which 20 screenshots fit the context of 32768."""


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def scales() -> tuple[Scale, ...]:
    """What to time here: the real shapes on a GPU, the small one without."""
    return REAL if torch.cuda.is_available() else (EIGHTH,)


def hardware() -> str:
    """For the table: what it was measured on."""
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else f"CPU time, {torch.get_num_threads()} threads"
    return f"{name}, torch {torch.__version__}"


def tokenizer() -> Tokenizer:
    return tiny.tokenizer_of(tiny.EMBEDDED / "tokenizer.json")


def profile() -> Profile:
    return profiles.load("embedded").model_copy(update={"name": "random", "context": 32768})


def config(scale: Scale) -> Qwen2_5_VLConfig:
    """The library's configuration of the shape."""
    small: Any = tiny.config_for(tokenizer())
    head = scale.text["hidden_size"] // scale.text["num_attention_heads"]
    rope = {"rope_type": "default", "type": "mrope", "rope_theta": 1e6, "mrope_section": SECTIONS[head]}
    text = small.text_config.to_dict() | scale.text | {"rope_parameters": rope}
    del text["layer_types"]
    vision = small.vision_config.to_dict() | scale.vision | {"out_hidden_size": scale.text["hidden_size"]}
    return Qwen2_5_VLConfig(**{**small.to_dict(), "text_config": text, "vision_config": vision})


def model(scale: Scale) -> Qwen2_5_VLForConditionalGeneration:
    """With random weights, in bfloat16 on a GPU and float32 on a CPU."""
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16 if torch.cuda.is_available() else torch.float32)
    with device():
        made: Any = Qwen2_5_VLForConditionalGeneration(config(scale))
    made.to(torch.get_default_dtype()).train(False)  # the configuration names another type
    torch.set_default_dtype(before)
    with torch.no_grad():  # so that logits are not flat and replies are worth comparing
        made.lm_head.weight.mul_(20)
        # The likeliest token's logit is above zero, so no reply ends before its limit.
        made.lm_head.weight[sorted(Vocabulary(tokenizer(), profile().patch).ends)] = 0
    found: Qwen2_5_VLForConditionalGeneration = made
    return found


class Loaded(NamedTuple):
    """A shape's model with random weights, and the engine that holds it."""

    scale: Scale
    model: Any
    engine: LocalEngine


def loaded(scale: Scale) -> Loaded:
    made = model(scale)
    return Loaded(scale, made, LocalEngine(made, tokenizer(), profile()))


def screen(name: str, scale: Scale) -> Size:
    """The tokens across and down of a screen, at the scale."""
    across, down = SCREENS[name]
    shrink = scale.divisor**0.5
    return Size(round(across / shrink), round(down / shrink))


def timed(work: Callable[[], object], clock: Callable[[], float] | None = None) -> float:
    """Seconds, the work of a GPU included; on a CPU those of the processor, which what else runs there hardly changes.

    All threads' seconds add up, so that ratios need OMP_NUM_THREADS=1. `clock` is another one to go by.
    """
    clock = clock or (time.perf_counter if torch.cuda.is_available() else time.process_time)
    gc.collect()
    _wait()
    started = clock()
    work()
    _wait()
    return clock() - started


def _wait() -> None:
    """Until the GPU has done all that it was given."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
