"""Request half: what a person can ask of imports. No request waits on CleverTap or Google."""
