"""Batches for training: each screen once, with several questions about it packed into one sequence.

A sequence is the tokens that all prompts share, the picture among them, followed by branches: the rest of a prompt and
its reply. A branch attends to the shared part and to itself, at the positions that it would have alone, so each branch
is exactly what the model reads and writes in a run, and the picture is encoded once for all of them.
"""

import io
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from model.embedded.shards import Example, Letters, Screen

IGNORED = -100
TEXT = 192
"""The tokens of a sequence besides the picture's."""
PATCH, MERGED = 14, 28
ALPHABET = "".join(map(chr, range(33, 127))) + "\u2610\u2611\u258f\u2022\u00d7\u00e4\u00f6\u00fc\u00df\u00e9"
"""The characters that are labels for reading; others are ignored."""
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class Grid(NamedTuple):
    """Where the picture is in every sequence: the index of its first token, its rows and columns of tokens."""

    start: int
    rows: int
    columns: int

    @property
    def tokens(self) -> int:
        return self.rows * self.columns


class Batch(NamedTuple):
    """B sequences of length L, whose pictures have one size. Everything after `letters` is by token."""

    pages: list[str]
    """The page of each sequence."""
    grid: Grid
    pictures: Tensor
    """(B, height, width, 3) bytes."""
    letters: Tensor
    """(N, 3): sequence, picture token, and 4 * alphabet places for a letter in one of the token's four patches."""
    ids: Tensor
    targets: Tensor
    """The next token if it belongs to a reply, else IGNORED."""
    looks: Tensor
    """The picture token that contains the point of the reply; -1 if there is none."""
    sources: Tensor
    """The index of the instruction's token that the next token copies; -1 if it copies none."""
    branch: Tensor
    """0 in the shared part, 1 and up in the branches, -1 in the padding."""
    positions: Tensor
    """(3, B, L): time, row and column, as in M-RoPE."""

    def to(self, device: torch.device) -> "Batch":
        pages, grid, *tensors = self
        return Batch(pages, grid, *(part.to(device, non_blocking=True) for part in tensors))

    def labels(self) -> Tensor:
        """(B, picture tokens, 4 * alphabet): 1 for each letter in each patch, else 0."""
        found = torch.zeros(len(self.ids), self.grid.tokens, 4 * len(ALPHABET), device=self.ids.device)
        found[self.letters.unbind(1)] = 1
        return found


