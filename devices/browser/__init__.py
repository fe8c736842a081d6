"""A page in a browser, and the machinery that drives it."""
