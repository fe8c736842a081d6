"""Runs a suite, whole or in parts, on one or many workers, and tells what came of it."""
