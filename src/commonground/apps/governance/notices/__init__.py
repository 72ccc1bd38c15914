"""The yearly notice to families: what it says today, from the live tables, and when it was given out."""
