"""Pages of programs: offerings, registering, attendance, counts and paper."""
