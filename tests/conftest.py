"""The desktop device on a virtual screen, for the tests of the device and of the tasks that are done with it."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import settings

import devices
from devices import DeviceOptions, Environment
from devices.browser.shared_chromium import keeping
from tasks.worlds.virtual_screen import Screen
from tests import safety_table
from tests.devices.desktop.screen import shared_screen

# No deadline: a busy machine is slow, which is no failure. The ordinary run tries the same values each time, so that it
# fails for what was changed; `pytest --hypothesis-profile thorough` looks for values on which a property fails.
settings.register_profile("ordinary", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("ordinary")


def pytest_configure() -> None:
    """Where a shell's background job or nohup lets the tests ignore a signal, what they start must not."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session")
def to_the_end() -> Iterator[ExitStack]:
    """What is kept until the tests are over."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(autouse=True, scope="module")
def one_chromium(to_the_end: ExitStack) -> None:
    """All modules share one, but for those that override this: starting it takes longer than most tests."""
    to_the_end.enter_context(keeping())


@pytest.fixture(scope="session")
def screen() -> Screen:
    return shared_screen()


@pytest.fixture
def desktop(screen: Screen) -> Iterator[Environment]:
    with devices.connect("desktop", DeviceOptions(address=screen.display)) as opened:
        yield opened


@pytest.fixture
def measured(record_property: Callable[[str, object], None], request: pytest.FixtureRequest) -> Callable[..., None]:
    """Takes the numbers of a test that docs/safety.md reports. They are those that were reported last.

    `python -m tests.safety_table` measures them anew.
    """

    def record(**numbers: int) -> None:
        for name, value in numbers.items():
            record_property(name, value)
        known = safety_table.committed().get(request.node.nodeid)
        if known and not request.config.pluginmanager.has_plugin(safety_table.PLUGIN):
            assert {name: known.get(name) for name in numbers} == numbers, "run python -m tests.safety_table"

    return record
