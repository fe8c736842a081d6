"""`Published`: a data set that a suite needs, its source, and a check before a run that it is complete."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from actions.errors import UsageError
from tasks.task import SuiteOptions, Task

ALL = "all"
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz")
DETAILS = "See tasks/README.md."


class Published(NamedTuple):
    """A published data set. A suite's module declares it as `DATA`."""

    name: str
    source: str
    """Its source."""
    holds: str
    """The required content of the folder `--data-root`."""
    tasks: Mapping[str, int]
    """The number of tasks of each kind in the complete set, or of `ALL`."""

    def root(self, options: SuiteOptions) -> Path:
        """The folder of the user's copy. Raises UsageError if none is given or it does not exist."""
        if options.data_root is None:
            raise UsageError(
                f"This suite needs a copy of {self.name}, from {self.source}. Pass its folder with --data-root. "
                f"It must contain {self.holds}. {DETAILS}"
            )
        if not options.data_root.is_dir():
            raise UsageError(
                f"There is no folder {options.data_root}. Pass the folder of {self.name} with --data-root."
            )
        return options.data_root

    def check_pictures(self, root: Path, tasks: Sequence[Task]) -> None:
        """Raises UsageError if a picture of these tasks is missing."""
        pictures = dict.fromkeys(Path(task.options.address) for task in tasks if task.options.address)
        missing = [picture for picture in pictures if not picture.is_file()]
        if not missing:
            return
        packed = [path.name for path in sorted(root.iterdir()) if path.name.endswith(ARCHIVES)]
        hint = f" Unpack {', '.join(packed)} there." if packed else ""
        raise UsageError(
            f"{len(missing)} of {len(pictures)} pictures of {self.name} are missing, the first is {missing[0]}.{hint} "
            f"The folder must contain {self.holds}, from {self.source}. {DETAILS} "
            "--force runs the suite anyway and leaves tasks without a picture unscored."
        )

    def shortfall(self, suite: Sequence[Task]) -> str:
        """A warning about a copy that lacks the published number of tasks; empty if it has it."""
        found = Counter(ALL if ALL in self.tasks else task.kind for task in suite)
        differing = [
            f"{kind} {found[kind]:,} of {count:,}" for kind, count in self.tasks.items() if found[kind] != count
        ]
        if not differing:
            return ""
        return (
            f"This copy of {self.name} is not the published set of tasks: {', '.join(differing)}. "
            "Its figures cannot be compared with published ones."
        )
