"""Drawing lessons from shards for the batches of a training."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch.utils.data import IterableDataset, get_worker_info

from model.embedded.batches import Batch, Grid, assemble, grid_of, retyped
from model.embedded.shards import Example, Screen, lines, screen_of

RETYPED = 3
"""How many variants with another text a question that types a text gets."""
DecksState = tuple[tuple[Any, ...], dict[str, list[int]], dict[str, int]]
"""The random state, the rest of each page's deck, and the number of screens of each page."""


@dataclass
class Decks:
    """The screens of each page, drawn like cards: shuffled, each once, then shuffled again. Its state can be saved."""

    pages: dict[str, list[bytes]]
    """Each page's screens, as stored in a shard."""
    grids: dict[str, Grid]
    """The position of the picture in each page's prompts: a page has one size of picture."""
    chance: random.Random
    typing: int = -1
    letters: Sequence[int] = ()
    pieces: Sequence[str] = ()
    """The texts of the tokens."""
    left: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, shards: Iterable[Path], seed: int, pad: int) -> "Decks":
        """The screens of some shards, each with the screens of one page. `pad` stands for a part of a picture."""
        pages: dict[str, list[bytes]] = {}
        grids: dict[str, Grid] = {}
        for shard in shards:
            if found := list(lines(shard)):
                first = screen_of(found[0])
                pages.setdefault(first.page, []).extend(found)
                grids.setdefault(first.page, grid_of(first, pad))
        return cls(pages, grids, random.Random(seed))

    def share(self, number: int, count: int) -> "Decks":
        """The part of one of `count` workers: screens, and a random state, of its own."""
        pages = {name: screens[number::count] for name, screens in self.pages.items() if screens[number::count]}
        chance = random.Random(f"{self.chance.getstate()[1][:8]} {number}")
        return Decks(pages, self.grids, chance, self.typing, self.letters, self.pieces)

    def batch(self, count: int) -> Batch:
        """A batch of one size of picture, of `count` screens of the smallest size or of fewer larger ones.

        A page's share of the batches is its share of the screens.
        """
        grid = self.grids[self._page(self.pages)]
        alike = [name for name in self.pages if self.grids[name] == grid]
        smallest = min(self.grids[name].tokens for name in self.pages)
        screens = [self._next(self._page(alike)) for _ in range(max(1, count * smallest // grid.tokens))]
        return assemble(screens, [self.chosen(screen) for screen in screens], grid, self.typing, self.pieces)

    def _page(self, pages: Iterable[str]) -> str:
        names = sorted(pages)
        return self.chance.choices(names, [len(self.pages[name]) for name in names])[0]

    def _next(self, name: str) -> Screen:
        deck = self.left.get(name)
        if not deck:
            deck = self.left[name] = list(range(len(self.pages[name])))
            self.chance.shuffle(deck)
        return screen_of(self.pages[name][deck.pop()])

    def chosen(self, screen: Screen) -> list[Example]:
        """The examples of a screen: its next step, variants of it with other texts, the others in random order."""
        own, *others = screen.examples
        varied = [retyped(own, self.typing, self.letters, self.chance) for _ in range(RETYPED)]
        self.chance.shuffle(others)
        return [own, *filter(None, varied), *others]

    def state(self) -> DecksState:
        left = {name: list(deck) for name, deck in self.left.items()}
        return self.chance.getstate(), left, {name: len(screens) for name, screens in self.pages.items()}

    def restore(self, state: DecksState) -> None:
        """Continues from a saved state; a page whose screens have changed starts anew."""
        self.chance.setstate(state[0])
        self.left = {name: deck for name, deck in state[1].items() if state[2][name] == len(self.pages.get(name, ()))}


class Batches(IterableDataset[Batch]):
    """Batches without end, for a DataLoader: each of its workers has a part of the screens."""

    def __init__(self, decks: Decks, count: int) -> None:
        self._decks, self._count = decks, count

    def __iter__(self) -> Iterator[Batch]:
        worker = get_worker_info()
        decks = self._decks.share(worker.id, worker.num_workers) if worker else self._decks
        while True:
            yield decks.batch(self._count)
