"""The rules for words that people read: each finds the faults of one text, in a sentence each."""

import re

from tests.architecture.words import Words, sentences

MOST_WORDS = 25
# Said nowhere, and why.
BANNED = {
    r"please": "an instruction needs no asking",
    r"sorry|oops|whoops": "say what to do instead",
    r"simply|just": "it is not simple for whom it fails",
    r"e\.g\.|i\.e\.|etc\.": "write it out",
    r"click": "not everybody has a mouse",
    r"log ?in|log ?out|login|logout": "here one signs in and out",
    r"username": "here it is an e-mail",
    r"emails?|mail address": "it is spelt e-mail; Email is a property of CleverTap",
    r"successfully": "say what is done",
    r"error code|errno|stack ?trace|traceback": "not a word of people",
    r"HTTP [1-5]\d\d": "say what it means",
    r"fence|lease|heartbeat|enqueue\w*|deserial\w+|boolean flag|payload|backend": "a word of ours",
    r"abort\w*|kill\w*|execut\w+": "runs are stopped, and run",
    r"illegal|forbade": "nobody broke a law",
    r"colors?|organizations?|authorize\w*|canceled|canceling|behaviors?|customize\w*": "British",
    r"entity|entities|record set|instance of": "say which thing it is",
    r"utilize\w*|leverage\w*|in order to|due to the fact": "a shorter word will do",
}
# Google's, CleverTap's or another program's own names, in which a banned word may stand.
NAMES_OF_OTHERS = re.compile(
    r"\{[^}]*\}|https?://\S+|\borganizations/|\bAuthorization header|--?[a-z-]+|\b[a-z_]+_[a-z_]+\b"
    r"|\S+\.\S+\w|\bEmail\b"
)
# Buttons say what they do. Next and Previous are where they lead.
VERBS = {
    *("Add", "Apply", "Ask", "Bring", "Cancel", "Change", "Check", "Close", "Copy", "Count"),
    *("Create", "Duplicate", "Remap", "Replay"),
    *("Delete", "Dismiss", "Download", "Edit", "Find", "Go", "Integrate", "Keep", "Look", "Make"),
    *(
        "Map",
        "Move",
        "Open",
        "Pause",
        "Perform",
        "Read",
        "Remove",
        "Replace",
        "Reset",
        "Resume",
        "Run",
    ),
    *("Save", "Search", "Send", "Set", "Show", "Sign", "Skip", "Start", "Stop", "Test", "Try"),
    *("See", "Switch", "Turn", "Use", "View", "Watch", "Next", "Previous"),
    # CleverTap's own: "Preview Results", and the last word of a schedule; what opens the narrow
    # navigation; a stop under way.
    *("Preview", "Import", "Menu", "Stopping"),
}
ENDS = (".", "?", ":", "…", "}")


def banned(words: Words) -> list[str]:
    text = NAMES_OF_OTHERS.sub("·", words.text)
    return [
        f"“{found.group()}”: {why}"
        for pattern, why in BANNED.items()
        if (found := re.search(rf"(?<![\w-])(?:{pattern})(?![\w-])", text, re.IGNORECASE))
    ]


def exclaiming(words: Words) -> list[str]:
    return ["it exclaims"] if re.search(r"\w!(?:\s|$)", words.text) else []


def straight_quotes(words: Words) -> list[str]:
    """Marks that are themselves spoken of, as in a list of characters, stand by themselves."""
    if "%(expressions)s" in words.text:
        return []  # SQL
    found = re.search(r"\w'\w|\w'(?:\s|$)|(?:^|\s)[\"']\w|\w\"", words.text)
    return [f"a straight quotation mark: {found.group()}"] if found else []


def too_long(words: Words) -> list[str]:
    counts = [len(re.findall(r"[\w’'/.{}-]+", part)) for part in sentences(words.text)]
    return [f"{count} words in one sentence" for count in counts if count > MOST_WORDS]


def unended(words: Words) -> list[str]:
    """A text of a notice or an empty list is sentences; its title is none."""
    if words.kind in {"text", "help"} and not words.text.endswith(ENDS):
        return ["a sentence without its end"]
    if words.kind in {"title", "label"} and words.text.endswith(".") and ". " not in words.text:
        return ["a title with a full stop"]
    return []


def half_ended(words: Words) -> list[str]:
    """Several sentences, of which the last has no end."""
    has_two = bool(re.search(r"[a-z’)]\. [A-Z]", words.text))
    is_open = not words.text.endswith((*ENDS, " "))  # more is put behind it
    return ["its last sentence has no end"] if has_two and is_open else []


def not_a_verb(label: str) -> list[str]:
    first = label.split()[0] if label.split() else ""
    return [] if first in VERBS or first.startswith("{") else [f"“{label}” begins with no verb"]
