"""Programs that districts run together: offerings, registration, seats, days, staff and attendance."""
