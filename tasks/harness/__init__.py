"""Runs a suite, whole or in part, on one or many workers, and reports the results."""
