"""Benchmarks of recorded steps: what would be done next on this screenshot, after what people did before."""
