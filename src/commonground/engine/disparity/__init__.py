"""Who gets what, and how sure we are: rates, gaps, ratios, trends and what a program may have done.

Every function answers with a `Result` that explains itself. What cannot be calculated is "not calculated" with a reason,
never zero.
"""

from commonground.engine.disparity.disproportionality import (
    Identification,
    RiskRatio,
    Rules,
    risk_ratio,
    significant_disproportionality,
)
from commonground.engine.disparity.gaps import LevelGap, StandardizedGap, cox_index, level_gap, standardized_gap
from commonground.engine.disparity.ordered_probit import GroupScale, Scale, hetop
from commonground.engine.disparity.programs import (
    Baseline,
    Matched,
    SegmentedLine,
    baseline_rating,
    difference_in_differences,
    interrupted_series,
    matched_comparison,
    minimum_detectable_change,
    minimum_detectable_effect_in_schools,
)
from commonground.engine.disparity.rates import rate, rate_difference, rate_ratio
from commonground.engine.disparity.representation import (
    Comparison,
    FourFifths,
    Representation,
    compare_rates,
    composition,
    four_fifths,
)
from commonground.engine.disparity.shrinkage import Shrinkage, Shrunken, shrunken_means, shrunken_rates
from commonground.engine.disparity.strata import Stratified, mantel_haenszel
from commonground.engine.disparity.trends import (
    Family,
    Finding,
    GapTrend,
    RateTrend,
    benjamini_hochberg,
    gap_trend,
    rate_trend,
)

__all__ = [
    "Baseline",
    "Comparison",
    "Family",
    "Finding",
    "FourFifths",
    "GapTrend",
    "GroupScale",
    "Identification",
    "LevelGap",
    "Matched",
    "RateTrend",
    "Representation",
    "RiskRatio",
    "Rules",
    "Scale",
    "SegmentedLine",
    "Shrinkage",
    "Shrunken",
    "StandardizedGap",
    "Stratified",
    "baseline_rating",
    "benjamini_hochberg",
    "compare_rates",
    "composition",
    "cox_index",
    "difference_in_differences",
    "four_fifths",
    "gap_trend",
    "hetop",
    "interrupted_series",
    "level_gap",
    "mantel_haenszel",
    "matched_comparison",
    "minimum_detectable_change",
    "minimum_detectable_effect_in_schools",
    "rate",
    "rate_difference",
    "rate_ratio",
    "rate_trend",
    "risk_ratio",
    "shrunken_means",
    "shrunken_rates",
    "significant_disproportionality",
    "standardized_gap",
]
