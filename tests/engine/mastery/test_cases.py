from commonground.engine.cases import read_cases, run

CANVAS = "Canvas LMS, tests of outcome calculation methods"
CASES = [
    {"id": "weighted", "measure": "scoring method weighted average", "input": {"scores": [2, 3, 4], "highest": 5}, "expected": 3.48, "source": CANVAS},
    {"id": "decaying", "measure": "scoring method decaying average", "input": {"scores": [1, 2, 3, 4, 5], "highest": 5}, "expected": 4.47, "source": CANVAS},
    {"id": "three-times", "measure": "scoring method n times mastery", "input": {"scores": [3, 1, 2], "mastery": 3, "times": 3, "highest": 5}, "expected": None, "source": CANVAS},
    {"id": "dated", "measure": "scoring method most recent", "input": {"scores": [4, 3, 1], "days": [None, "2026-11-02", "2026-11-01"]}, "expected": 3, "source": CANVAS},
    {"id": "converted", "measure": "scale conversion", "input": {"score": 2, "of": 5, "to": 4}, "expected": 1.6, "source": CANVAS},
]  # fmt: skip


def test_published_cases_pass_through_the_adapters():
    report = run(read_cases(CASES, stem="mastery"))

    assert (report.passed, report.failed, report.no_adapter) == (5, (), ()), report.reasons


def test_an_unknown_method_has_no_adapter():
    unknown = [{"id": "x", "measure": "scoring method guess", "input": {"scores": [1]}, "expected": 1}]

    assert run(read_cases(unknown, stem="mastery")).no_adapter == ("mastery/x",)
