"""A step of ours beside that of other agents; see `__main__`."""
