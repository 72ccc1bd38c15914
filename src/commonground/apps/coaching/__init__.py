"""Who coaches which teacher, from a day to a day."""
