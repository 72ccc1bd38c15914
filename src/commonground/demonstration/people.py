"""Students that match the state's counts exactly, their households, and the schools they go to."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from commonground.demonstration.names import BY_GROUP, Name, family_names, pick, plain
from commonground.demonstration.places import GRADES, DistrictPlan
from commonground.demonstration.records import Guardian, Household, School, Student
from commonground.demonstration.school_year import SchoolYear
from commonground.facts import Enrollment

HOUSEHOLD_SIZES = (("1", 42), ("2", 36), ("3", 16), ("4", 6))
RELATIONS = (("parent", 91), ("guardian", 5), ("relative", 4))


class Ids:
    """Source ids as one vendor makes them: `prefixed` (S-1004), `numbers` (100417) or `uuid`."""

    def __init__(self, style: str, *, district_id: str, rng: Random) -> None:
        self._style, self._rng = style, rng
        self._district = int(district_id[:4])
        self._next: dict[str, int] = defaultdict(lambda: 1000)

    def new(self, kind: str) -> str:
        """A source id that no other record of the district has. kind: a short word such as `student`."""
        self._next[kind] += 1
        number = self._next[kind]
        match self._style:
            case "uuid":
                text = f"{self._rng.getrandbits(128):032x}"
                return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"
            case "prefixed":
                return f"{kind[:3].upper()}-{self._district}-{number}"
            case _:
                return f"{self._district}{KINDS.index(kind) + 1}{number:06d}"


Candidates = dict[str, list[tuple[School, dict[str, float]]]]  # by grade, with how strongly each group is drawn
KINDS = ("org", "session", "course", "class", "student", "guardian", "staff", "role", "enrollment")


def schools_of(plan: DistrictPlan, ids: Ids) -> list[School]:
    """The district's invented schools."""
    return [
        School(ids.new("org"), f"{plan.id}-{school.number}", school.name, school.grades, school.is_alternative)
        for school in plan.schools
    ]


def _places(counts: list[Enrollment], rng: Random) -> dict[str, list[tuple[str, str]]]:
    """For each group, the (grade, sex) of every student the state counted, in random order."""
    places: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in counts:
        sexes = ["male"] * row.male + ["female"] * row.female
        rng.shuffle(sexes)
        for group, count in row.groups.items():
            places[group].extend((row.grade, sexes.pop()) for _ in range(count))
    for listed in places.values():
        rng.shuffle(listed)
    return places


def _cut(places: list[tuple[str, str]], rng: Random) -> Iterator[list[tuple[str, str]]]:
    """The places cut into households of one to four children."""
    at = 0
    while at < len(places):
        size = int(pick(HOUSEHOLD_SIZES, rng))
        yield places[at : at + size]
        at += size


def birth_day(grade: str, year: SchoolYear, rng: Random) -> date:
    """A birthday that fits the grade: five years old by September 1 for kindergarten; early childhood is three or four."""
    steps = GRADES.index(grade) - GRADES.index("KG")
    if grade == "EC":
        steps = rng.choice((-1, -2))
    turns_five = date(year.starts_on.year - 5 - steps, 9, 1)
    return turns_five - timedelta(rng.randrange(365))


def races_of(group: str, community: str, rng: Random) -> frozenset[str]:
    """The races a family ticks on the form, so that the federal roll-up gives the group back."""
    match group:
        case "hispanic":
            ticked = pick((("white", 62), ("american_indian", 10), ("", 22), ("black", 6)), rng)
            return frozenset({ticked} - {""})
        case "two_or_more":
            other = {
                "dakota_ojibwe": "american_indian",
                "southeast_asian": "asian",
                "somali": "black",
                "african_american": "black",
            }.get(community) or pick(
                (("black", 40), ("asian", 25), ("american_indian", 30), ("pacific_islander", 5)), rng
            )
            return frozenset({"white", other})
        case _:
            return frozenset({group})


def _school_for(grade: str, group: str, candidates: Candidates, home: float, rng: Random) -> School:
    """The school of this grade that the group's weights and the household's place (`home`, 0 to 1) lead to.

    Brothers and sisters share `home` and so mostly a school; an alternative learning center is chosen one by one.
    """
    regular = [(school, draw.get(group, 1.0)) for school, draw in candidates[grade] if not school.is_alternative]
    for school, draw in candidates[grade]:
        if school.is_alternative and rng.random() < draw.get(group, 0.05):
            return school
    at = home * sum(weight for _, weight in regular)
    for school, weight in regular:
        at -= weight
        if at < 0:
            return school
    return regular[-1][0]


