"""The true picture: who is isolated, and who sits beside whom."""
