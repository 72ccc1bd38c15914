"""The one table of problem codes: what is wrong, what becomes of it, what to do, and what a person may decide.

`docs/reference/problem-codes.md` is written from it. A sentence is English source text for translation; it never holds a
value from a file.
"""

from commonground.formats.problems.held import HELD
from commonground.formats.problems.left_out import LEFT_OUT
from commonground.formats.problems.noted import NOTED
from commonground.formats.problems.problem import Choice, Outcome, Problem, Severity
from commonground.formats.problems.refused import REFUSED

PROBLEMS: dict[str, Problem] = {problem.code: problem for problem in (*REFUSED, *HELD, *NOTED, *LEFT_OUT)}

__all__ = ["PROBLEMS", "Choice", "Outcome", "Problem", "Severity"]
