"""The named cast: one invented person per role, named alike whatever the seed."""

from dataclasses import dataclass, field
from itertools import chain
from random import Random

from commonground.demonstration.families import share
from commonground.demonstration.names import COMMUNITIES, FamilyNames, Name
from commonground.demonstration.people import Ids, new_adult
from commonground.demonstration.records import Household, Roster, Staff

HOST, NEIGHBOR, VOLUNTARY = "0347-01", "0345-01", "0129-01"
MIDDLE_SCHOOL, ELEMENTARY = "0347-01-650", "0347-01-620"
COORDINATOR, LIAISON = "Achievement and Integration coordinator", "Cultural liaison"


@dataclass(frozen=True)
class Person:
    """Someone who signs in.

    organization: state id of the district (DDDD-TT) or school (DDDD-TT-SSS) where the role is held; None for the
    collaborative itself, for families and for the operator. source_ids: district id -> their source id in that
    district's bundle. serves: state ids of the schools that a liaison serves. language: BCP 47.
    """

    key: str
    name: str
    email: str
    role: str
    title: str
    organization: str | None = None
    language: str = "en"
    source_ids: dict[str, str] = field(default_factory=dict)
    serves: tuple[str, ...] = ()


@dataclass(frozen=True)
class CastFamily:
    """How a cast family is drawn and named: `group` is the one whose counted places its children take."""

    email: str
    group: str
    community: str
    language: str
    other_district: str
    names: FamilyNames
    adults: tuple[Name, ...]
    daughters: tuple[str, ...]
    sons: tuple[str, ...]


SOMALI = CastFamily(
    email="family@example.org",
    group="black",
    community="somali",
    language="so",
    other_district=NEIGHBOR,
    names=FamilyNames("somali", COMMUNITIES["somali"], "Guled", "Samatar", "", ""),
    adults=(Name("Hodan", "Warsame", "Jama"), Name("Guled", "Samatar", "Elmi")),
    daughters=("Ayaan", "Sagal", "Idil", "Ubah", "Ladan", "Deqa", "Muna", "Bilan"),
    sons=("Liban", "Mahad", "Bilal", "Hamza", "Khalid", "Idiris", "Salman", "Ayanle"),
)
SPANISH = CastFamily(
    email="familia@example.org",
    group="hispanic",
    community="latino",
    language="es",
    other_district=VOLUNTARY,
    names=FamilyNames("latino", COMMUNITIES["latino"], "", "", "Ibarra", "Solís"),
    adults=(Name("Araceli", "", "Solís Peña"), Name("Rubén", "", "Ibarra Núñez")),
    daughters=("Itzel", "Renata", "Belén", "Inés", "Yaretzi", "Citlali", "Perla", "Marisol"),
    sons=("Emiliano", "Joaquín", "Noé", "Tomás", "Iván", "Hugo", "Abel", "Nicolás"),
)


@dataclass(frozen=True)
class CastHouseholds:
    """The two cast families, each in Willmar (home) and in the other district."""

    somali: tuple[Household, Household]
    spanish: tuple[Household, Household]

    @property
    def all(self) -> list[Household]:
        return [*self.somali, *self.spanish]


def cast_families(rosters: dict[str, Roster], ids: dict[str, Ids], *, rng: Random) -> CastHouseholds:
    """Gives two drawn families the cast's names, and a child in a second district each."""
    return CastHouseholds(
        somali=_cast_family(SOMALI, rosters, ids, rng=rng),
        spanish=_cast_family(SPANISH, rosters, ids, rng=rng),
    )


