"""Seven real districts, and the invented schools that stand in them.

District names and ids are facts; every school is invented, its number chosen among those that no school of that district
uses in the state's tables.
"""

from dataclasses import dataclass, field

EARLY = ("EC", "PK")
GRADES = ("EC", "PK", "KG", *(f"{grade:02d}" for grade in range(1, 13)))


def span(first: str, last: str) -> tuple[str, ...]:
    """The grades from first to last: span("KG", "02") is ("KG", "01", "02")."""
    return GRADES[GRADES.index(first) : GRADES.index(last) + 1]


@dataclass(frozen=True)
class SchoolPlan:
    """An invented school. `draw`: how strongly each group goes there, against other schools with the same grade (1 if absent)."""

    number: str
    name: str
    grades: tuple[str, ...]
    draw: dict[str, float] = field(default_factory=dict)
    is_alternative: bool = False


@dataclass(frozen=True)
class DistrictPlan:
    """A member district: its schools, and how its export looks (`version` of OneRoster, `ids` and `layout` by name)."""

    id: str
    name: str
    version: str
    ids: str  # prefixed, numbers or uuid
    layout: str  # see packing.LAYOUTS
    schools: tuple[SchoolPlan, ...]
    is_voluntary: bool = False
    liaison_schools: tuple[str, ...] = ()  # numbers of the schools that a cultural liaison serves


PLANS = (
    DistrictPlan(
        id="0347-01",
        name="Willmar Public School District",
        version="1.2",
        ids="uuid",
        layout="zip",
        liaison_schools=("620", "650"),
        schools=(
            SchoolPlan("610", "Lakeland Early Learning Center", span("EC", "PK")),
            SchoolPlan(
                "620", "Big Bluestem Elementary", span("KG", "05"), {"white": 0.34, "black": 1.4, "hispanic": 1.25}
            ),
            SchoolPlan("630", "Glacial Ridge Elementary", span("KG", "05"), {"white": 1.1}),
            SchoolPlan(
                "640", "Sunrise Prairie Elementary", span("KG", "05"), {"white": 1.5, "black": 0.6, "hispanic": 0.8}
            ),
            SchoolPlan("650", "Eagle Crossing Middle School", span("06", "08")),
            SchoolPlan("660", "Prairie Horizon High School", span("09", "12")),
            SchoolPlan(
                "670",
                "Northstar Area Learning Center",
                span("09", "12"),
                {"white": 0.05, "black": 0.11, "hispanic": 0.11, "american_indian": 0.2},
                is_alternative=True,
            ),
        ),
    ),
    DistrictPlan(
        id="0345-01",
        name="New London-Spicer School District",
        version="1.1",
        ids="prefixed",
        layout="nested",
        schools=(
            SchoolPlan("510", "Green Lake Shores Elementary", span("EC", "04")),
            SchoolPlan("520", "Crow River Middle School", span("05", "08")),
            SchoolPlan("530", "Glacial Lakes High School", span("09", "12")),
        ),
    ),
    DistrictPlan(
        id="0129-01",
        name="Montevideo Public School District",
        version="1.1",
        ids="numbers",
        layout="marked",
        schools=(
            SchoolPlan("510", "River Bend Early Childhood Center", span("EC", "KG")),
            SchoolPlan("520", "Two Rivers Elementary", span("01", "04")),
            SchoolPlan("530", "Chippewa Valley Middle School", span("05", "08")),
            SchoolPlan("540", "Fiesta City High School", span("09", "12")),
        ),
        is_voluntary=True,
    ),
    DistrictPlan(
        id="2396-01",
        name="Atwater-Cosmos-Grove City School District",
        version="1.1",
        ids="prefixed",
        layout="miscased",
        schools=(
            SchoolPlan("510", "Long Lake Elementary", span("EC", "05")),
            SchoolPlan("520", "Prairie Star Elementary", span("KG", "05"), {"hispanic": 1.3}),
            SchoolPlan("530", "Tri-Prairie High School", span("06", "12")),
        ),
    ),
    DistrictPlan(
        id="2534-01",
        name="BOLD School District",
        version="1.2",
        ids="numbers",
        layout="zip",
        schools=(
            SchoolPlan("510", "Tallgrass Elementary", span("EC", "05")),
            SchoolPlan("520", "Beaver Creek High School", span("06", "12")),
        ),
    ),
    DistrictPlan(
        id="0775-01",
        name="Kerkhoven-Murdock-Sunburg School District",
        version="1.2",
        ids="prefixed",
        layout="folder",
        schools=(
            SchoolPlan("510", "Monson Lake Elementary", span("EC", "06")),
            SchoolPlan("520", "Shakopee Creek High School", span("07", "12")),
        ),
    ),
    DistrictPlan(
        id="2180-01",
        name="MACCRAY School District",
        version="1.1",
        ids="numbers",
        layout="old_mac",
        schools=(
            SchoolPlan("510", "Hawk Creek Elementary", span("EC", "05")),
            SchoolPlan("520", "Palmer Creek Elementary", span("KG", "05"), {"hispanic": 1.4}),
            SchoolPlan("530", "Chippewa Prairie High School", span("06", "12")),
        ),
    ),
)
PLAN_OF = {plan.id: plan for plan in PLANS}
