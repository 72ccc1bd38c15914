"""Organizations, school years, people who sign in, roles, permissions, agreements, audit, disclosure log."""
