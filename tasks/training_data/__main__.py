"""Draws lessons into shards: `python -m tasks.training_data FOLDER --split train --weights DIR PAGE:COUNT...`

The page `painted` needs no browser. `@FILE` reads pages and counts from a file, one per line.
"""

import argparse
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from model import profile as profiles
from model.embedded.shards import Letters, Screen, write
from model.profile import Profile
from tasks.training_data import Drawn, digest, painted
from tasks.training_data.examples import Examples

SCREENS = "screens.txt"
"""The hashes of all screens in a folder of shards."""
LEAST_DISTINCT, ENOUGH = 0.02, 12
"""A page with fewer distinct screens than this fraction of its lessons, and than ENOUGH, was probably drawn wrongly."""


def screens(drawn: Iterable[Drawn], page: str, examples: Examples) -> Iterator[Screen]:
    for lesson in drawn:
        png = io.BytesIO()
        lesson.image.save(png, "PNG")
        text, columns, rows = zip(*lesson.lesson["letters"], strict=True) if lesson.lesson["letters"] else ((), (), ())
        letters = Letters("".join(text), list(columns), list(rows))
        yield Screen(page, lesson.seed, png.getvalue(), list(examples.of(lesson)), letters)


def main(arguments: Sequence[str]) -> int:
    flags = argparse.ArgumentParser(
        prog="python -m tasks.training_data", description=__doc__, fromfile_prefix_chars="@"
    )
    flags.add_argument("folder", type=Path)
    flags.add_argument("pages", nargs="+", metavar="PAGE:COUNT")
    flags.add_argument("--split", choices=("train", "val", "test"), default="train")
    flags.add_argument("--start", type=int, default=0, help="number of the first seed")
    flags.add_argument("--most", type=int, default=sys.maxsize, help="largest number of lessons per page")
    flags.add_argument("--weights", help="folder of another tokenizer than the profile's")
    given = flags.parse_args(arguments)
    profile = profiles.adjusted(profiles.load("embedded"), weights=given.weights)
    examples = Examples(profile)
    given.folder.mkdir(parents=True, exist_ok=True)
    for entry in given.pages:
        page, _, count = entry.rpartition(":")
        seeds = [
            f"{given.split}:{page}:{number}" for number in range(given.start, given.start + min(int(count), given.most))
        ]
        name = page.replace("/", "-").replace("?", "-").replace(".html", "")
        drawn = _drawn(page, seeds, profile)
        distinct = {digest(lesson.image) for lesson in drawn}
        if len(distinct) < max(1, min(ENOUGH, LEAST_DISTINCT * len(drawn))):
            print(f"{page}: only {len(distinct)} distinct screens of {len(drawn)}, not written", file=sys.stderr)
            return 1
        write(given.folder / f"{given.split}-{name}-{given.start}.jsonl.gz", screens(drawn, page, examples))
        with (given.folder / SCREENS).open("a") as known:
            known.writelines(f"{screen}\n" for screen in sorted(distinct))
        print(f"{page}: {len(drawn)} lessons, {len(distinct)} distinct screens", flush=True)
    return 0


def _drawn(page: str, seeds: Sequence[str], profile: Profile) -> list[Drawn]:
    if page == painted.PAGE:
        assert profile.screen is not None
        return list(painted.draw(seeds, profile.screen))
    from tasks.training_data.render import renderer  # a machine that trains may have no browser

    with renderer() as tiles:
        return list(tiles.draw(page, seeds))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
