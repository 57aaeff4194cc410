"""The one way to tell the person at the terminal that something cannot be done."""


class Refusal(Exception):
    """One sentence for the terminal: what is wrong and what to do. Ends with exit code 2."""


# The exit code of `prepare` when its last line is the sentence of a refusal.
REFUSED = 3
