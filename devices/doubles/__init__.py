"""Doubles: a phone and games, for machines without a phone and tasks without a screen."""
