"""Converts a benchmark's data once from their distributed form to the form that its suite reads.

    python -m tasks.unpack SUITE FOLDER [OUTPUT]

SUITE is androidcontrol (GZIP TFRecord files, or the hub's parquet), screenspot, screenspot-v2, screenspot-pro or
osworld-g (the hub's parquet). Lists and pictures are written to OUTPUT, by default into FOLDER, which is then the
suite's --data-root.
"""

import argparse
import functools
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from actions.errors import UsageError
from agent.flags import COMMAND
from tasks import suites
from tasks.grounding.unpack import unpack_osworld_g, unpack_screenspot, unpack_screenspot_pro
from tasks.offline.unpack import unpack as unpack_android_control

UNPACKERS: Mapping[str, Callable[[Path, Path], int]] = {
    "androidcontrol": unpack_android_control,
    "screenspot": functools.partial(unpack_screenspot, suffix=""),
    "screenspot-v2": functools.partial(unpack_screenspot, suffix="_v2"),
    "screenspot-pro": unpack_screenspot_pro,
    "osworld-g": unpack_osworld_g,
}


def main(arguments: list[str] | None = None) -> int:
    """Returns 0 if done, 2 for wrong usage."""
    flags = argparse.ArgumentParser(prog=f"python -m {__package__}.unpack", description=(__doc__ or "").splitlines()[0])
    flags.add_argument("suite", choices=UNPACKERS)
    flags.add_argument("folder", type=Path)
    flags.add_argument("output", type=Path, nargs="?")
    given = flags.parse_args(arguments)
    output = given.output or given.folder
    data = suites.data_of(given.suite)
    assert data, "all these suites need data"
    try:
        count = UNPACKERS[given.suite](given.folder, output)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{count} of {data.name}. Run it with: {COMMAND} --suite {given.suite} --data-root {output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
