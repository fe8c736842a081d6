"""Converts a picture to the patches that the vision encoder reads: 8-bit, normalised on the device.

Equal to the library's `Qwen2VLImageProcessorPil` to within 1e-6 (float32). The encoder takes two video frames at once
and a still picture is the same frame twice, so the second one is only made on the device.

Adding up the two halves of the encoder's first kernel would save making it. It was measured and is not done: in float32
that layer's output (standard deviation 0.75) differs by up to 5.5e-6, and the logits of a tiny model by 1.1e-5, more
than the 1e-5 that the engine promises.
"""

from collections.abc import Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

FRAMES = 2
PART = 128
"""Patches normalised at once on a CPU: so many fit its cache. A GPU takes all, for each call costs it the same."""


def patches(image: Image.Image, patch: int, merge: int) -> Tensor:
    """The pixels of an RGB image, patch by patch: uint8, [patches, 3, patch, patch].

    Both sides are multiples of `patch * merge`. The patches that become one token follow each other; the tokens go row
    by row.
    """
    width, height = image.size
    side = patch * merge
    blocks = np.asarray(image).reshape(height // side, merge, patch, width // side, merge, patch, 3)
    ordered = np.ascontiguousarray(blocks.transpose(0, 3, 1, 4, 6, 2, 5))
    return torch.from_numpy(ordered).view(-1, 3, patch, patch)


class Preprocessor:
    """Makes of a picture what the vision encoder takes, in memory that it keeps.

    `mean` and `deviation` are those of red, green and blue, in parts of 255.

    A CPU takes longer to move this memory (46 MB for a screen of 1920x1080) than for the arithmetic: having it mapped
    anew for every picture takes 15 ms of 23, and going through it once instead of part by part in its cache, 9 of 19.
    """

    def __init__(
        self, patch: int, merge: int, mean: Sequence[float], deviation: Sequence[float], device: torch.device
    ) -> None:
        self._patch, self._merge = patch, merge
        self._mean, self._deviation = mean, deviation
        self._kept = torch.empty(0, 3, FRAMES, patch, patch, device=device)

    def __call__(self, image: Image.Image) -> tuple[Tensor, Tensor]:
        """The pixels, and the patches' extent in time, height and width, as the library wants them, on the device.

        Float32, [patches, 3 * 2 * patch * patch], good until the next call, which writes over it; and int64, [1, 3].
        """
        rows, columns = image.height // self._patch, image.width // self._patch
        grid = torch.tensor([[1, rows, columns]], device=self._kept.device)
        return self._normalised(patches(image, self._patch, self._merge)), grid

    def forget(self) -> None:
        """Gives the memory back."""
        self._kept = self._kept[:0].clone()

    def _normalised(self, patches: Tensor) -> Tensor:
        if len(patches) > len(self._kept):
            self._kept = self._kept.new_empty(len(patches), *self._kept.shape[1:])
        mean = self._kept.new_tensor(self._mean).view(1, 3, 1, 1)
        deviation = self._kept.new_tensor(self._deviation).view(1, 3, 1, 1)
        factor, offset = 1 / (255 * deviation), mean / deviation
        frames = self._kept[: len(patches)]
        size = PART if frames.device.type == "cpu" else max(len(frames), 1)
        parts = zip(torch.split(frames, size), torch.split(patches.to(frames.device), size), strict=True)
        for part, pixels in parts:
            part[:, :, 0].copy_(pixels).mul_(factor).sub_(offset)
            part[:, :, 1] = part[:, :, 0]
        return frames.view(len(patches), -1)
