"""Benchmarks of recorded steps: the next action on a screenshot, given a person's previous actions."""
