"""AndroidControl: 8,444 recorded steps of the test split, with only the goal (high) and with each step's instruction
(low).

Figures under different rules, or of the subsets that others use (OS-Atlas 7,708 steps, UI-R1 7,868, UGround 500),
cannot be compared. The rule is the published one; the prompt is ours, because only the form of the Qwen team's is
published.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from tasks.offline.android_control import load
from tasks.offline.offline_task import tasks
from tasks.offline.rules import ANDROID_CONTROL as RULES
from tasks.published import Published
from tasks.task import Suite, SuiteOptions

DATA = Published(
    name="AndroidControl's test split",
    source="https://huggingface.co/datasets/Reallm-Labs/android_control_test or gs://gresearch/android_control",
    holds="android_control_test.json and the screenshots it names: the unpacked archive, or what tasks.unpack made",
    tasks={"high": 8444, "low": 8444},
)


@contextmanager
def open_suite(options: SuiteOptions) -> Iterator[Suite]:
    """One task per step and setting; `--tasks high` or `low` picks one, `--rule` is qwen by default."""
    yield tasks(load(DATA.root(options)), RULES, options.rule)
