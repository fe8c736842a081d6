"""Tasks, suites and benchmarks: instructions with a set-up and a score, run through the one loop."""
