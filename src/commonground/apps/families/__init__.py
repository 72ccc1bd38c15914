"""Families: how they come in, and what they ask to have corrected."""
