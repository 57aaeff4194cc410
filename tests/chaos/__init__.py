"""Proof from outside that crashes change nothing: real processes, killed; the sandbox judges.

`make test` runs the short forms (test_*.py), `make chaos` the full ones (docs/reliability.md).
"""
