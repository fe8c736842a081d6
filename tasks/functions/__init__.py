"""Function calling on our own pictures: scores the called function and its arguments."""
