"""A reply taken apart: what a model wrote, read as the call that it meant. Nothing in it is trusted or evaluated."""
