"""GoogleSQL as far as the sandbox understands it, on its way to DuckDB."""
