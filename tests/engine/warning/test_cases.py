from commonground.engine.cases import read_cases, run

CASES = [
    {
        "id": "sophia",
        "measure": "Check & Connect, determining risk",
        "input": {
            "rule_set": "check-and-connect",
            "measures": {
                "month": {"absent_days": 5, "enrolled_days": 20, "tardies": 11, "tardy_chances": 120, "detentions": 3},
                "grading_period": {"d_grades": 0, "f_grades": 3},
            },
            "complete": ["month", "grading_period"],
        },
        "expected": {
            "full-day absences": "high",
            "tardy": "high",
            "failing classes": "high",
            "detention": "not high",
            "behind in credits": "not yet assessable",
            "flagged": True,
        },
        "source": "Check & Connect, case study determining risk",
    },
    {
        "id": "chicago-elsewhere",
        "measure": "precision at base rate",
        "input": {"sensitivity": 0.751, "specificity": 0.843, "base_rate": 0.165},
        "expected": 0.49,
        "tolerance": 0.005,
        "source": "Bowers, Sprott & Taff 2013",
    },
]


def test_published_cases_pass_through_the_adapters():
    report = run(read_cases(CASES, stem="warning"))

    assert (report.passed, report.failed, report.no_adapter) == (2, (), ()), report.reasons