def grid_of(screen: Screen, pad: int) -> Grid:
    """The position of a screen's picture in its prompts, given the token that stands for a part of a picture."""
    width, height = Image.open(io.BytesIO(screen.png)).size
    prompt = screen.examples[0][0]
    return Grid(prompt.index(pad), height // MERGED, width // MERGED)


def assemble(
    screens: Sequence[Screen],
    examples: Sequence[Sequence[Example]],
    grid: Grid,
    typing: int,
    pieces: Sequence[str] = (),
) -> Batch:
    """The sequences of some screens with some of their examples; a branch that does not fit is dropped.

    All are padded to `length`, so that each step of a training needs the same memory.
    `typing` is the token that begins a reply that types a text, and `pieces` are the texts of the tokens: with them a
    reply that quotes the picture refers to each letter in turn, instead of to one point.
    """
    count, shared = len(screens), grid.start + grid.tokens + 1
    length = grid.tokens + TEXT
    ids = torch.zeros(count, length, dtype=torch.long)
    targets, looks, sources, branch = ids + IGNORED, ids - 1, ids - 1, ids - 1
    positions = torch.zeros(3, count, length, dtype=torch.long)
    for row, chosen in enumerate(examples):
        ids[row, :shared] = torch.tensor(chosen[0][0][:shared])
        branch[row, :shared] = 0
        positions[:, row, :shared] = _shared_positions(grid)
        at, opened = shared, 0
        for prompt, reply, place in chosen:
            rest = [*prompt[shared:], *reply]
            if at + len(rest) > length:
                continue
            opened += 1
            end, replies = at + len(rest), at + len(rest) - len(reply)
            ids[row, at:end] = torch.tensor(rest)
            branch[row, at:end] = opened
            first = int(positions[0, row, shared - 1]) + 1
            positions[:, row, at:end] = torch.arange(first, first + len(rest))
            targets[row, replies - 1 : end - 1] = torch.tensor(reply)
            if place is not None:
                looks[row, replies - 1 : end - 1] = _token_at(place, grid)
                for index, letter in enumerate(_quoted(screens[row].letters, reply, place, pieces)):
                    looks[row, replies + index] = _token_at(letter, grid)
            source = _source(prompt, reply, typing)
            if source is not None:
                first = at + source - shared
                sources[row, replies : end - 3] = torch.arange(first, first + len(reply) - 3)
            at = end
    pictures = [np.asarray(Image.open(io.BytesIO(screen.png)).convert("RGB")) for screen in screens]
    letters = [(row, *label) for row, screen in enumerate(screens) for label in _labels(screen.letters, grid)]
    return Batch(
        [screen.page for screen in screens],
        grid,
        torch.from_numpy(np.stack(pictures)),
        torch.tensor(letters, dtype=torch.long).reshape(-1, 3),
        ids,
        targets,
        looks,
        sources,
        branch,
        positions,
    )


def _labels(letters: Letters, grid: Grid) -> Iterator[tuple[int, int]]:
    """The picture token of each letter, and its place among the token's labels."""
    for letter, column, row in zip(*letters, strict=True):
        kind = ALPHABET.find(letter)
        if kind >= 0:
            corner = 2 * (row % MERGED // PATCH) + column % MERGED // PATCH
            yield _token_at((column, row), grid), corner * len(ALPHABET) + kind


def _quoted(
    letters: Letters, reply: Sequence[int], place: Sequence[int], pieces: Sequence[str]
) -> list[tuple[int, int]]:
    """Where on the picture the pieces of a quoted text begin, from the second token; empty if the text is not there.

    Of several places with the same letters it is the one nearest the point of the reply.
    """
    parts = ["".join(pieces[token].split()) for token in reply[1:-2]] if pieces else []
    text = "".join(parts)
    starts = [at for at in range(len(letters.text)) if text and letters.text.startswith(text, at)]
    if not starts:
        return []
    middle = len(text) // 2
    start = min(starts, key=lambda at: math.dist((letters.columns[at + middle], letters.rows[at + middle]), place))
    if abs(letters.rows[start + middle] - place[1]) > MERGED:
        return []
    ends = itertools.accumulate((len(part) for part in parts[:-1]), initial=start)
    return [(letters.columns[at], letters.rows[at]) for at in ends]


def _source(prompt: Sequence[int], reply: Sequence[int], typing: int) -> int | None:
    """The first position in the prompt of the text that the reply types."""
    text = list(reply[1:-2])
    if reply[0] != typing or not text:
        return None
    places = range(len(prompt) - len(text) + 1)
    return next((at for at in places if prompt[at] == text[0] and list(prompt[at : at + len(text)]) == text), None)


def retyped(example: Example, typing: int, letters: Sequence[int], chance: random.Random) -> Example | None:
    """The same question with another text to type, if the reply types one (the picture does not show it yet)."""
    prompt, reply, place = example
    source = _source(prompt, reply, typing)
    if source is None:
        return None
    text = chance.choices(letters, k=chance.randint(1, 8))
    return [*prompt[:source], *text, *prompt[source + len(reply) - 3 :]], [reply[0], *text, *reply[-2:]], place


def _token_at(place: Sequence[int], grid: Grid) -> int:
    column, row = (
        min(max(side, 0) // MERGED, most - 1) for side, most in zip(place, (grid.columns, grid.rows), strict=True)
    )
    return row * grid.columns + column


def _shared_positions(grid: Grid) -> Tensor:
    """Qwen2.5-VL's positions: text counts up, a picture spans rows and columns and advances by its longer side."""
    cells = torch.arange(grid.tokens)
    picture = torch.stack([cells * 0, cells // grid.columns, cells % grid.columns]) + grid.start
    after = torch.full((3, 1), grid.start + max(grid.rows, grid.columns))
    return torch.cat([torch.arange(grid.start).expand(3, -1), picture, after], 1)


def patches(pictures: Tensor) -> Tensor:
    """The output of Qwen2-VL's image processor for pictures that need no resize, each doubled in time."""
    mean, deviation = torch.tensor((MEAN, DEVIATION), device=pictures.device).unbind()
    pixels = (pictures.float() / 255 - mean) / deviation
    count, height, width, _ = pixels.shape
    blocks = pixels.reshape(count, height // MERGED, 2, PATCH, width // MERGED, 2, PATCH, 3)
    ordered = blocks.permute(0, 1, 4, 2, 5, 7, 3, 6).unsqueeze(6).expand(-1, -1, -1, -1, -1, -1, 2, -1, -1)
    return ordered.reshape(count, height // PATCH * (width // PATCH), -1)
