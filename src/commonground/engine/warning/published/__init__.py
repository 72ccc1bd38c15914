"""One file per rule set: its indicators and their limits, with source and version."""
