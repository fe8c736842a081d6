"""Vision-language models in this process: exact, and computing only what a prompt adds to what was computed before."""

import os

# On a CPU, torch's threads spin while they wait for each other, on cores that a browser beside them needs.
# libgomp reads this when torch is imported; `python -m tests.performance.waiting` measures the difference.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
