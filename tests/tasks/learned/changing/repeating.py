"""Learns each world once and repeats it in its changed states, and judges what was pressed there.

python -m tests.tasks.learned.changing.repeating [--kind swapped_rows,...] [--only N]
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from actions.errors import DeviceFailure
from agent.terminal import Terminal
from devices.browser import shared_chromium
from tasks.options import NO_MODEL
from tasks.session import Session
from tests.performance.learned import Repeated
from tests.tasks.learned.changing.changes import KINDS, Case, cases
from tests.tasks.learned.changing.judged import Outcome, Result, judged, table
from tests.tasks.learned.changing.site import Site, open_site
from tests.tasks.learned.changing.task import WorldTask
from tests.tasks.learned.changing.worlds import World


class Changing:
    """Learned worlds, to be repeated in other states."""

    def __init__(self, site: Site, folder: Path) -> None:
        self.site = site
        self._repeated = Repeated(folder)
        self._folder = folder
        self._learned: dict[str, str] = {}

    def learned(self, world: World) -> Path:
        """The learned run of an original world, which is learned when it is first asked for. Raises DeviceFailure."""
        name = self._learned.setdefault(repr(world), f"{world.name}-{len(self._learned)}")
        if not (self._folder / f"{name}.toml").exists():
            self.site.show(world)
            result = self._repeated.learn(WorldTask(self.site, name))
            if result.value is None:
                raise DeviceFailure(f"{name} was not learned: {result.episode.answer}")
            assert result.value == 1, f"{name} was not learned: {result}"
        return self._folder / name

    def repeat(self, case: Case) -> Result:
        """Repeats a case without a model, as `--do` does. Raises DeviceFailure."""
        learned = self.learned(case.learned)
        self.site.show(case.changed)
        with Session(
            engine=NO_MODEL,
            address=self.site.address,
            viewport=case.changed.viewport,
            headless=True,
            runs=self._folder / "runs",
            console=Terminal(stderr=True),
        ) as session:
            episode = session.do(learned)
        verdict = self.site.verdict()
        return judged(episode, verdict.wrong, verdict.complete)


@contextmanager
def changing() -> Iterator[Changing]:
    """A site, a folder and one Chromium for all cases."""
    with open_site() as site, tempfile.TemporaryDirectory() as folder, shared_chromium.keeping():
        yield Changing(site, Path(folder))


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--kind", default=",".join(kind.change.__name__ for kind in KINDS))
    given = flags.parse_args()
    results = []
    with changing() as repeated:
        for case in (each for each in cases() if each.kind in given.kind.split(",")):
            try:
                result = repeated.repeat(case)
            except DeviceFailure as failure:
                result = Result(Outcome.NOT_TRIED, str(failure))
            results.append((f"{case.kind}{' (look-alike)' if case.alike else ''}", result))
            print(f"{results[-1][1].outcome}: {case}: {results[-1][1].why}", flush=True)
    print(table(results))


if __name__ == "__main__":
    main()
