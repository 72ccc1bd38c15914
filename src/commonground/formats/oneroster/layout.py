"""What OneRoster 1.1 and 1.2 say about their CSV files, as data.

Source: 1EdTech OneRoster 1.1 CSV tables (final) and OneRoster 1.2 CSV binding (final). Required means: not empty in a
complete (bulk) export.
"""

from dataclasses import dataclass

from commonground.formats.reading import FileShape

VERSIONS = ("1.1", "1.2")
MODES = ("absent", "bulk", "delta")

STUDENT_ROLES = ("student",)
STAFF_ROLES = (
    "administrator",
    "aide",
    "counselor",
    "districtAdministrator",
    "principal",
    "proctor",
    "siteAdministrator",
    "systemAdministrator",
    "teacher",
)
GUARDIAN_ROLES = ("guardian", "parent", "relative")
ENROLLMENT_ROLES = ("administrator", "proctor", "student", "teacher")

GRADES = ("IT", "PR", "PK", "TK", "KG", *(f"{grade:02d}" for grade in range(1, 14)), "PS", "UG", "Other")
# Minnesota's early childhood special education, which the standard has no code for.
EARLY_CHILDHOOD = "EC"
# Forms in which school information systems write the grades: lower case to the code.
GRADE_FORMS = {
    **{grade.lower(): grade for grade in (*GRADES, EARLY_CHILDHOOD)},
    **{str(grade): f"{grade:02d}" for grade in range(1, 10)},
    "k": "KG",
    "kindergarten": "KG",
    "prek": "PK",
    "pre-k": "PK",
    "prekindergarten": "PK",
}

HOME_LANGUAGE = "metadata.homeLanguage"
STATE_ID = "metadata.stateId"
NCES_ID = "metadata.ncesId"
STATE_NUMBER = "metadata.stateNumber"


@dataclass(frozen=True, slots=True)
class Enumeration:
    """A field of a fixed vocabulary. unknown: the code for a value outside of it."""

    column: str
    values: tuple[str, ...]
    unknown: str = "enum_unknown"


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names a record of another file. unknown: the code when it is not there. is_list: comma-separated."""

    column: str
    target: str
    unknown: str
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One file of the bundle.

    columns: of the standard, in order. required: must be in the heading and must not be blank. ids: of the required ones,
    those without which the row means nothing. references_required: those whose absence a person may accept. names: of
    the required ones, those that name something. dates: days that are used, (first, last) or single. extensions: our
    `metadata.` columns.
    """

    kind: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    ids: tuple[str, ...] = ("sourcedId",)
    references_required: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    days_required: bool = False
    flags: tuple[str, ...] = ()
    enumerations: tuple[Enumeration, ...] = ()
    references: tuple[Reference, ...] = ()
    extensions: tuple[str, ...] = ()


_HEAD = ("sourcedId", "status", "dateLastModified")

