"""Our patches are those of the library's processor."""

import random

import pytest
import torch
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from model.engines.local.families import FAMILIES, Family
from model.engines.local.preprocess import Preprocessor, patches

CPU = torch.device("cpu")
CASES = [(name, 16 if name == "Qwen3VLForConditionalGeneration" else 14) for name in FAMILIES]


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(width * height).randbytes(width * height * 3))


def ours_of(family: Family, patch: int) -> Preprocessor:
    return Preprocessor(patch, 2, family.mean, family.deviation, CPU)


@pytest.mark.parametrize(("name", "patch"), CASES)
@pytest.mark.parametrize(("columns", "rows"), [(1, 1), (6, 8), (1, 21), (18, 41), (47, 26)])
def test_patches_equal_the_librarys_to_a_millionth(columns: int, rows: int, name: str, patch: int) -> None:
    family = FAMILIES[name]
    image = noise(columns * 2 * patch, rows * 2 * patch)
    processor = Qwen2VLImageProcessorPil(
        size={"shortest_edge": 28 * 28, "longest_edge": 12_845_056},
        patch_size=patch,
        image_mean=family.mean,
        image_std=family.deviation,
    )
    theirs = processor(images=[image], return_tensors="pt")
    pixels, grid = ours_of(family, patch)(image)
    assert pixels.shape == theirs["pixel_values"].shape
    assert (pixels - theirs["pixel_values"]).abs().max() < 1e-6
    assert torch.equal(grid, theirs["image_grid_thw"])


def test_pixels_stay_8_bit_until_they_are_normalised() -> None:
    found = patches(noise(168, 224), 14, 2)
    assert found.dtype == torch.uint8 and found.nbytes == 168 * 224 * 3


def test_the_memory_that_is_kept_changes_nothing_from_picture_to_picture() -> None:
    family = FAMILIES["Qwen2_5_VLForConditionalGeneration"]
    kept = ours_of(family, 14)
    for width, height in [(168, 224), (504, 532), (28, 28), (168, 224)]:
        image = noise(width, height)
        assert torch.equal(kept(image)[0], ours_of(family, 14)(image)[0])
    larger, smaller = (kept(noise(*size))[0] for size in [(504, 532), (28, 28)])
    assert larger.data_ptr() == smaller.data_ptr()
