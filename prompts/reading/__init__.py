"""Reads replies: finds the calls in a model's text. Nothing in it is trusted or evaluated."""
