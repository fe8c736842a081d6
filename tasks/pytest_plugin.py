"""A pytest plug-in: the fixture `screenhand`, a session for one test, and the record of a test that failed.

    @pytest.mark.screenhand(address="http://127.0.0.1:8000/login", headless=True)
    def test_log_in(screenhand):
        assert screenhand.run("log in as ada with password lovelace").finished
        assert screenhand.verify("the page greets ada")

Options come from the marker and, for all tests, from the ini option `screenhand`, one `name = value` per line; the
marker's win. To act on a page that the test has open itself, override the fixture `screenhand_page`:

    @pytest.fixture
    def screenhand_page(page):  # of pytest-playwright
        return page

A test that fails names the page of its newest record in its report, and among the properties of its JUnit record.
"""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from actions.errors import UsageError
from tasks.harness.page import write_page
from tasks.session import Session

NAME = "screenhand"
_OPENED = pytest.StashKey[Session]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(NAME, "options of the fixture `screenhand`, one `name = value` per line", type="linelist")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{NAME}(**options): options of the session that the fixture opens")


@pytest.fixture
def screenhand_page() -> Any:
    """An open page of Playwright's synchronous interface to act on; None opens a device by the options."""
    return None


@pytest.fixture
def screenhand(request: pytest.FixtureRequest, screenhand_page: Any) -> Iterator[Session]:
    """An open session for the test. Raises UsageError for invalid options."""
    options: dict[str, Any] = dict(_ini(line) for line in request.config.getini(NAME))
    for marker in reversed(list(request.node.iter_markers(NAME))):
        options |= marker.kwargs
    with Session(page=screenhand_page, **options) as session:
        request.node.stash[_OPENED] = session
        yield session


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the page of the newest record to the report of a failed test."""
    report = yield
    session = item.stash.get(_OPENED, None)
    if report.when == "call" and report.failed and session and session.record:
        page = str(write_page(session.record).resolve())
        report.sections.append((NAME, page))
        item.user_properties.append((NAME, page))
    return report


def _ini(line: str) -> tuple[str, str]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals:
        raise UsageError(f"The ini option {NAME} has the line {line!r}. Write `name = value`.")
    return name, value
