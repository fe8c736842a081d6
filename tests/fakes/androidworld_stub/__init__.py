"""A stand-in for the package android_world: the part of its interface that is used.

Tests put this folder on the import path. It has none of AndroidWorld's tasks: `registry` holds two of our own.
"""
