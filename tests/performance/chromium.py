"""Opening a browser for an episode while one Chromium is kept for all, against starting one for each.

Run `python -m tests.performance.chromium [--quick]`. Prediction: a third of the time.
"""

import statistics
import sys
import time

import devices
from actions.geometry import Size
from devices import DeviceOptions
from devices.browser.shared_chromium import keeping
from tasks.worlds.site_server import site


def main() -> None:
    rounds = 5 if "--quick" in sys.argv else 20
    with site() as address:
        options = DeviceOptions(address=f"{address}/press.html?seed=1", viewport=Size(168, 224), headless=True)
        each = [episode(options) for _ in range(rounds)]
        with keeping():
            episode(options)  # starts the one that is kept
            kept = [episode(options) for _ in range(rounds)]
    ours, theirs = statistics.median(kept), statistics.median(each)
    print(f"opening, one look and closing: kept {ours:.3f} s, each its own {theirs:.3f} s")
    print(f"chromium_ratio={theirs / ours:.2f}")


def episode(options: DeviceOptions) -> float:
    """The seconds of opening, resetting, looking and closing."""
    started = time.perf_counter()
    with devices.connect("browser", options) as browser:
        browser.reset()
        browser.observe()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
