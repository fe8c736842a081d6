"""Grounding benchmarks: one screenshot, one instruction, one point, and whether it hits the target."""
