"""Learned runs: a verified run that is kept in a file, and repeated without a model as long as everything is there."""
