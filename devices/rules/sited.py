"""`Sited`: a device whose pages are limited to sites, and `Held`: a page of another site that waits for an answer."""

from typing import NamedTuple, Protocol, runtime_checkable


class Held(NamedTuple):
    """A page that is about to open."""

    url: str
    rule: str
    """Why it does not open by itself."""
    request: str
    """The browser's identifier of the request."""
    frame: str
    """The browser's identifier of the frame in which it opens."""


@runtime_checkable
class Sited(Protocol):
    """A device whose pages are limited to sites. Optional: others have no sites."""

    def open_sites(self, instruction: str, asking: bool) -> str:
        """Opens the sites that an instruction names as well; returns what is open, for the user, if that is limited.

        With `asking`, pages of other sites wait for `answer`; else they are refused.
        """
        ...

    def held(self) -> Held | None:
        """The first page that waits for the user's answer."""
        ...

    def answer(self, held: Held, allowed: bool, why: str) -> None:
        """The user's answer: the page opens, and its site is open from now on; or it is refused, and its site closed.

        The model reads `why` the page was refused.
        """
        ...
