"""A captured array to the encoder's input: run `python -m tests.performance.preprocess [--quick]`.

Against the library's `Qwen2VLImageProcessorPil`, both from the same array at the size of the screen, in turns: resize,
patches, normalise. Both resize with Pillow, so that time is reported separately: no patches could be had for less. The
library's other processor, on torchvision, resizes differently, to within one of 256 levels, and is no comparison.
"""

import argparse

import numpy as np
import torch
from PIL import Image
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from actions.geometry import Size
from model import profile as profiles
from model.engines.local.families import FAMILIES
from model.engines.local.preprocess import Preprocessor
from tests.performance import shapes

SCREENS = (Size(1280, 800), Size(1920, 1080), Size(1080, 2400))


def main() -> None:
    """Prints milliseconds, the best of a few, and the ratio for the screen where it is least."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repeats")
    repeats = 5 if parser.parse_args().quick else 15
    print(
        f"{shapes.hardware()}, best of {repeats}\nscreen      library ms   ours ms   resize alone   bytes to the device"
    )
    print(f"ratio={min(measured(screen, repeats) for screen in SCREENS):.2f}")


def measured(screen: Size, repeats: int) -> float:
    profile = profiles.load("qwen2.5-vl-7b")
    captured = np.random.default_rng(0).integers(0, 256, (screen.height, screen.width, 3), dtype=np.uint8)
    size = profile.image_size(screen)
    processor = Qwen2VLImageProcessorPil(size={"shortest_edge": profile.min_pixels, "longest_edge": profile.max_pixels})

    family = FAMILIES["Qwen2_5_VLForConditionalGeneration"]
    preprocess = Preprocessor(14, 2, family.mean, family.deviation, shapes.device())

    def resized() -> Image.Image:
        return Image.fromarray(captured).resize(size, Image.Resampling.BICUBIC)

    def ours() -> torch.Tensor:
        return preprocess(resized())[0]

    def theirs() -> torch.Tensor:
        pixels: torch.Tensor = processor(images=[captured], return_tensors="pt")["pixel_values"].to(shapes.device())
        return pixels

    assert (ours() - theirs()).abs().max() < 1e-6
    rounds = [[shapes.timed(work) * 1000 for work in (ours, theirs, resized)] for _ in range(repeats)]
    mine, other, least = (min(taken[way] for taken in rounds) for way in range(3))
    print(f"{screen!s:10} {other:11.1f} {mine:9.1f} {least:14.1f}   {size.width * size.height * 3 / 2**20:.1f} MiB")
    return other / mine


if __name__ == "__main__":
    main()
