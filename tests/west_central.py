"""The seven West Central districts as members, with invented students in exactly the public counts of 2017-18."""

import csv
import uuid
from importlib.resources import files

import psycopg

from commonground.apps.measures import counting
from commonground.apps.measures.sections import spreads
from tests import world as cast

GROUPS = ("american_indian", "asian", "black", "hispanic", "pacific_islander", "two_or_more", "white")
# In Willmar the Hispanic children of these grades go to a school of their own, for the tests alone.
YOUNG = ("KG", "01", "02", "03", "04", "05")
STUDENTS = """
with wanted as (
    select o.id as owner_id, w.grade, w.race, w.school, n from unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[])
           as w(district, grade, race, school, number)
      join core_organization o on o.state_id = w.district and o.owner_id is null
      cross join lateral generate_series(1, w.number) n
), student as (
    insert into roster_student (id, owner_id, source_id, file, given_name, family_name, name_key, grade, enabled)
    select gen_random_uuid(), owner_id, concat_ws('/', school, grade, race, n), '', 'A', 'B', 'b a', grade, true from wanted
    returning id, owner_id, source_id, grade
), demographics as (
    insert into roster_demographics (id, owner_id, source_id, file, student_id, american_indian, asian, black,
                                     pacific_islander, white, two_or_more, hispanic)
    select gen_random_uuid(), owner_id, source_id, '', id, race = 'american_indian', race in ('asian', 'two_or_more'),
           race = 'black', race = 'pacific_islander', race in ('white', 'hispanic', 'two_or_more'), null, race = 'hispanic'
      from student, split_part(source_id, '/', 3) race
)
insert into roster_schoolenrollment (id, owner_id, source_id, file, student_id, school_id, grade)
select gen_random_uuid(), s.owner_id, s.source_id, '', s.id, o.id, s.grade
  from student s join core_organization o on o.owner_id = s.owner_id and o.name = split_part(s.source_id, '/', 1)
"""


def raw_rows() -> list[dict[str, str]]:
    """The public table as it ships, row by row."""
    text = files("commonground.facts").joinpath("minnesota", "west-central-2017-18.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def school_of(row: dict[str, str], group: str) -> str:
    """The invented school that these students go to."""
    of_its_own = row["district_id"] == "0347-01" and group == "hispanic" and row["grade"] in YOUNG
    return f"{'Little' if of_its_own else 'Big'} School {row['district_id']}"


def count(arrange):
    """Count every district's roster as it stands, under a batch of its own, as intake does after applying."""
    for (owner,) in arrange("select distinct owner_id from roster_student"):
        values = {"owner": owner, "batch": uuid.uuid4()}
        arrange(counting.STUDENTS, values)
        for one in spreads(arrange(counting.SECTIONS, values)):
            arrange(
                "insert into measures_schoolmixing (id, owner_id, batch_id, school_id, sections, students, m, m_by_chance)"
                " values (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s)",
                [owner, values["batch"], *vars(one).values()],
            )
        (totals,) = arrange(counting.TOTALS, values)
        arrange(
            "insert into measures_countedfile (id, owner_id, batch_id, kind, number, label, school_years, counted_on,"
            " applied_at, files, students, guardians, schools, sections)"
            " select gen_random_uuid(), %s, %s, 'roster', 1 + count(*), 'rosters.zip', '[2027]', now(), now(), '[]', %s, %s, %s, %s"
            "   from measures_countedfile where owner_id = %s",
            [owner, values["batch"], *totals, owner],
        )


MEMBERS = sorted({row["district_id"] for row in raw_rows() if row["part"] == "member"})


def runner(dsn: str):
    """`run("update ...", [values])` on this database, past every wall."""

    def run(statement, values=()):
        with psycopg.connect(dsn, autocommit=True) as outside:
            cursor = outside.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run


def build(dsn: str) -> None:
    """Dana's and Ann's collaborative is West Central; Cora coordinates Willmar. Montevideo takes part by choice."""
    arrange = runner(dsn)
    arrange("delete from core_membership")
    arrange(
        "insert into core_membership (id, collaborative_id, organization_id, standing, since)"
        " select gen_random_uuid(), %s, id, case state_id when '0129-01' then 'voluntary' else 'member' end, '2024-07-01'"
        " from core_organization where owner_id is null and state_id = any(%s)",
        [cast.COLLABORATIVE, MEMBERS],
    )
    arrange(
        "insert into core_organization (id, kind, name, owner_id, source_id, file, invented)"
        " select gen_random_uuid(), 'school', size || ' School ' || state_id, id, size, '', true"
        " from core_organization, unnest(array['Big', 'Little']) size where owner_id is null and state_id = any(%s)",
        [MEMBERS],
    )
    lines = [
        (row["district_id"], row["grade"], group, school_of(row, group), int(row[group]))
        for row in raw_rows()
        if row["part"] == "member"
        for group in GROUPS
        if int(row[group])
    ]
    arrange(STUDENTS, [list(column) for column in zip(*lines, strict=True)])
    count(arrange)
    arrange("analyze")
    arrange(
        "update core_rolegrant set organization_id = (select id from core_organization where state_id = '0347-01'"
        " and owner_id is null) where person_id = %s",
        [cast.CORA],
    )
