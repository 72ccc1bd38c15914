"""The one table of problem codes: what is wrong, what becomes of it, what to do, and what a person may decide.

Outcomes by problem are fixed by `docs/reference/problem-codes.md`, which is written from this table. A sentence is English
source text for translation; it never holds a value from a file. `{column}` is the only thing that may be filled in.
"""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What becomes of the file or row. Nothing else can happen to one."""

    REFUSED = "refused"  # nothing of the bundle is read further
    HELD = "held"  # the row waits, with all that depends on it
    NOTE = "note"  # the row is accepted
    LEFT_OUT = "left_out"  # the row is counted and not taken


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


class Choice(StrEnum):
    """What a person may decide about a held row."""

    LEAVE_EMPTY = "leave_empty"  # accept the row with the doubtful field left empty
    TAKE_LAST = "take_last"  # of the rows with this id take the last of the file
    MONTH_FIRST = "month_first"  # read the date as month/day/year
    DAY_FIRST = "day_first"  # read the date as day/month/year
    TAKE = "take"  # accept the row as it is


@dataclass(frozen=True, slots=True)
class Problem:
    """One code. Without choices a held row waits until the district sends a corrected file.

    kind: archive, file, row, field, reference or district. example: (file of a bundle, a row to add to it) that brings
    the problem about, or (what, sentence) where no single row can. found_by: `formats`, or `intake` where the answer
    needs what was accepted before.
    """

    code: str
    outcome: Outcome
    kind: str
    wrong: str
    remedy: str
    example: tuple[str, str]
    choices: tuple[Choice, ...] = ()
    is_warning: bool = True
    found_by: str = "formats"

    @property
    def severity(self) -> Severity:
        if self.outcome in (Outcome.REFUSED, Outcome.HELD):
            return Severity.ERROR
        if self.outcome is Outcome.NOTE and self.is_warning:
            return Severity.WARNING
        return Severity.INFORMATION


def _refused(code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str], **more: str) -> Problem:
    return Problem(code, Outcome.REFUSED, kind, wrong, remedy, example, **more)  # type: ignore[arg-type]


def _held(
    code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str], *choices: Choice, found_by: str = "formats"
) -> Problem:
    return Problem(code, Outcome.HELD, kind, wrong, remedy, example, choices, found_by=found_by)


def _note(
    code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str], *, is_warning: bool = True
) -> Problem:
    return Problem(code, Outcome.NOTE, kind, wrong, remedy, example, is_warning=is_warning)


def _left_out(code: str, kind: str, wrong: str, remedy: str, example: tuple[str, str]) -> Problem:
    return Problem(code, Outcome.LEFT_OUT, kind, wrong, remedy, example)


_ROWS = (
    # --- refused: the archive -----------------------------------------------------------------------------------------
    _refused(
        "archive_unreadable",
        "archive",
        "The file is damaged or is not a zip archive.",
        "Export it again, check that it opens on your computer, and send it once more.",
        ("archive", "The upload broke off, so the end of the zip archive is missing."),
    ),
    _refused(
        "archive_encrypted",
        "archive",
        "The archive is locked with a password.",
        "Make it again without a password; it travels encrypted anyway.",
        ("archive", "users.csv is encrypted inside the archive."),
    ),
    _refused(
        "archive_name_unsafe",
        "archive",
        "The archive holds a file whose name points outside the archive.",
        "Make the archive again from the exported files only. Tell your technician: this does not happen by itself.",
        ("archive", "An entry is called ../users.csv or /etc/users.csv."),
    ),
    _refused(
        "archive_link",
        "archive",
        "The archive holds a link instead of a file.",
        "Make the archive again from the exported files themselves.",
        ("archive", "users.csv is a symbolic link."),
    ),
    _refused(
        "archive_nested",
        "archive",
        "There is an archive inside the archive.",
        "Unpack the inner archive and send that one.",
        ("archive", "The zip archive holds export.zip."),
    ),
    _refused(
        "archive_ratio",
        "archive",
        "A file in the archive would unpack to more than a hundred times its packed size.",
        "Export it again. Real rosters never shrink that much.",
        ("archive", "users.csv is ten million zeros."),
    ),
    _refused(
        "archive_entries",
        "archive",
        "The archive or folder holds more than 1,000 files.",
        "Send only the exported files.",
        ("archive", "A whole drive was packed by mistake."),
    ),
    _refused(
        "archive_size",
        "archive",
        "The files are larger than this installation accepts, or larger than the archive declares.",
        "Export one district at a time.",
        ("archive", "users.csv holds three gigabytes."),
    ),
    _refused(
        "archive_name_repeated",
        "archive",
        "Two files in the archive have the same name.",
        "Leave one of them out and send the archive again.",
        ("archive", "The archive holds users.csv and Users.csv."),
    ),
    _refused(
        "archive_folders",
        "archive",
        "The files lie in several folders, or more than one folder deep.",
        "Put the files of one export together, at the top of the archive or in one folder.",
        ("archive", "The archive holds east/users.csv and west/users.csv."),
    ),
    # --- refused: the files -------------------------------------------------------------------------------------------
    _refused(
        "format_unknown",
        "file",
        "This is none of the layouts that can be read here.",
        "Export as OneRoster 1.1 or 1.2 CSV, or see the list of layouts.",
        ("bundle", "The archive holds a lunch menu."),
    ),
    _refused(
        "bundle_empty",
        "file",
        "There is not a single row in any file.",
        "Check the export's settings; it may have been made for a year that has no students yet.",
        ("bundle", "Every file has its heading and nothing else."),
    ),
    _refused(
        "manifest_missing",
        "file",
        "The bundle has no manifest.csv, so its version is unknown.",
        "Choose OneRoster 1.1 or 1.2 in the export; both write a manifest.",
        ("bundle", "manifest.csv was left out of the archive."),
    ),
    _refused(
        "version_unknown",
        "file",
        "The manifest names a version of OneRoster that cannot be read here.",
        "Export as version 1.1 or 1.2.",
        ("manifest.csv", "oneroster.version,2.0"),
    ),
    _refused(
        "not_csv_binding",
        "file",
        "The tables have the columns of the OneRoster web service, not those of its CSV files.",
        "Choose the CSV export of OneRoster 1.1 or 1.2.",
        ("bundle", "enrollments.csv has the columns user, class and school."),
    ),
    _refused(
        "column_missing",
        "file",
        "A column that every row needs is not in the heading.",
        "Export again with all required columns. The column is named beside this problem.",
        ("bundle", "users.csv has no column sourcedId."),
    ),
    _refused(
        "column_repeated",
        "file",
        "Two columns have the same heading.",
        "Remove one of the two columns and send the file again.",
        ("bundle", "users.csv has two columns called role."),
    ),
    _refused(
        "columns_too_many",
        "file",
        "The heading has more than 5,000 columns.",
        "Check that the file is the export itself.",
        ("bundle", "users.csv has 6,000 columns."),
    ),
    _refused(
        "file_empty",
        "file",
        "The file is empty; not even its heading is there.",
        "Export again. If the district has nothing to send for this file, mark it absent in the manifest.",
        ("bundle", "users.csv has no bytes."),
    ),
    _refused(
        "file_truncated",
        "file",
        "The file ends in the middle of a row, so there may have been more.",
        "Export and send it again.",
        ("bundle", "users.csv breaks off inside its last row."),
    ),
    _refused(
        "zero_bytes",
        "file",
        "The file holds zero bytes, which no text has.",
        "The file is damaged or is not text. Export it again.",
        ("bundle", "A row of users.csv holds a zero byte."),
    ),
    _refused(
        "line_too_long",
        "file",
        "A line is longer than a million characters.",
        "The file is damaged or is not a table. Export it again.",
        ("bundle", "users.csv is one line of two gigabytes."),
    ),
    _refused(
        "encoding_unreadable",
        "file",
        "The file's characters are stored in a way that is not known here.",
        "Export as UTF-8.",
        ("bundle", "users.csv is UTF-32."),
    ),
    _refused(
        "root_differs",
        "district",
        "This bundle belongs to another organization than the district's earlier bundles.",
        "Send it for the district it belongs to, or ask the operator to tie this district anew.",
        ("bundle", "Litchfield's bundle is sent for Willmar."),
        found_by="intake",
    ),
    _refused(
        "students_of_another_district",
        "district",
        "Most students of this bundle belong to another member district.",
        "Send it for the district it belongs to.",
        ("bundle", "Eight of ten students are New London-Spicer's."),
        found_by="intake",
    ),
    # --- held ---------------------------------------------------------------------------------------------------------
    _held(
        "row_width",
        "row",
        "The row has more or fewer fields than the heading, so it is not certain which value belongs where.",
        "Correct the row in the source system (often a comma or line break inside a value) and send the file again.",
        ("orgs.csv", "s9,,,Lakeside School"),
    ),
    _held(
        "row_quotes",
        "row",
        "Quotation marks in the row do not match, so it is not certain where its values end.",
        "Correct the row in the source system and send the file again.",
        ("orgs.csv", 's9,,,"Lake"side School,school,,d1'),
    ),
    _held(
        "row_characters",
        "row",
        "The row holds characters that cannot be read.",
        "Export as UTF-8 and send the file again, or accept the row with marks in place of these characters.",
        ("orgs.csv", "A byte 81 (hexadecimal) in a name."),
        Choice.TAKE,
    ),
    _held(
        "id_missing",
        "field",
        "An id that every row needs is blank.",
        "Fill in the id in the source system and send the file again.",
        ("orgs.csv", ",,,Lakeside School,school,,d1"),
    ),
    _held(
        "reference_missing",
        "field",
        "The row names no course, session or organization, and the standard requires one.",
        "Fill it in in the source system, or accept the row with the field left empty.",
        ("classes.csv", "k9,,,Art,,,,scheduled,,s1,t1,,,"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "id_repeated",
        "row",
        "Several rows with different content have the same id.",
        "Correct the source system, or decide that the last of them counts.",
        ("orgs.csv", "s1,,,Another School,school,,d1"),
        Choice.TAKE_LAST,
    ),
    _held(
        "name_missing",
        "field",
        "A name is blank.",
        "Fill in the name in the source system, or accept the row with the name left empty.",
        ("orgs.csv", "s9,,,,school,,d1"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "date_missing",
        "field",
        "A first or last day that every session needs is blank.",
        "Fill in the day in the source system, or accept the row with the day left empty.",
        ("academicSessions.csv", "t9,,,Spring,term,,2027-06-04,y1,2027"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "date_impossible",
        "field",
        "This is not a day of the calendar between 1900 and 2100.",
        "Correct the day in the source system, or accept the row with the day left empty.",
        ("academicSessions.csv", "t9,,,Spring,term,2027-02-30,2027-06-04,y1,2027"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "date_ambiguous",
        "field",
        "This day can be read with the month first or with the day first.",
        "Export days as YYYY-MM-DD, or decide which of the two is meant.",
        ("academicSessions.csv", "t9,,,Spring,term,1/05/2027,2027-06-04,y1,2027"),
        Choice.MONTH_FIRST,
        Choice.DAY_FIRST,
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "dates_reversed",
        "field",
        "The last day lies before the first.",
        "Correct the days in the source system, or accept the row with its last day left empty.",
        ("academicSessions.csv", "t9,,,Spring,term,2027-06-04,2027-01-18,y1,2027"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "org_unknown",
        "reference",
        "The row names a school or organization that is not in the bundle.",
        "Send the organization with the next bundle, or correct the row in the source system.",
        ("classes.csv", "k9,,,Art,,c1,,scheduled,,s404,t1,,,"),
    ),
    _held(
        "course_unknown",
        "reference",
        "The class names a course that is not in the bundle.",
        "Send the course with the next bundle, or accept the class with its course left empty.",
        ("classes.csv", "k9,,,Art,,c404,,scheduled,,s1,t1,,,"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "term_unknown",
        "reference",
        "The class names a session that is not in the bundle.",
        "Send the session with the next bundle, or accept the class with its sessions left empty.",
        ("classes.csv", "k9,,,Art,,c1,,scheduled,,s1,t404,,,"),
        Choice.LEAVE_EMPTY,
    ),
    _held(
        "user_unknown",
        "reference",
        "The row names a person who is not in the bundle.",
        "Send the person with the next bundle, or remove the row in the source system.",
        ("enrollments.csv", "e9,,,k1,s1,u404,student,,,"),
    ),
    _held(
        "class_unknown",
        "reference",
        "The row names a class that is not in the bundle.",
        "Send the class with the next bundle, or remove the row in the source system.",
        ("enrollments.csv", "e9,,,k404,s1,u1,student,,,"),
    ),
    _held(
        "role_unknown",
        "field",
        "The role is none that OneRoster knows, so it is not certain who this is.",
        "Correct the role in the source system and send the file again.",
        ("enrollments.csv", "e9,,,k1,s1,u1,mascot,,,"),
    ),
    _held(
        "role_differs",
        "reference",
        "The row enrolls a person as a student or teacher, and the people's file gives that person another role.",
        "Correct one of the two in the source system and send the files again.",
        ("enrollments.csv", "e9,,,k1,s1,u2,student,,,"),
    ),
    _held(
        "role_missing",
        "reference",
        "No row gives this person a role.",
        "Send the person's role with the next bundle.",
        ("bundle", "users.csv of version 1.2 names a person, roles.csv does not."),
    ),
    _held(
        "depends_on_held",
        "reference",
        "The row depends on another row that is held.",
        "Nothing to do here: it is released together with the row that it depends on.",
        ("bundle", "A class is held, and with it its enrollments."),
    ),
    _held(
        "leavers_many",
        "district",
        "More than one in ten students of a school is no longer in the bundle.",
        "Confirm that these students have left, or send a complete bundle.",
        ("bundle", "A grade was left out of the export."),
        Choice.TAKE,
        found_by="intake",
    ),
    # --- accepted with a note -----------------------------------------------------------------------------------------
    _note(
        "folder_nested",
        "archive",
        "The files lie in a folder inside the archive.",
        "Nothing to do.",
        ("archive", "The archive holds export/users.csv."),
        is_warning=False,
    ),
    _note(
        "file_ignored",
        "archive",
        "This file is no table of the layout and was not read.",
        "Nothing to do.",
        ("archive", "The archive holds readme.txt."),
        is_warning=False,
    ),
    _note(
        "file_name_case",
        "file",
        "The file's name is written with other capitals than the standard says.",
        "Nothing to do.",
        ("archive", "The archive holds USERS.CSV."),
        is_warning=False,
    ),
    _note(
        "file_not_in_manifest",
        "file",
        "The manifest does not mention this file, or calls it absent. It was read as complete.",
        "Correct the export's settings, so that the manifest says what is there.",
        ("manifest.csv", "file.demographics,absent"),
    ),
    _note(
        "file_not_there",
        "file",
        "The manifest promises this file, and it is not there.",
        "Send it with the next bundle, or correct the export's settings.",
        ("manifest.csv", "file.results,bulk"),
    ),
    _note(
        "mode_unknown",
        "file",
        "The manifest says neither bulk nor delta nor absent. The file was read as an addition, so nobody leaves.",
        "Correct the export's settings.",
        ("manifest.csv", "file.demographics,complete"),
    ),
    _note(
        "first_is_delta",
        "file",
        "The district's first bundle only holds changes.",
        "Send a complete bundle soon, so that nobody is missing.",
        ("bundle", "The first bundle of a district has file.users,delta."),
    ),
    _note(
        "file_without_rows",
        "file",
        "The file has its heading and no rows.",
        "Check that this is meant: in a complete bundle it says that there are none.",
        ("bundle", "demographics.csv has only its heading."),
    ),
    _note(
        "column_unknown",
        "file",
        "The standard has no such column. Its values are kept beside the row.",
        "Nothing to do. A column of your own should be called metadata.something.",
        ("bundle", "users.csv has a column shoe_size."),
        is_warning=False,
    ),
    _note(
        "column_order",
        "file",
        "The columns are in another order than the standard says.",
        "Nothing to do.",
        ("bundle", "users.csv begins with status."),
        is_warning=False,
    ),
    _note(
        "column_case",
        "file",
        "A column's heading is written with other capitals than the standard says.",
        "Nothing to do.",
        ("bundle", "demographics.csv has birthdate instead of birthDate."),
        is_warning=False,
    ),
    _note(
        "column_optional_missing",
        "file",
        "A column that the standard has, and no row needs, is not in the heading.",
        "Nothing to do. The values stay empty.",
        ("bundle", "users.csv has no column grades."),
        is_warning=False,
    ),
    _note(
        "password_column",
        "file",
        "The file has a column for passwords. Its values were not read and are stored nowhere.",
        "Leave passwords out of the export.",
        ("bundle", "users.csv has a filled column password."),
    ),
    _note(
        "encoding_other",
        "file",
        "The file is not UTF-8; it was read as UTF-16 or Windows-1252.",
        "Check a few names with accents in the preview. Export as UTF-8 if you can.",
        ("bundle", "users.csv is UTF-16."),
    ),
    _note(
        "encoding_mixed",
        "row",
        "This row is not UTF-8 while others are; it was read as Windows-1252.",
        "Check the row's accents in the preview.",
        ("bundle", "One row of users.csv was pasted in from another program."),
    ),
    _note(
        "field_trailing",
        "row",
        "The row ends in empty fields for which the heading has no column.",
        "Nothing to do.",
        ("orgs.csv", "s9,,,Lakeside School,school,,d1,,"),
        is_warning=False,
    ),
    _note(
        "status_unknown",
        "field",
        "The status is neither active nor tobedeleted. The row was taken as active.",
        "Correct the status in the source system if the record has ended.",
        ("orgs.csv", "s9,inactive,,Lakeside School,school,,d1"),
    ),
    _note(
        "enum_case",
        "field",
        "A value is written with other capitals than the standard says.",
        "Nothing to do.",
        ("orgs.csv", "s9,,,Lakeside School,School,,d1"),
        is_warning=False,
    ),
    _note(
        "enum_unknown",
        "field",
        "The standard does not know this value. The field was left empty.",
        "Correct the value in the source system.",
        ("classes.csv", "k9,,,Art,,c1,,workshop,,s1,t1,,,"),
    ),
    _note(
        "value_missing",
        "field",
        "A value that the standard requires is blank.",
        "Fill it in in the source system.",
        ("orgs.csv", "s9,,,Lakeside School,,,d1"),
    ),
    _note(
        "changed_at_form",
        "field",
        "The time of the last change is not written as the standard says. It is not used.",
        "Nothing to do.",
        ("orgs.csv", "s9,active,2026-09-01,Lakeside School,school,,d1"),
        is_warning=False,
    ),
    _note(
        "date_form",
        "field",
        "The day is not written as YYYY-MM-DD. It can be read in one way only.",
        "Nothing to do.",
        ("academicSessions.csv", "t9,,,Spring,term,1/18/2027,2027-06-04,y1,2027"),
        is_warning=False,
    ),
    _note(
        "flag_form",
        "field",
        "A yes or no is written otherwise than true or false. It was understood, or left empty.",
        "Nothing to do.",
        ("enrollments.csv", "e9,,,k1,s1,u2,teacher,yes,,"),
        is_warning=False,
    ),
    _note(
        "grade_form",
        "field",
        "The grade is not one code of the standard (KG, 01 to 12 and so on). It was understood, or left empty.",
        "Check the student's grade in the preview.",
        ("users.csv", "u9,,,true,s1,student,nine,,Nine,Example,,,,,,,Kindergarten,"),
    ),
    _note(
        "school_year_form",
        "field",
        "The school year is not the one calendar year in which it ends. It was understood, or left empty.",
        "Check the sessions in the preview.",
        ("academicSessions.csv", "t9,,,Spring,term,2027-01-18,2027-06-04,y1,2026-2027"),
    ),
    _note(
        "language_form",
        "field",
        "The home language is not written as a language code (en, es, so and so on). It was left empty.",
        "Correct the language in the source system.",
        ("bundle", "metadata.homeLanguage holds a sentence."),
    ),
    _note(
        "parent_unknown",
        "reference",
        "The organization or session above this one is not in the bundle.",
        "Nothing to do, unless it should be there.",
        ("orgs.csv", "s9,,,Lakeside School,school,,d404"),
    ),
    _note(
        "file_absent",
        "reference",
        "The row refers to a record of a file that the manifest calls absent.",
        "Nothing to do. The reference stays empty until that file is sent; a row that needs it then comes again.",
        ("bundle", "A class names a course, and file.courses is absent."),
        is_warning=False,
    ),
    _note(
        "org_partly_unknown",
        "reference",
        "Of the organizations that the person belongs to one is not in the bundle. The others were taken.",
        "Send the organization with the next bundle, or correct the row in the source system.",
        ("users.csv", 'u9,,,true,"s1,s404",student,nine,,Nine,Example,,,,,,,09,'),
    ),
    _note(
        "agent_unknown",
        "reference",
        "The person's guardian or child is not in the bundle, so the two are not linked.",
        "Send the other person with the next bundle.",
        ("users.csv", "u9,,,true,s1,student,nine,,Nine,Example,,,,,,u404,09,"),
    ),
    _note(
        "agent_role",
        "reference",
        "The person named as guardian or child has another role, so the two are not linked.",
        "Correct the person's role or the link in the source system.",
        ("users.csv", "u9,,,true,s1,student,nine,,Nine,Example,,,,,,u2,09,"),
    ),
    _note(
        "school_differs",
        "reference",
        "The enrollment names another school than its class does.",
        "Correct one of the two in the source system.",
        ("enrollments.csv", "e9,,,k1,s2,u4,student,,,"),
    ),
    _note(
        "org_used_as_school",
        "reference",
        "Classes are held at an organization that is no school. It is taken as a school.",
        "Correct the organization's type in the source system if it is a school.",
        ("classes.csv", "k9,,,Art,,c1,,scheduled,,d1,t1,,,"),
    ),
    _note(
        "role_not_kept",
        "row",
        "The row describes someone in a role that is not kept here. It was read and nothing of it is stored.",
        "Nothing to do.",
        ("enrollments.csv", "e9,,,k1,s1,u2,proctor,,,"),
        is_warning=False,
    ),
    _note(
        "demographics_not_kept",
        "row",
        "The row describes someone who is no student. Such facts are kept of students only, so nothing of it is stored.",
        "Leave staff and guardians out of demographics.csv.",
        ("demographics.csv", "u2,,,1980-02-03,female,false,false,false,false,true,false,false,,,,"),
    ),
    # --- left out -----------------------------------------------------------------------------------------------------
    _left_out(
        "to_be_deleted",
        "row",
        "The district marks this record as ended.",
        "Nothing to do.",
        ("orgs.csv", "s9,tobedeleted,2026-09-01T08:00:00.000Z,Lakeside School,school,,d1"),
    ),
    _left_out(
        "blank_line",
        "row",
        "The line is blank.",
        "Nothing to do.",
        ("orgs.csv", ",,,,,,"),
    ),
    _left_out(
        "row_repeated",
        "row",
        "The same row is there more than once; one of them was taken.",
        "Nothing to do.",
        ("orgs.csv", "s1,,,First School,school,,d1"),
    ),
    _left_out(
        "enrollment_repeated",
        "row",
        "The same person is enrolled in the same class and role more than once; the first row was taken.",
        "Nothing to do.",
        ("enrollments.csv", "e9,,,k1,s1,u1,student,,,"),
    ),
    _left_out(
        "profile_left_out",
        "row",
        "Sign-in profiles can hold passwords and are never stored.",
        "Leave userProfiles.csv out of the export.",
        ("bundle", "A version 1.2 bundle has userProfiles.csv."),
    ),
    _left_out(
        "file_not_used",
        "row",
        "This part of the standard (gradebook, resources) is not used here yet.",
        "Nothing to do.",
        ("bundle", "The bundle has results.csv."),
    ),
)

PROBLEMS: dict[str, Problem] = {problem.code: problem for problem in _ROWS}
