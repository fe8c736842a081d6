"""`python -m devices.doubles.simphone`: a simulated phone for the `adb` of this computer, until Ctrl-C."""

import argparse
import asyncio
import signal
import sys

from devices.doubles.simphone.daemon import Daemon
from devices.doubles.simphone.display import read_size
from devices.doubles.simphone.phone import Options, Phone
from devices.doubles.simphone.screen import NoChromium


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=f"python -m {__package__}", description=__doc__)
    parser.add_argument("--port", type=int, default=5555, help="port for adb; 0 chooses a free one")
    parser.add_argument("--size", type=read_size, default=Options.size, help="size of the panel, such as 1080x2400")
    density = parser.add_mutually_exclusive_group()
    density.add_argument("--density", type=int, help="dots per inch; 160 is one pixel per dp (default: 480)")
    density.add_argument("--scale", type=float, help="the same in pixels per dp, such as 2.625")
    chosen = parser.parse_args()
    chosen.density = round(chosen.scale * 160) if chosen.scale else chosen.density or Options.density
    if not 80 <= chosen.density <= 960:
        parser.error("the density must be between 80 and 960 (a scale of 0.5 to 6)")
    return chosen


async def serve(options: Options, port: int) -> int:
    """Runs a phone until it is interrupted (returns 0) or `sim.die` is set (returns 1)."""
    interrupted = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, interrupted.set)
    phone = await Phone.open(options)
    try:
        daemon = Daemon(phone)
        port = await daemon.listen(port)
        address = f"127.0.0.1:{port}"
        print(f"SimPhone {options.size} (a simulation, not Android) at {address}: adb connect {address}", flush=True)
        waiting = [asyncio.create_task(event.wait()) for event in (interrupted, daemon.died)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        await daemon.close()
        return int(daemon.died.is_set())
    finally:
        await phone.close()


def main() -> int:
    chosen = arguments()
    try:
        return asyncio.run(serve(Options(chosen.size, chosen.density), chosen.port))
    except NoChromium as error:
        print(f"SimPhone needs Chromium: {error}", file=sys.stderr)
    except OSError as error:
        print(f"SimPhone cannot listen on port {chosen.port}: {error.strerror}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
