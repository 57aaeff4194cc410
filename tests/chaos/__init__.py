"""Processes killed in the middle of their work; what is left must still be right."""
