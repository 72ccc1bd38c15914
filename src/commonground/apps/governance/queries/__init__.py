"""What pages about the collaborative need to know."""
