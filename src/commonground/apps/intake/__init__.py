"""A district's export comes in: files, batches, problems, decisions, lineage. Staged, checked, shown, applied, undone."""
