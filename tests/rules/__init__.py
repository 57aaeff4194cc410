"""Our own rules of security, read off the code without running it (ADR 33).

``python -m tests.rules`` is a step of `make check`. Each rule has an example of what it
refuses and one of what it lets through; a test holds the rule to both.
"""
