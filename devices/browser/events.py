"""`Notes`: what happened on its own since the last action, in a bounded number of sentences of a bounded length."""

from dataclasses import dataclass, field

OF_A_KIND = 3
KINDS = 10
LENGTH = 400
QUOTED = 160


@dataclass
class _Kind:
    sentences: list[str] = field(default_factory=list)
    more: int = 0


class Notes:
    """Sentences by kind; what a page makes happen more often than `OF_A_KIND` times is counted instead of told."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def add(self, kind: str, sentence: str) -> None:
        """Notes a sentence. `kind` is what more of them are called in the plural, such as "new tabs"."""
        noted = self._kinds.setdefault(kind if len(self._kinds) < KINDS or kind in self._kinds else "events", _Kind())
        if len(noted.sentences) < OF_A_KIND and sentence not in noted.sentences:
            noted.sentences.append(sentence if len(sentence) <= LENGTH else f"{sentence[:LENGTH]}...")
        else:
            noted.more += 1

    def clear(self) -> None:
        self._kinds.clear()

    def text(self) -> str:
        """Everything that was noted."""
        return " ".join(
            sentence
            for kind, noted in self._kinds.items()
            for sentence in (*noted.sentences, *([f"More {kind}: {noted.more}."] if noted.more else []))
        )


def quoted(text: str, length: int = QUOTED) -> str:
    """What a page says, marked as its words and no longer than this."""
    return repr(text if len(text) <= length else f"{text[:length]}...")
