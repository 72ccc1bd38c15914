"""Students, guardians, staff, enrollment, sections: what districts' own files say, with the line it stands in."""
