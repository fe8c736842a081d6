"""ScreenSpot-v2: GUI grounding on phones, desktops and the web, from the user's copy of lists and pictures."""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.grounding.grounding_task import tasks
from tasks.grounding.screenspot_family import load
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="ScreenSpot-v2",
    source="https://huggingface.co/datasets/OS-Copilot/ScreenSpot-v2",
    holds="screenspot_mobile_v2.json, the same of desktop and web, and the folder screenspotv2_image",
    tasks={"mobile": 501, "desktop": 334, "web": 437},
)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per item; `--tasks mobile`, `desktop` or `web` picks a platform."""
    yield tasks(load(DATA.root(options), suffix="_v2"), zoom=options.zoom)
