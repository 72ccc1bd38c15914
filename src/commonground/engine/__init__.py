"""What Commonground computes: a library in its own right, without Django, clock, files or settings."""
