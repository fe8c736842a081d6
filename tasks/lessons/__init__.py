"""Lessons for the model in the box: screens drawn by Chromium, each with what to do there, as shards to train on."""
