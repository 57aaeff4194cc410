"""Request half: what a person can ask of connections. No request waits on Google.

Each module holds one noun's services; views import the module, and tasks are rung after
the commit.
"""
