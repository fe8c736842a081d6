"""`Notes`: events since the last action, as a bounded number of sentences of bounded length."""

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
    """Sentences by kind; events of a kind beyond `OF_A_KIND` are only counted."""

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}

    def add(self, kind: str, sentence: str) -> None:
        """Notes a sentence. `kind` is the plural for further ones, such as "new tabs"."""
        noted = self._kinds.setdefault(kind if len(self._kinds) < KINDS or kind in self._kinds else "events", _Kind())
        if len(noted.sentences) < OF_A_KIND and sentence not in noted.sentences:
            noted.sentences.append(sentence if len(sentence) <= LENGTH else f"{sentence[:LENGTH]}...")
        else:
            noted.more += 1

    def drop(self, kind: str) -> None:
        """Forgets the sentences of one kind."""
        self._kinds.pop(kind, None)

    def clear(self) -> None:
        self._kinds.clear()

    def text(self) -> str:
        """All notes."""
        return " ".join(
            sentence
            for kind, noted in self._kinds.items()
            for sentence in (*noted.sentences, *([f"More {kind}: {noted.more}."] if noted.more else []))
        )


def quoted(text: str, length: int = QUOTED) -> str:
    """A page's text, quoted and cut to this length."""
    return repr(text if len(text) <= length else f"{text[:length]}...")
