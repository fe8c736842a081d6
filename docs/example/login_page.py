"""A page object: what a test may do on the page, in the words of the product, without a selector to click."""

from typing import Any

from playwright.sync_api import Page


class LoginPage:
    """The page at /login.html. `screenhand` acts on it as a person would; `page` shows the result."""

    def __init__(self, page: Page, screenhand: Any) -> None:
        self._page = page
        self._screenhand = screenhand

    def log_in(self, user: str, password: str) -> bool:
        """Whether the log-in was done. Raises AssertionError where a limit or mistakes ended it."""
        episode = self._screenhand.run(f"log in as {user} with password {password}")
        assert episode.ending in ("finished", "gave_up"), f"{episode.ending}: {episode.answer}"
        return bool(episode.finished)

    @property
    def message(self) -> str:
        """What the page says under its form."""
        return self._page.locator("#message").inner_text()
