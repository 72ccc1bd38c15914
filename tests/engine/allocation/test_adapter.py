"""A worked case of a shared cost without any amounts has no answer."""

from commonground.engine.cases import read_cases, run


def test_a_cost_without_a_basis_has_no_adapter():
    case = {"id": "nobody", "total_cents": 100, "expect": [100]}

    report = run(read_cases([case], stem="staff_cost_share"))

    assert report.no_adapter == ("staff_cost_share/nobody",)
    assert "no basis" in report.reasons["staff_cost_share/nobody"]
