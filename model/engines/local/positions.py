"""`Counter`: the positions of M-RoPE, continued as a prompt grows.

Every token has three: time, height and width. A text token has the same number three times. A picture that starts at p
has time p, height p + row and width p + column; the next token is at p + the longer of its sides, so a picture of 2691
tokens takes up only 69 positions. The rule is `get_rope_index` of transformers.
"""

import torch
from torch import Tensor

from model.engines.local.tokens import Tokens


class Counter:
    """Gives out positions in reading order."""

    def __init__(self) -> None:
        self.next = 0

    def text(self, count: int) -> Tensor:
        """The positions of `count` text tokens: int64, [3, count]."""
        start, self.next = self.next, self.next + count
        return torch.arange(start, self.next).expand(3, -1)

    def picture(self, rows: int, columns: int) -> Tensor:
        """The positions of a picture's tokens: int64, [3, rows * columns]."""
        start, self.next = self.next, self.next + max(rows, columns)
        time = torch.full((rows, columns), start)
        height = torch.arange(start, start + rows).view(-1, 1).expand(rows, columns)
        width = torch.arange(start, start + columns).expand(rows, columns)
        return torch.stack([time, height, width]).view(3, -1)

    def all_of(self, tokens: Tokens) -> Tensor:
        """The positions of a whole prompt: int64, [3, tokens]."""
        found, done = [], 0
        for placed in tokens.pictures:
            found.append(self.text(placed.start - done))
            found.append(self.picture(placed.rows, placed.columns))
            done = placed.end
        found.append(self.text(len(tokens.ids) - done))
        return torch.cat(found, dim=1)
