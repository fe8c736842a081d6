"""Grounding benchmarks: one screenshot, one instruction, one point, and whether it lies on what was meant."""
