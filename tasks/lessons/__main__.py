"""Draws lessons into shards: `python -m tasks.lessons FOLDER --split train --weights DIR PAGE:COUNT...`"""

import argparse
import hashlib
import io
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from model import profile as profiles
from model.embedded.shards import Screen, write
from tasks.lessons.examples import Examples
from tasks.lessons.render import Drawn, renderer

LEAST_DISTINCT = 0.02
"""A page whose screens are fewer than this part of its lessons was most likely drawn wrongly, or blank."""


def screens(drawn: Iterator[Drawn], page: str, examples: Examples) -> Iterator[Screen]:
    for lesson in drawn:
        png = io.BytesIO()
        lesson.image.save(png, "PNG")
        yield Screen(page, lesson.seed, png.getvalue(), list(examples.of(lesson)))


def main(arguments: Sequence[str]) -> int:
    flags = argparse.ArgumentParser(prog="python -m tasks.lessons", description=__doc__)
    flags.add_argument("folder", type=Path)
    flags.add_argument("pages", nargs="+", metavar="PAGE:COUNT")
    flags.add_argument("--split", choices=("train", "val", "test"), default="train")
    flags.add_argument("--start", type=int, default=0, help="the first seed's number")
    flags.add_argument("--weights", help="a folder with another tokenizer than the profile's")
    given = flags.parse_args(arguments)
    profile = profiles.adjusted(profiles.load("embedded"), weights=given.weights)
    examples = Examples(profile)
    given.folder.mkdir(parents=True, exist_ok=True)
    for entry in given.pages:
        page, _, count = entry.rpartition(":")
        seeds = [f"{given.split}:{page}:{number}" for number in range(given.start, given.start + int(count))]
        name = page.replace("/", "-").replace("?", "-").replace(".html", "")
        with renderer() as tiles:
            found = list(screens(tiles.draw(page, seeds), page, examples))
        hashes = Counter(hashlib.sha256(screen.png).hexdigest()[:16] for screen in found)
        if len(hashes) < max(1, LEAST_DISTINCT * len(found)):
            print(f"{page}: only {len(hashes)} distinct screens of {len(found)}, not written", file=sys.stderr)
            return 1
        write(given.folder / f"{given.split}-{name}-{given.start}.jsonl.gz", found)
        with (given.folder / f"{given.split}-screens.txt").open("a") as known:
            known.writelines(f"{name} {digest}\n" for digest in hashes)
        print(f"{page}: {len(found)} lessons, {len(hashes)} distinct screens", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
