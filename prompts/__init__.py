"""The texts that a model reads and the notations of calls. Knows no engine and no device."""

from pathlib import Path


def words(name: str) -> str:
    """The text of one of the `.md` files of this folder."""
    return (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").strip()
