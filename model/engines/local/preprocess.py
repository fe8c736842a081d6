"""A picture as the patches that the vision encoder reads: 8-bit until it is on the device, normalised there.

Equal to the library's `Qwen2VLImageProcessorPil` to within 1e-6 (float32). The encoder takes two video frames at once
and a still picture is the same frame twice, so the second one is only made on the device.

Adding up the two halves of the encoder's first kernel would save making it. It was measured and is not done: in float32
that layer's output (standard deviation 0.75) differs by up to 5.5e-6, and the logits of a tiny model by 1.1e-5, more
than the 1e-5 that the engine promises.
"""

import numpy as np
import torch
from PIL import Image
from torch import Tensor

PATCH, MERGE, FRAMES = 14, 2, 2
PART = 128
"""Patches normalised at once: so many fit a processor's cache."""
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP's training pictures, red, green and blue; every Qwen2-VL and Qwen2.5-VL checkpoint uses them."""


def patches(image: Image.Image) -> Tensor:
    """The pixels of an RGB image, patch by patch: uint8, [patches, 3, 14, 14].

    Both sides are multiples of 28. Four patches that become one token follow each other; the tokens go row by row.
    """
    width, height = image.size
    side = PATCH * MERGE
    blocks = np.asarray(image).reshape(height // side, MERGE, PATCH, width // side, MERGE, PATCH, 3)
    ordered = np.ascontiguousarray(blocks.transpose(0, 3, 1, 4, 6, 2, 5))
    return torch.from_numpy(ordered).view(-1, 3, PATCH, PATCH)


class Normaliser:
    """Makes of patches what the vision encoder takes, in memory that it keeps.

    A CPU takes longer to move this memory (46 MB for a screen of 1920x1080) than for the arithmetic: having it mapped
    anew for every picture takes 15 ms of 23, and going through it once instead of part by part in its cache, 9 of 19.
    """

    def __init__(self, device: torch.device) -> None:
        self._kept = torch.empty(0, 3, FRAMES, PATCH, PATCH, device=device)

    def __call__(self, patches: Tensor) -> Tensor:
        """Float32, [patches, 3 * 2 * 14 * 14], on the device; good until the next call, which writes over it."""
        if len(patches) > len(self._kept):
            self._kept = self._kept.new_empty(len(patches), *self._kept.shape[1:])
        mean = self._kept.new_tensor(MEAN).view(1, 3, 1, 1)
        deviation = self._kept.new_tensor(DEVIATION).view(1, 3, 1, 1)
        factor, offset = 1 / (255 * deviation), mean / deviation
        frames = self._kept[: len(patches)]
        parts = zip(torch.split(frames, PART), torch.split(patches.to(frames.device), PART), strict=True)
        for part, pixels in parts:
            part[:, :, 0].copy_(pixels).mul_(factor).sub_(offset)
            part[:, :, 1] = part[:, :, 0]
        return frames.view(len(patches), -1)


def grid(image: Image.Image) -> Tensor:
    """The patches' extent in time, height and width, as the library wants it: int64, [1, 3]."""
    return torch.tensor([[1, image.height // PATCH, image.width // PATCH]])
