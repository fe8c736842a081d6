"""`steered`: a person pauses and stops a suite's run, by the keys of its terminal or the files `pause` and `stop`.

They act on all tasks that are under way. A suite gives its model no messages: help would falsify its scores.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.control import POLL_S, Control
from agent.keys import Keys
from agent.terminal import Terminal

ON_CLUSTER = (
    "Tasks under way on the cluster cannot be paused and go on to their end. No other task begins until you continue."
)
NO_MESSAGES = "A suite gives its model no messages, because help would falsify its scores. messages.txt is not read."


class SuiteControl(Control):
    """The steering of one task by the files in the folder of its suite's run.

    `steered` stops the process, and its workers end with it: no task needs to look for the file itself.
    """

    @property
    def stopped(self) -> bool:
        return False

    def messages(self) -> tuple[str, ...]:
        return ()


@contextmanager
def steered(folder: Path, console: Terminal, on_cluster: bool = False) -> Iterator[SuiteControl]:
    """Within the block the person can stop the run, as Ctrl-C does, and pause it.

    The files do not reach tasks on a cluster: a pause lets those under way end, and holds back the others.
    """
    control, over = SuiteControl(folder), threading.Event()
    control.forget_stop()
    watching = threading.Thread(target=_watch, args=(control, console, over, on_cluster), name="steering", daemon=True)
    watching.start()
    try:
        with Keys(control, console, messages=False):
            yield control
    finally:
        over.set()
        watching.join()
        control.forget_stop()


def _watch(control: SuiteControl, console: Terminal, over: threading.Event, on_cluster: bool) -> None:
    refused, ended, was_paused = control.message_sent, False, False
    while not ended:
        ended = over.wait(POLL_S)
        if control.stop_asked and not ended:
            os.kill(os.getpid(), signal.SIGINT)
            return
        if control.message_sent and not refused:
            refused = True
            console.print(NO_MESSAGES)
        if on_cluster and control.paused and not was_paused:
            console.print(ON_CLUSTER)
        was_paused = control.paused
