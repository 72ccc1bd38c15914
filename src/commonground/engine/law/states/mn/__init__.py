"""Minnesota: Rules 3535 (isolation), Achievement and Integration revenue, its calendar, and buying thresholds."""

from commonground.engine.law.registry import read_state

STATE = read_state(__name__, code="mn", name="Minnesota")
