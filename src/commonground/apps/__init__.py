"""What a collaborative does: one folder each."""
