"""The whole demonstration: seven districts' rosters drawn from a seed, written as the bundles their vendors would export."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from commonground.demonstration import oneroster
from commonground.demonstration.cast import COORDINATOR, HOST, LIAISON, Person, cast_families, cast_people
from commonground.demonstration.counts import SchoolCount, earlier_counts, school_counts, write_table
from commonground.demonstration.defects import PLANT, Defect, Planter
from commonground.demonstration.expected import Expected, expected_files, expected_tables
from commonground.demonstration.families import share_some
from commonground.demonstration.followup import FollowUp, change
from commonground.demonstration.oneroster import Tables
from commonground.demonstration.packing import LAYOUTS, pack
from commonground.demonstration.people import Ids, populate, schools_of
from commonground.demonstration.places import PLAN_OF, PLANS, DistrictPlan
from commonground.demonstration.records import Roster, Student
from commonground.demonstration.refused import write_refused
from commonground.demonstration.school_year import SchoolYear, school_year_of
from commonground.demonstration.teaching import Teaching
from commonground.facts import Enrollment, west_central_enrollment

ARRIVED_LATELY = 9  # students of Willmar's first bundle who came within the last two weeks


@dataclass(frozen=True)
class World:
    """What was written, and what must be found in it. All people are invented; counts are the state's of 2017-18.

    bundles, expected: by district id. defects: what was planted. cast: by key (see `cast`). arrivals: source ids of the
    students in Willmar's first bundle who came within the last two weeks. families: pairs of (district id, source ids
    of the guardians) for every family with children in two districts. counts: students by school, grade and group;
    earlier: the year before, invented; earlier_table: the same as a table of enrollment. follow_up: Willmar's next bundle.
    refused: code of `formats.problems` -> an archive that must be refused for it.
    """

    seed: int
    today: date
    year: SchoolYear
    bundles: dict[str, Path]
    expected: dict[str, Expected]
    defects: tuple[Defect, ...]
    cast: dict[str, Person]
    arrivals: tuple[str, ...]
    families: tuple[tuple[tuple[str, tuple[str, ...]], ...], ...]
    counts: tuple[SchoolCount, ...]
    earlier: tuple[SchoolCount, ...]
    earlier_table: Path
    follow_up: FollowUp
    refused: dict[str, Path]

    @property
    def students(self) -> int:
        return sum(expected.tables["student"] for expected in self.expected.values())


def draw_roster(plan: DistrictPlan, counts: list[Enrollment], *, year: SchoolYear, rng: Random) -> tuple[Roster, Ids]:
    """One district's people and classes, and the maker of its further source ids."""
    ids = Ids(plan.ids, district_id=plan.id, rng=rng)
    district_source_id = ids.new("org")
    schools = schools_of(plan, ids)
    households = populate(plan, counts, schools=schools, ids=ids, year=year, rng=rng)
    students = sorted(
        (student for household in households for student in household.students),
        key=lambda student: student.local_number,
    )
    teaching = Teaching(plan, ids=ids, rng=rng)
    teaching.hire("districtAdministrator", "Superintendent")
    teaching.hire("districtAdministrator", COORDINATOR)
    if plan.liaison_schools:
        served = [school for school in schools if school.state_id[8:] in plan.liaison_schools]
        teaching.hire("aide", LIAISON, *served)
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
        households=households,
        staff=teaching.staff,
        courses=list(teaching.courses.values()),
        sections=teaching.sections,
    )
    return roster, ids


def _let_arrive(roster: Roster, *, today: date, year: SchoolYear, rng: Random) -> tuple[str, ...]:
    """Students who came within the last two weeks, most of them to the liaison's schools; their source ids."""
    served = {school.state_id for person in roster.staff if person.job == LIAISON for school in person.schools}
    here = [student for student in roster.students if student.school.state_id in served and student.language != "en"]
    elsewhere = [student for student in roster.students if student.school.state_id not in served]
    arrived = rng.sample(here, ARRIVED_LATELY - 3) + rng.sample(elsewhere, 3)
    for student in arrived:
        student.begins_on = max(year.first_day, today - timedelta(rng.randrange(1, 14)))
    return tuple(student.source_id for student in arrived)


