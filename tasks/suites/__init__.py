"""The suites there are, one module each, found by file name."""
