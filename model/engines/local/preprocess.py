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
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
"""Of CLIP's training pictures, red, green and blue; every Qwen2-VL and Qwen2.5-VL checkpoint uses them."""


def patches(image: Image.Image) -> Tensor:
    """The pixels of an RGB image, patch by patch: uint8, [patches, 3, 14, 14].

    Both sides are multiples of 28. Four patches that become one token follow each other; the tokens go row by row.
    """
    width, height = image.size
    side = PATCH * MERGE
    pixels = torch.from_numpy(np.array(image, dtype=np.uint8))
    blocks = pixels.view(height // side, MERGE, PATCH, width // side, MERGE, PATCH, 3)
    return blocks.permute(0, 3, 1, 4, 6, 2, 5).reshape(-1, 3, PATCH, PATCH)


def normalised(patches: Tensor) -> Tensor:
    """What the vision encoder takes: float32, [patches, 3 * 2 * 14 * 14], on the device the patches are on."""
    mean = torch.tensor(MEAN, device=patches.device).view(1, 3, 1, 1)
    deviation = torch.tensor(DEVIATION, device=patches.device).view(1, 3, 1, 1)
    scaled = torch.addcmul(-mean / deviation, patches.float(), 1 / (255 * deviation))
    return scaled.unsqueeze(2).expand(-1, -1, FRAMES, -1, -1).reshape(len(patches), -1)


def grid(image: Image.Image) -> Tensor:
    """The patches' extent in time, height and width, as the library wants it: int64, [1, 3]."""
    return torch.tensor([[1, image.height // PATCH, image.width // PATCH]])
