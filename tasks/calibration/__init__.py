"""Measures on the device itself whether clicks land where the model points."""
