"""Who walks beside which child, from a day to a day, and what they write about their meetings."""
