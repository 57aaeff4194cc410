"""`make test`, `make check` and `make fix`: one command does all of its own set-up.

Starts its own servers in temporary folders and removes them; never skips silently.
"""
