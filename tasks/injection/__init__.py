"""Screens that carry an attacker's instructions, for the suite `injection`."""
