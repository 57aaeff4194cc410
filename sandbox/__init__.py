"""Local stand-ins for Google and CleverTap, for development and tests.

Knows nothing of the product: no Django, none of its packages.
"""
