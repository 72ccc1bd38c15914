"""Codes for which a row is counted and not taken."""

from commonground.formats.problems.problem import left_out

LEFT_OUT = (
    left_out(
        "to_be_deleted",
        "row",
        "The district marks this record as ended.",
        "Nothing to do.",
        ("orgs.csv", "s9,tobedeleted,2026-09-01T08:00:00.000Z,Lakeside School,school,,d1"),
    ),
    left_out(
        "blank_line",
        "row",
        "The line is blank.",
        "Nothing to do.",
        ("orgs.csv", ",,,,,,"),
    ),
    left_out(
        "row_repeated",
        "row",
        "The same row is there more than once; one of them was taken.",
        "Nothing to do.",
        ("orgs.csv", "s1,,,First School,school,,d1"),
    ),
    left_out(
        "enrollment_repeated",
        "row",
        "The same person is enrolled in the same class and role more than once; the first row was taken.",
        "Nothing to do.",
        ("enrollments.csv", "e9,,,k1,s1,u1,student,,,"),
    ),
    left_out(
        "profile_left_out",
        "row",
        "Sign-in profiles can hold passwords and are never stored.",
        "Leave userProfiles.csv out of the export.",
        ("bundle", "A version 1.2 bundle has userProfiles.csv."),
    ),
    left_out(
        "file_not_used",
        "row",
        "This part of the standard (gradebook, resources) is not used here yet.",
        "Nothing to do.",
        ("bundle", "The bundle has results.csv."),
    ),
    left_out(
        "total_row",
        "row",
        "The row adds up other rows (all grades together); adding it once more would count students twice.",
        "Nothing to do.",
        ("state table", "The grade is All Grades."),
    ),
)
