"""People who work here: who they are, what they may do and until when, how they are let in, and how mail leaves."""
