"""The gallery of components, in local mode only: every one in every state, nothing from the database."""
