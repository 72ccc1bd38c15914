"""Where data lives: the launcher, the roles, the walls, audit, jobs."""
