"""Our patches are those of the library's processor."""

import random

import pytest
import torch
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from model.engines.local import preprocess

CPU = torch.device("cpu")


def noise(width: int, height: int) -> Image.Image:
    return Image.frombytes("RGB", (width, height), random.Random(width * height).randbytes(width * height * 3))


@pytest.fixture
def processor() -> Qwen2VLImageProcessorPil:
    return Qwen2VLImageProcessorPil(size={"shortest_edge": 28 * 28, "longest_edge": 12_845_056})


@pytest.mark.parametrize(("width", "height"), [(28, 28), (168, 224), (28, 588), (504, 1148), (1316, 728)])
def test_patches_equal_the_librarys_to_a_millionth(
    width: int, height: int, processor: Qwen2VLImageProcessorPil
) -> None:
    image = noise(width, height)
    theirs = processor(images=[image], return_tensors="pt")
    ours = preprocess.Normaliser(CPU)(preprocess.patches(image))
    assert ours.shape == theirs["pixel_values"].shape
    assert (ours - theirs["pixel_values"]).abs().max() < 1e-6
    assert torch.equal(preprocess.grid(image), theirs["image_grid_thw"])


def test_pixels_stay_8_bit_until_they_are_normalised() -> None:
    patches = preprocess.patches(noise(168, 224))
    assert patches.dtype == torch.uint8 and patches.nbytes == 168 * 224 * 3


def test_the_memory_that_is_kept_changes_nothing_from_picture_to_picture() -> None:
    kept = preprocess.Normaliser(CPU)
    for width, height in [(168, 224), (504, 532), (28, 28), (168, 224)]:
        patches = preprocess.patches(noise(width, height))
        assert torch.equal(kept(patches), preprocess.Normaliser(CPU)(patches))
    larger, smaller = (kept(preprocess.patches(noise(*size))) for size in [(504, 532), (28, 28)])
    assert larger.data_ptr() == smaller.data_ptr()
