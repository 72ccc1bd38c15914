"""How evenly students are spread over units, and who meets whom: by race, by income, at every level.

A table has shape (units, groups). Every function answers with a `Result` that explains itself; an undefined index is
"not calculated" with a reason, never zero. Any `Index` can be given its random floor and its bootstrap interval.
"""

from commonground.engine.integration.chance import LevelFloor, RandomFloor, random_floor, random_floor_nested
from commonground.engine.integration.change import Change, Fitted, change_in_segregation, fit_margins
from commonground.engine.integration.exposure import (
    NormalizedExposure,
    dissimilarity_of_pairs,
    exposure_matrix,
    normalized_exposure_by_group,
)
from commonground.engine.integration.index import Index, measure
from commonground.engine.integration.local import Contribution, LocalSegregation, contributions, local_segregation
from commonground.engine.integration.multigroup import (
    MULTIGROUP_DISSIMILARITY,
    MULTIGROUP_GINI,
    MULTIGROUP_NORMALIZED_EXPOSURE,
    MUTUAL_INFORMATION,
    RELATIVE_DIVERSITY,
    SQUARED_COEFFICIENT_OF_VARIATION,
    THEIL_H,
    entropy,
    multigroup_dissimilarity,
    multigroup_gini,
    multigroup_normalized_exposure,
    mutual_information,
    relative_diversity,
    squared_coefficient_of_variation,
    theil_h,
)
from commonground.engine.integration.nesting import (
    BetweenWithin,
    LevelSegregation,
    NestedSegregation,
    Part,
    between_within,
    nested_segregation,
)
from commonground.engine.integration.ordinal import (
    ORDINAL,
    ordinal_segregation,
    rank_order_index,
    rank_order_segregation,
)
from commonground.engine.integration.resampling import (
    Bootstrap,
    BootstrapTerm,
    bootstrap,
    bootstrap_nested,
)
from commonground.engine.integration.two_groups import (
    DISSIMILARITY,
    GINI,
    INTERACTION,
    ISOLATION,
    NORMALIZED_EXPOSURE,
    atkinson,
    atkinson_index,
    dissimilarity,
    gini,
    interaction,
    isolation,
    normalized_exposure,
)

# Every index that needs no further choice, by name: the floor and the bootstrap work for each.
INDICES = {
    index.name: index
    for index in (
        DISSIMILARITY,
        GINI,
        atkinson_index(),
        NORMALIZED_EXPOSURE,
        ISOLATION,
        INTERACTION,
        MUTUAL_INFORMATION,
        THEIL_H,
        MULTIGROUP_DISSIMILARITY,
        MULTIGROUP_GINI,
        MULTIGROUP_NORMALIZED_EXPOSURE,
        RELATIVE_DIVERSITY,
        SQUARED_COEFFICIENT_OF_VARIATION,
        *ORDINAL.values(),
        rank_order_index(),
        rank_order_index(index="variance"),
    )
}

__all__ = [
    "DISSIMILARITY",
    "GINI",
    "INDICES",
    "INTERACTION",
    "ISOLATION",
    "MULTIGROUP_DISSIMILARITY",
    "MULTIGROUP_GINI",
    "MULTIGROUP_NORMALIZED_EXPOSURE",
    "MUTUAL_INFORMATION",
    "NORMALIZED_EXPOSURE",
    "ORDINAL",
    "RELATIVE_DIVERSITY",
    "SQUARED_COEFFICIENT_OF_VARIATION",
    "THEIL_H",
    "BetweenWithin",
    "Bootstrap",
    "BootstrapTerm",
    "Change",
    "Contribution",
    "Fitted",
    "Index",
    "LevelFloor",
    "LevelSegregation",
    "LocalSegregation",
    "NestedSegregation",
    "NormalizedExposure",
    "Part",
    "RandomFloor",
    "atkinson",
    "atkinson_index",
    "between_within",
    "bootstrap",
    "bootstrap_nested",
    "change_in_segregation",
    "contributions",
    "dissimilarity",
    "dissimilarity_of_pairs",
    "entropy",
    "exposure_matrix",
    "fit_margins",
    "gini",
    "interaction",
    "isolation",
    "local_segregation",
    "measure",
    "multigroup_dissimilarity",
    "multigroup_gini",
    "multigroup_normalized_exposure",
    "mutual_information",
    "nested_segregation",
    "normalized_exposure",
    "normalized_exposure_by_group",
    "ordinal_segregation",
    "random_floor",
    "random_floor_nested",
    "rank_order_index",
    "rank_order_segregation",
    "relative_diversity",
    "squared_coefficient_of_variation",
    "theil_h",
]
