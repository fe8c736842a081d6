"""The one function of adb_utils that is used."""

from collections.abc import Sequence
from typing import Any


def issue_generic_request(args: Sequence[str], env: Any) -> None:
    """Sends adb these words."""
    env.adb(*args)
