"""Reads: whose numbers, which counts, who is isolated, who is where, who meets whom, and where a number comes from."""
