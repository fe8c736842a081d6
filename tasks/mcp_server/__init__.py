"""A session as a server of the Model Context Protocol: `serve` and its parts."""