ORGS = Layout(
    "orgs",
    (*_HEAD, "name", "type", "identifier", "parentSourcedId"),
    ("sourcedId", "name", "type"),
    names=("name",),
    enumerations=(Enumeration("type", ("department", "school", "district", "local", "state", "national")),),
    references=(Reference("parentSourcedId", "orgs", "parent_unknown"),),
    extensions=(STATE_ID, NCES_ID),
)
SESSIONS = Layout(
    "academicSessions",
    (*_HEAD, "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear"),
    ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear"),
    names=("title",),
    days=("startDate", "endDate"),
    days_required=True,
    enumerations=(Enumeration("type", ("gradingPeriod", "semester", "schoolYear", "term")),),
    references=(Reference("parentSourcedId", "academicSessions", "parent_unknown"),),
)
COURSES = Layout(
    "courses",
    (*_HEAD, "schoolYearSourcedId", "title", "courseCode", "grades", "orgSourcedId", "subjects", "subjectCodes"),
    ("sourcedId", "title", "orgSourcedId"),
    references_required=("orgSourcedId",),
    names=("title",),
    references=(Reference("orgSourcedId", "orgs", "org_unknown"),),
)
CLASSES = Layout(
    "classes",
    (
        *_HEAD,
        "title",
        "grades",
        "courseSourcedId",
        "classCode",
        "classType",
        "location",
        "schoolSourcedId",
        "termSourcedIds",
        "subjects",
        "subjectCodes",
        "periods",
    ),
    ("sourcedId", "title", "courseSourcedId", "classType", "schoolSourcedId", "termSourcedIds"),
    ids=("sourcedId", "schoolSourcedId"),
    references_required=("courseSourcedId", "termSourcedIds"),
    names=("title",),
    enumerations=(Enumeration("classType", ("homeroom", "scheduled")),),
    references=(
        Reference("schoolSourcedId", "orgs", "org_unknown"),
        Reference("courseSourcedId", "courses", "course_unknown"),
        Reference("termSourcedIds", "academicSessions", "term_unknown", is_list=True),
    ),
)
USERS_11 = Layout(
    "users",
    (
        *_HEAD,
        "enabledUser",
        "orgSourcedIds",
        "role",
        "username",
        "userIds",
        "givenName",
        "familyName",
        "middleName",
        "identifier",
        "email",
        "sms",
        "phone",
        "agentSourcedIds",
        "grades",
        "password",
    ),
    ("sourcedId", "enabledUser", "orgSourcedIds", "role", "username", "givenName", "familyName"),
    ids=("sourcedId", "orgSourcedIds"),
    names=("givenName", "familyName"),
    flags=("enabledUser",),
    enumerations=(
        Enumeration(
            "role",
            ("administrator", "aide", "guardian", "parent", "proctor", "relative", "student", "teacher"),
            "role_unknown",
        ),
    ),
    extensions=(HOME_LANGUAGE, STATE_ID, STATE_NUMBER),
)
USERS_12 = Layout(
    "users",
    (
        *_HEAD,
        "enabledUser",
        "username",
        "userIds",
        "givenName",
        "familyName",
        "middleName",
        "identifier",
        "email",
        "sms",
        "phone",
        "agentSourcedIds",
        "grades",
        "password",
        "userMasterIdentifier",
        "preferredGivenName",
        "preferredMiddleName",
        "preferredFamilyName",
        "primaryOrgSourcedId",
        "pronouns",
    ),
    ("sourcedId", "enabledUser", "username", "givenName", "familyName"),
    names=("givenName", "familyName"),
    flags=("enabledUser",),
    extensions=(HOME_LANGUAGE, STATE_ID, STATE_NUMBER),
)
ROLES = Layout(
    "roles",
    (*_HEAD, "userSourcedId", "roleType", "role", "beginDate", "endDate", "orgSourcedId", "userProfileSourcedId"),
    ("sourcedId", "userSourcedId", "roleType", "role", "orgSourcedId"),
    ids=("sourcedId", "userSourcedId", "orgSourcedId"),
    enumerations=(
        Enumeration("roleType", ("primary", "secondary")),
        Enumeration("role", tuple(sorted((*STAFF_ROLES[1:], *STUDENT_ROLES, *GUARDIAN_ROLES))), "role_unknown"),
    ),
    references=(
        Reference("userSourcedId", "users", "user_unknown"),
        Reference("orgSourcedId", "orgs", "org_unknown"),
    ),
)
ENROLLMENTS = Layout(
    "enrollments",
    (*_HEAD, "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary", "beginDate", "endDate"),
    ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
    ids=("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId"),
    days=("beginDate", "endDate"),
    flags=("primary",),
    enumerations=(Enumeration("role", ENROLLMENT_ROLES, "role_unknown"),),
    references=(
        Reference("userSourcedId", "users", "user_unknown"),
        Reference("classSourcedId", "classes", "class_unknown"),
        Reference("schoolSourcedId", "orgs", "org_unknown"),
    ),
)
RACES = {
    "americanIndianOrAlaskaNative": "american_indian",
    "asian": "asian",
    "blackOrAfricanAmerican": "black",
    "nativeHawaiianOrOtherPacificIslander": "pacific_islander",
    "white": "white",
    "demographicRaceTwoOrMoreRaces": "two_or_more",
    "hispanicOrLatinoEthnicity": "hispanic",
}
DEMOGRAPHICS = Layout(
    "demographics",
    (
        *_HEAD,
        "birthDate",
        "sex",
        *RACES,
        "countryOfBirthCode",
        "stateOfBirthAbbreviation",
        "cityOfBirth",
        "publicSchoolResidenceStatus",
    ),
    ("sourcedId",),
    days=("birthDate",),
    flags=tuple(RACES),
    enumerations=(Enumeration("sex", ("male", "female", "unspecified", "other")),),
    references=(Reference("sourcedId", "users", "user_unknown"),),
)

# Files that are counted and left out: code of the problem.
PROFILES = "userProfiles"
UNUSED = (
    "categories",
    "classResources",
    "courseResources",
    "lineItemLearningObjectiveIds",
    "lineItemScoreScales",
    "lineItems",
    "resources",
    "resultLearningObjectiveIds",
    "resultScoreScales",
    "results",
    "scoreScales",
    "userResources",
)

# Columns of the web service (JSON) that mark a table as something else than the CSV binding.
SERVICE_COLUMNS = (
    "tenantId",
    "org",
    "orgs",
    "school",
    "user",
    "class",
    "course",
    "terms",
    "parent",
    "children",
    "agents",
)


def layouts(version: str) -> dict[str, Layout]:
    """The files that are read, in the order in which they depend on one another."""
    users: tuple[Layout, ...] = (USERS_11,) if version == "1.1" else (USERS_12, ROLES)
    ordered = (ORGS, SESSIONS, COURSES, *users, CLASSES, ENROLLMENTS, DEMOGRAPHICS)
    return {layout.kind: layout for layout in ordered}


def kinds() -> tuple[str, ...]:
    """Every file name (without its ending) that a bundle of any version may hold."""
    return (*layouts("1.2"), PROFILES, *UNUSED)


def shapes() -> tuple[FileShape, ...]:
    """The files and columns, as the reference page tells them."""
    read = (ORGS, SESSIONS, COURSES, USERS_11, USERS_12, ROLES, CLASSES, ENROLLMENTS, DEMOGRAPHICS)
    only = {id(USERS_11): " (1.1)", id(USERS_12): " (1.2)", id(ROLES): " (1.2)"}
    left_out = "; ".join(f"{kind}.csv" for kind in (PROFILES, *UNUSED))
    return (
        FileShape("manifest.csv", {"propertyName": "required", "value": "required"}),
        *(FileShape(f"{one.kind}.csv{only.get(id(one), '')}", _asked(one)) for one in read),
        FileShape(f"counted and left out: {left_out}", {}),
    )


def _asked(layout: Layout) -> dict[str, str]:
    """What each column must hold."""
    asked: dict[str, list[str]] = {column: [] for column in (*layout.columns, *layout.extensions)}
    for column in layout.required:
        asked[column].append("required")
    for one in layout.references:
        asked[one.column].append(f"{'ids' if one.is_list else 'id'} of {one.target}.csv")
    for field in layout.enumerations:
        asked[field.column].append(f"one of {', '.join(field.values)}")
    for column in layout.days:
        asked[column].append("a day, YYYY-MM-DD")
    for column in layout.flags:
        asked[column].append("true or false")
    if "password" in asked:
        asked["password"].append("never stored")
    return {column: "; ".join(words) for column, words in asked.items()}
