"""A server of small pages, and browsers that share one Chromium and are not patient with pages."""

from collections.abc import Iterator

import pytest

from devices import DeviceOptions
from devices.browser.device import DOWNLOADS_S, Browser
from tests.devices.browser.at import Open, Site

PATIENCE_S = 1.0


@pytest.fixture
def site() -> Iterator[Site]:
    with Site.served() as served:
        yield served


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens browsers, and closes them when the test is over."""
    browsers: list[Browser] = []

    def open_(address: str, downloads_s: float = DOWNLOADS_S, **options: object) -> Browser:
        given = {"address": address, "headless": True, "patience_s": PATIENCE_S, **options}
        browsers.append(Browser(DeviceOptions.model_validate(given), downloads_s))
        return browsers[-1]

    yield open_
    for browser in browsers:
        browser.close()
