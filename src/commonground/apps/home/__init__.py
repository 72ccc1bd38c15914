"""*Today* for every role, and search."""
