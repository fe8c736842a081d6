"""Vision-language models in this process: exact, and incremental: only new tokens are computed."""

import os

# On a CPU, torch's threads spin while they wait for each other, on cores that a browser beside them needs.
# libgomp reads this when torch is imported; `python -m tests.performance.waiting` measures the difference.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
