"""Reads the rows of parquet files, the Hugging Face hub's format of data sets with pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from actions.errors import UsageError

AT_ONCE = 8
"""Rows in memory at once; each may hold a picture of several megabytes."""


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The rows of all parquet files below the folder, sorted by file name. A picture is `{"bytes", "path"}`.

    Raises:
        UsageError: there are none, one cannot be read, or pyarrow is not installed.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ModuleNotFoundError as error:
        raise UsageError("Parquet files are read with pyarrow. Install it with: pip install '.[bench]'") from error
    paths = sorted(folder.rglob("*.parquet"))
    if not paths:
        raise UsageError(f"There is no parquet file below {folder}.")
    for path in paths:
        try:
            with parquet.ParquetFile(path) as file:
                for batch in file.iter_batches(AT_ONCE):
                    yield from batch.to_pylist()
        except (OSError, ArrowException) as error:
            raise UsageError(f"{path} is not a parquet file, or is damaged: {error}. Fetch it again.") from error
