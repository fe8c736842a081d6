"""ScreenSpot: GUI grounding on phones, desktops and the web, from the user's copy of its three lists and pictures."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.grounding.grounding_task import tasks
from tasks.grounding.screenspot_family import load
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="ScreenSpot",
    source="https://github.com/njucckevin/SeeClick",
    holds="screenspot_mobile.json, the same of desktop and web, and the folder screenspot_imgs",
    tasks={"mobile": 502, "desktop": 334, "web": 436},
)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks mobile`, `desktop` or `web` picks a platform."""
    yield tasks(load(DATA.root(options), suffix=""), zoom=options.zoom)
