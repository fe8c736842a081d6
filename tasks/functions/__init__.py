"""Function calling on pictures of our own: which function is called, and whether its arguments are the ones meant."""
