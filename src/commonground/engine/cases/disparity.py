"""Worked cases of rates, gaps, ratios, trends and program effects."""

from collections.abc import Callable
from typing import Any

from commonground.engine import disparity
from commonground.engine.cases import Case
from commonground.engine.values import Result


def _limits(result: Result) -> list[float] | None:
    return None if result.interval is None else [result.interval.low, result.interval.high]


def _two(case: Case) -> tuple[int, int, int, int]:
    x1, n1, x2, n2 = (case.input[name] for name in ("x1", "n1", "x2", "n2"))
    return x1, n1, x2, n2


def _risk_ratio(case: Case) -> dict[str, Any]:
    four = _two(case)
    koopman = disparity.rate_ratio(*four)
    return {"rr": koopman, "katz": _limits(disparity.rate_ratio(*four, method="katz")), "koopman": _limits(koopman)}


def _idea(case: Case) -> dict[str, Any]:
    given = case.input
    comparison, whole = given.get("comparison_lea"), given.get("comparison_state")
    rules = disparity.Rules(given["min_cell"], given["min_n"], given.get("threshold"))
    result = disparity.risk_ratio(
        tuple(given["group"]),
        tuple(comparison if comparison is not None else (0, 0)),
        state_comparison=tuple(whole) if whole is not None else None,
        rules=rules,
    )
    if result.not_calculated is not None:
        return {"method": "not_calculated", "reason": result.not_calculated.reason.split(":")[0]}
    value = result.value
    return {
        "method": value.method,
        "risk_group": value.risk_group,
        "risk_comparison": value.risk_comparison,
        "ratio": value.ratio,
        "exceeds": value.exceeds,
    }


def _composition(case: Case) -> dict[str, Any]:
    enrolled, events = case.input["enroll"], case.input["outcome"]
    names = [str(place) for place in range(len(enrolled))]
    rows = disparity.composition(events, enrolled, names=names).value
    against_rest = disparity.compare_rates(events, enrolled, names=names).value
    return {
        "share_enrol": [row.share_enrolled for row in rows],
        "share_outcome": [row.share_of_events for row in rows],
        "composition_ratio": [row.composition_ratio for row in rows],
        "e_formula_limit": [row.e_limit for row in rows],
        "risk": [row.rate for row in against_rest],
        "risk_ratio_vs_rest": [row.ratio for row in against_rest],
    }


def _four_fifths(case: Case) -> dict[str, Any]:
    rates = {name: tuple(rate) if isinstance(rate, list) else rate for name, rate in case.input["rates"].items()}
    found = disparity.four_fifths(rates).value
    return {"ratios": found.ratios, "adverse": list(found.adverse)}


def _standardized(case: Case) -> dict[str, Any]:
    gap = disparity.standardized_gap(*(tuple(case.input[name]) for name in ("mean", "sd", "n"))).value
    return {
        "sd_pooled": gap.pooled_sd,
        "d": gap.d,
        "var_d": gap.var_d,
        "J_approx": gap.correction,
        "J_exact": gap.exact_correction,
        "g": gap.g,
        "var_g": gap.var_g,
    }


def _levels(case: Case) -> dict[str, Any]:
    gap = disparity.level_gap(case.input["share_ref"], case.input["share_focal"]).value
    # When both groups are normal, V is Cohen's d with both groups' spread counted alike.
    return {"V": gap.v, "P_ref_gt_focal": gap.chance_ahead, "cohen_d_pooled": gap.v}


def _many_tests(case: Case) -> dict[str, Any]:
    p_values = {str(place): p for place, p in enumerate(case.input["p"])}
    family = disparity.benjamini_hochberg(p_values, family=case.identity, rate=case.input.get("q", 0.05)).value
    return {
        "reject_n": family.found,
        "adjusted": [finding.adjusted for finding in family.findings],
        "bonferroni_reject_n": family.found_by_bonferroni,
    }


def _stratified(case: Case) -> dict[str, Any]:
    value = disparity.mantel_haenszel(case.input["strata"]).value
    return {
        "male_rate": value.first_rate,
        "female_rate": value.second_rate,
        "pooled_rr_male_vs_female": value.pooled_ratio,
        "mh_common_odds_ratio": value.odds_ratio,
        "mh_risk_ratio": value.risk_ratio,
        "reversal": value.reverses,
    }


def _shrunken(case: Case) -> dict[str, Any]:
    hits, n = case.input["hits"], case.input["n"]
    value = disparity.shrunken_rates(hits, n if isinstance(n, list) else [n] * len(hits)).value
    return {
        "grand_mean": value.mean,
        "shrink_factor": value.schools[0].reliability,
        "js": [school.value for school in value.schools],
    }


def _did(case: Case) -> dict[str, Any]:
    pre, post, other_pre, other_post = (case.input[k] for k in ("treat_pre", "treat_post", "ctrl_pre", "ctrl_post"))
    return {"did": disparity.difference_in_differences((pre, post), (other_pre, other_post))}


def _series(case: Case) -> dict[str, Any]:
    line = disparity.interrupted_series(case.input["y"], start=case.input["start"]).value
    return {"level_change": line.level_change, "slope_change": line.slope_change}


def _trend(case: Case) -> dict[str, Any]:
    trend = disparity.rate_trend(case.input["x"], case.input["n"], scores=case.input.get("scores"))
    return {"chi2": trend.value.chi_squared, "z": trend.value.z, "p": trend.value.p_value, "slope": trend.value.slope}


ADAPTERS: dict[str, Callable[[Case], Any]] = {
    "wilson*": lambda case: _limits(disparity.rate(case.input["x"], case.input["n"])),
    "newcombe*": lambda case: _limits(disparity.rate_difference(*_two(case))),
    "risk ratio, katz*": _risk_ratio,
    "{*comparison_lea*,*min_cell*}": _idea,
    "{*group*,*min_cell*}": _idea,
    "composition index*": _composition,
    "four-fifths*": _four_fifths,
    "cohen d*": _standardized,
    "v gap*": _levels,
    "benjamini-hochberg*": _many_tests,
    "simpson*": _stratified,
    "*mantel-haenszel*": _stratified,
    "empirical-bayes*": _shrunken,
    "*difference-in-differences*": _did,
    "segmented regression*": _series,
    "*cochran-armitage*": _trend,
    "baseline equivalence*": lambda case: [disparity.baseline_rating(g) for g in case.input["g"]],
}
