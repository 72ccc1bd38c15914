"""One folder per state: `rules.yaml` (dated facts), `cases.yaml` (worked cases) and the calculations that need code."""