def populate(
    plan: DistrictPlan, counts: list[Enrollment], *, schools: list[School], ids: Ids, year: SchoolYear, rng: Random
) -> list[Household]:
    """Every student the state counted in the district, in households.

    counts: the district's rows, one per grade; the students match them by grade, group and sex exactly.
    """
    candidates: Candidates = defaultdict(list)
    for school, planned in zip(schools, plan.schools, strict=True):
        for grade in school.grades:
            candidates[grade].append((school, planned.draw))
    households = []
    for group, places in sorted(_places(counts, rng).items()):
        for members in _cut(places, rng):
            community = pick(BY_GROUP[group], rng)
            household = new_household(community, ids=ids, rng=rng)
            races, home = races_of(group, community, rng), rng.random()
            for grade, sex in members:
                school = _school_for(grade, group, candidates, home, rng)
                add_child(household, grade, sex, group=group, races=races, school=school, ids=ids, year=year, rng=rng)
            households.append(household)
    students = [student for household in households for student in household.students]
    rng.shuffle(students)
    rng.shuffle(households)
    for number, student in enumerate(students, start=1):
        give_numbers(student, plan.id, number)
    return households


def give_numbers(student: Student, district_id: str, number: int) -> None:
    """The district's own number and a state number of 13 characters, in a range that the state does not use."""
    student.local_number = f"{int(district_id[:4])}{number:05d}"
    student.state_number = f"99{int(district_id[:4]):04d}{number:07d}"


def new_household(community: str, *, ids: Ids, rng: Random) -> Household:
    """A household of this community with one or two adults and no child yet."""
    names = family_names(community, rng)
    language = pick(names.names.languages, rng)
    both = rng.random() < 0.68
    relation = pick(RELATIONS, rng)
    adults = [
        new_adult(names.adult(which, rng), relation=relation, language=language, ids=ids, rng=rng)
        for which in ((0, 1) if both else (int(rng.random() < 0.15),))
    ]
    return Household(names=names, language=language, adults=adults, students=[])


def new_adult(name: Name, *, relation: str, language: str, ids: Ids, rng: Random) -> Guardian:
    """An adult with a mail address and a telephone number that belong to nobody."""
    return Guardian(
        source_id=ids.new("guardian"),
        given_name=name.given,
        middle_name=name.middle,
        family_name=name.family,
        relation=relation,
        email=f"{plain(name.given)}.{plain(name.family)}.{rng.randrange(1000, 10000)}@example.org",
        phone=f"320-555-01{rng.randrange(100):02d}",
        language=language,
    )


def add_child(
    household: Household,
    grade: str,
    sex: str,
    *,
    group: str,
    races: frozenset[str],
    school: School,
    ids: Ids,
    year: SchoolYear,
    rng: Random,
) -> Student:
    """A child of the household; two of one grade are twins and share a birthday. The caller gives the numbers."""
    twin = next((other for other in household.students if other.grade == grade), None)
    student = Student(
        source_id=ids.new("student"),
        local_number="",
        state_number="",
        given_name="",
        middle_name="",
        family_name="",
        preferred_name="",
        grade=grade,
        group=group,
        races=races,
        sex=sex,
        birth_on=twin.birth_on if twin else birth_day(grade, year, rng),
        language=household.language,
        school=school,
        begins_on=year.first_day,
        guardians=list(household.adults),
    )
    name_child(household, student, rng=rng)
    household.students.append(student)
    for adult in household.adults:
        adult.students.append(student)
    return student


def name_child(household: Household, student: Student, *, rng: Random) -> None:
    """A name in the household's way that no brother or sister has."""
    taken = {other.given_name for other in household.students if other is not student}
    name = household.names.child(student.sex, rng)
    while name.given in taken:
        name = household.names.child(student.sex, rng)
    student.given_name, student.middle_name, student.family_name = name.given, name.middle, name.family
    student.preferred_name = name.given.split()[0] if " " in name.given and rng.random() < 0.2 else ""
