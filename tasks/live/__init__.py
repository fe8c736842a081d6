"""The live page and the HTTP interface: a server on loopback, and the processes of the runs that it shows.

A run is followed by its folder. Where this program started it, there is also a `Channel` to its process, over which
questions are answered, and a person acts on the device during a pause.
"""
