"""Doubles: a phone and games of our own, for machines that have no phone and tasks that need no screen."""
