"""What a person may do. Which rows exist for them is decided by the database, not here."""

from enum import StrEnum


class Permission(StrEnum):
    """One verb per thing a page lets somebody do. Some role has each, and some view needs each (tested)."""

    SEE_TODAY = "see_today"
    SEE_DISTRICTS = "see_districts"
    RECORD_LETTER = "record_letter"
    SEE_STUDENTS = "see_students"
    SEE_OWN_CHILDREN = "see_own_children"
    SEE_LINEAGE = "see_lineage"
    SEE_AGREEMENTS = "see_agreements"
    SEE_WHO_LOOKED = "see_who_looked"
    SEND_FILES = "send_files"
    APPLY_BATCHES = "apply_batches"
    SEE_BATCH_COUNTS = "see_batch_counts"
    LEAD_COLLABORATIVE = "lead_collaborative"
    MANAGE_PEOPLE = "manage_people"
    SERVE_FAMILIES = "serve_families"
    SET_UP_MAIL = "set_up_mail"
    SEE_SYSTEM = "see_system"
    SEE_PROGRAMS = "see_programs"
    MANAGE_PROGRAMS = "manage_programs"
    REGISTER_CHILDREN = "register_children"
    SEE_REGISTRATIONS = "see_registrations"
    SEE_CARE = "see_care"
    TAKE_ATTENDANCE = "take_attendance"
    COUNT_PROGRAMS = "count_programs"
    CHANGE_OWN_LANGUAGE = "change_own_language"