def write_bundles(folder: Path, *, seed: int, today: date) -> World:
    """Writes seven OneRoster bundles below `folder`, set in the school year of `today`; equal arguments give equal bytes."""
    year = school_year_of(today)
    counts: dict[str, list[Enrollment]] = defaultdict(list)
    for row in west_central_enrollment():
        counts[row.district_id].append(row)
    rngs = {plan.id: Random(f"{seed}/{plan.id}") for plan in PLANS}  # noqa: S311 - invented people, not secrets
    drawn = {plan.id: draw_roster(plan, counts[plan.id], year=year, rng=rngs[plan.id]) for plan in PLANS}
    rosters = {district_id: roster for district_id, (roster, _) in drawn.items()}
    ids = {district_id: maker for district_id, (_, maker) in drawn.items()}

    rng = Random(f"{seed}/families")  # noqa: S311
    cast_homes = cast_families(rosters, ids, rng=rng)
    shared = share_some(rosters, ids, kept=cast_homes.all, rng=rng)
    cast = cast_people(rosters, cast_homes)
    arrivals = _let_arrive(rosters[HOST], today=today, year=year, rng=rng)

    bundles, expected, planters = {}, {}, {}
    defects: list[Defect] = []
    for district_id, roster in rosters.items():
        plan = PLAN_OF[district_id]
        stamp = ("active", f"{today}T03:00:00.000Z")
        writer = oneroster.Writer(roster, version=plan.version, year=year, ids=ids[district_id], stamp=stamp)
        tables = writer.write()
        planter = Planter(tables, writer, rngs[district_id], dict.fromkeys(tables, "bulk"))
        PLANT[district_id](planter)
        planters[district_id] = planter
        tables = _with_manifest(plan, planter, tables)
        packed = pack(
            tables,
            folder,
            name=f"oneroster-{district_id}",
            layout=LAYOUTS[plan.layout],
            day=today,
            watched=planter.watched(),
        )
        found = planter.defects(district_id, packed)
        defects.extend(found)
        bundles[district_id] = packed.path
        expected[district_id] = Expected(
            files=expected_files(tables, packed, found), tables=expected_tables(roster, added=planter.added)
        )

    now = school_counts(list(rosters.values()))
    kept = {student.source_id for household in (*cast_homes.all, *sum(shared, ())) for student in household.students}
    kept |= {*arrivals, rosters[HOST].households[0].students[0].source_id}
    tables, follow_up = change(planters[HOST].tables, planters[HOST].writer, kept=kept, today=today, rng=rngs[HOST])
    plan = PLAN_OF[HOST]
    packed = pack(
        _with_manifest(plan, planters[HOST], tables),
        folder / "follow-up",
        name=f"oneroster-{HOST}",
        layout=LAYOUTS[plan.layout],
        day=today,
        watched=[],
    )
    earlier = earlier_counts(now, rng=rng)
    return World(
        seed=seed,
        today=today,
        year=year,
        bundles=bundles,
        expected=expected,
        defects=tuple(defects),
        cast=cast,
        arrivals=arrivals,
        families=tuple(
            tuple(
                (student.school.state_id[:7], tuple(adult.source_id for adult in household.adults))
                for household in pair
                for student in household.students[:1]
            )
            for pair in (*shared, cast_homes.somali, cast_homes.spanish)
        ),
        counts=now,
        earlier=earlier,
        earlier_table=write_table(folder, earlier, ends_in=year.starts_on.year),
        follow_up=replace(follow_up, path=packed.path),
        refused=write_refused(folder / "refused", day=today),
    )


def _with_manifest(plan: DistrictPlan, planter: Planter, tables: Tables) -> Tables:
    return {"manifest": oneroster.manifest(plan.version, planter.modes, system="Invented SIS"), **tables}
