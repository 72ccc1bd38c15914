"""The roster tables that a bundle becomes, and their columns.

Every table begins with source_id (unique in it), file, line, digest (MD5 of all value columns and `extra`, so that an
unchanged row can be recognized) and ends with extra (JSON text of all other filled columns, NULL when there are none).
References are by `<thing>_source_id`. Days are DATE, flags BOOLEAN, all else VARCHAR; NULL means blank, but in the name of
a school and the title and kind of a term, course or section blank is '' (nothing else can be shown for them).
"""

COLUMNS: dict[str, tuple[str, ...]] = {
    "school": ("name", "state_id", "nces_id", "identifier"),
    "term": ("title", "kind", "starts_on", "ends_on", "school_year", "parent_source_id"),
    "course": ("title", "code", "grades", "subjects", "school_source_id"),
    "section": (
        "title",
        "code",
        "kind",
        "grades",
        "subjects",
        "location",
        "periods",
        "course_source_id",
        "school_source_id",
        "term_source_ids",
    ),
    "student": (
        "given_name",
        "middle_name",
        "family_name",
        "preferred_name",
        "grade",
        "local_number",
        "state_number",
        "email",
        "home_language",
        "enabled",
    ),
    "demographics": (
        "student_source_id",
        "birth_on",
        "sex",
        "american_indian",
        "asian",
        "black",
        "pacific_islander",
        "white",
        "two_or_more",
        "hispanic",
    ),
    "staff": ("given_name", "middle_name", "family_name", "preferred_name", "email", "local_number"),
    "staff_role": ("staff_source_id", "school_source_id", "role", "is_primary"),
    "guardian": (
        "given_name",
        "middle_name",
        "family_name",
        "preferred_name",
        "email",
        "phone",
        "sms",
        "home_language",
        "relation",
    ),
    "guardianship": ("guardian_source_id", "student_source_id"),
    "school_enrollment": ("student_source_id", "school_source_id", "grade", "is_primary"),
    "enrollment": ("student_source_id", "section_source_id", "school_source_id", "begins_on", "ends_on"),
    "teaching": ("staff_source_id", "section_source_id", "school_source_id", "is_primary", "begins_on", "ends_on"),
}