def _cast_family(
    family: CastFamily, rosters: dict[str, Roster], ids: dict[str, Ids], *, rng: Random
) -> tuple[Household, Household]:
    def is_of_group(household: Household) -> bool:
        return household.students[0].group == family.group

    def closeness(household: Household) -> tuple[int, int]:
        """First a child in each of the liaison's two schools, then a family of usual size."""
        schools = {child.school.state_id for child in household.students}
        return -len(schools & {MIDDLE_SCHOOL, ELEMENTARY}), abs(len(household.students) - 2)

    home = min(filter(is_of_group, rosters[HOST].households), key=closeness)
    other = min(
        filter(is_of_group, rosters[family.other_district].households), key=lambda found: abs(len(found.students) - 1)
    )
    home.names, home.language = family.names, family.language
    home.adults[:] = [
        new_adult(name, relation="parent", language=family.language, ids=ids[HOST], rng=rng) for name in family.adults
    ]
    home.adults[0].email = family.email
    for adult in home.adults:
        adult.students[:] = home.students
    for child in home.students:
        child.language, child.guardians = family.language, list(home.adults)
    share(home, other, ids=ids[family.other_district], rng=rng)
    given = {"female": iter(family.daughters), "male": iter(family.sons)}
    for child in chain(home.students, other.students):
        name = family.names.child(child.sex, rng)
        child.given_name, child.preferred_name = next(given[child.sex]), ""
        child.middle_name, child.family_name = name.middle, name.family
    return home, other


def cast_people(rosters: dict[str, Roster], families: CastHouseholds) -> dict[str, Person]:
    """The whole cast by key, after giving their names to the staff who play a part in Willmar and Montevideo."""
    host = rosters[HOST]
    pupil = next(
        (child for child in families.somali[0].students if child.school.state_id == MIDDLE_SCHOOL),
        families.somali[0].students[0],
    )
    teacher = next(section.teacher for section in host.sections if pupil in section.students)
    people = [
        Person("director", "Marit Lindquist", "director@example.org", "director", "Director of the collaborative"),
        _staff(
            "coordinator",
            Name("Corinne", "", "Beckermann"),
            "coordinator@example.org",
            host,
            _with_job(host, COORDINATOR),
        ),
        _staff(
            "coordinator_montevideo",
            Name("Anders", "", "Fossum"),
            "coordinator.montevideo@example.org",
            rosters[VOLUNTARY],
            _with_job(rosters[VOLUNTARY], COORDINATOR),
            role="coordinator",
        ),
        Person("analyst", "Mai Lee Moua", "analyst@example.org", "analyst", "Data analyst of the collaborative"),
        _staff(
            "principal",
            Name("Delaney", "", "O'Leary"),
            "principal@example.org",
            host,
            _principal_of(host, pupil.school.state_id),
        ),
        _staff("teacher", Name("Torsten", "", "Rademacher"), "teacher@example.org", host, teacher),
        _staff("liaison", Name("Filsan", "Hersi", "Barre"), "liaison@example.org", host, _with_job(host, LIAISON)),
        _family("family", SOMALI, families.somali),
        _family("family_spanish", SPANISH, families.spanish),
        Person("operator", "Reid Ulstad", "operator@example.org", "operator", "Keeps the system running"),
    ]
    return {person.key: person for person in people}


def _with_job(roster: Roster, job: str) -> Staff:
    return next(person for person in roster.staff if person.job == job)


def _principal_of(roster: Roster, school_id: str) -> Staff:
    return next(
        person for person in roster.staff if person.role == "principal" and person.schools[0].state_id == school_id
    )


def _staff(key: str, name: Name, email: str, roster: Roster, person: Staff, *, role: str | None = None) -> Person:
    person.given_name, person.middle_name, person.family_name, person.email = (
        name.given,
        name.middle,
        name.family,
        email,
    )
    schools = tuple(school.state_id for school in person.schools)
    return Person(
        key=key,
        name=name.full,
        email=email,
        role=role or key,
        title=person.job,
        organization=roster.district_id if len(schools) != 1 else schools[0],
        source_ids={roster.district_id: person.source_id},
        serves=schools if key == "liaison" else (),
    )


def _family(key: str, family: CastFamily, households: tuple[Household, Household]) -> Person:
    home, other = households
    return Person(
        key=key,
        name=family.adults[0].full,
        email=family.email,
        role="family",
        title="Mother of children in two districts",
        language=family.language,
        source_ids={HOST: home.adults[0].source_id, family.other_district: other.adults[0].source_id},
    )
