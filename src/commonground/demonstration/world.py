"""The whole demonstration: seven districts' rosters drawn from a seed, written as the bundles their vendors would export."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from commonground.demonstration import oneroster
from commonground.demonstration.packing import LAYOUTS, pack
from commonground.demonstration.people import Ids, populate, schools_of
from commonground.demonstration.places import PLANS, DistrictPlan
from commonground.demonstration.records import Roster, Student
from commonground.demonstration.school_year import SchoolYear, school_year_of
from commonground.demonstration.teaching import Teaching
from commonground.facts import Enrollment, west_central_enrollment


@dataclass(frozen=True)
class World:
    """What was written. bundles: district id -> the bundle's path; all people are invented."""

    seed: int
    today: date
    year: SchoolYear
    bundles: dict[str, Path]


def draw_roster(plan: DistrictPlan, counts: list[Enrollment], *, year: SchoolYear, rng: Random) -> tuple[Roster, Ids]:
    """One district's people and classes, and the maker of its further source ids."""
    ids = Ids(plan.ids, district_id=plan.id, rng=rng)
    district_source_id = ids.new("org")
    schools = schools_of(plan, ids)
    students, guardians = populate(plan, counts, schools=schools, ids=ids, year=year, rng=rng)
    teaching = Teaching(plan, ids=ids, rng=rng)
    teaching.hire("districtAdministrator", "Superintendent")
    teaching.hire("districtAdministrator", "Achievement and Integration coordinator")
    here: dict[str, list[Student]] = defaultdict(list)
    for student in students:
        here[student.school.source_id].append(student)
    for school in schools:
        teaching.school(school, here[school.source_id])
    roster = Roster(
        district_id=plan.id,
        name=plan.name,
        source_id=district_source_id,
        schools=schools,
        students=students,
        guardians=guardians,
        staff=teaching.staff,
        courses=list(teaching.courses.values()),
        sections=teaching.sections,
    )
    return roster, ids


def write_bundles(folder: Path, *, seed: int, today: date) -> World:
    """Writes seven OneRoster bundles below `folder`, set in the school year of `today`; equal arguments give equal bytes."""
    year = school_year_of(today)
    counts: dict[str, list[Enrollment]] = defaultdict(list)
    for row in west_central_enrollment():
        counts[row.district_id].append(row)
    bundles = {}
    for plan in PLANS:
        rng = Random(f"{seed}/{plan.id}")  # noqa: S311 - invented people, not secrets
        roster, ids = draw_roster(plan, counts[plan.id], year=year, rng=rng)
        stamp = ("active", f"{today}T03:00:00.000Z")
        tables = oneroster.Writer(roster, version=plan.version, year=year, ids=ids, stamp=stamp).write()
        listed = dict.fromkeys(tables, "bulk")
        tables = {"manifest": oneroster.manifest(plan.version, listed, system="Invented SIS"), **tables}
        packed = pack(tables, folder, name=f"oneroster-{plan.id}", layout=LAYOUTS[plan.layout], day=today, watched=[])
        bundles[plan.id] = packed.path
    return World(seed=seed, today=today, year=year, bundles=bundles)
