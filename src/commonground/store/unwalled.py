"""The tables that stand behind no wall: each with its reason. None holds a child, a guardian or a staff record.

privileges: what the site's sign-in role may do before anyone is known; web and job roles may do the same.
by_functions: what else the database's own functions may do, which ask first who is acting.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unwalled:
    reason: str
    privileges: str = "select, insert, update, delete"
    by_functions: str = ""


READ = "select"
ADD = "select, insert"

UNWALLED = {
    "django_migrations": Unwalled("which migrations ran", READ),
    "django_content_type": Unwalled("names of models", READ),
    "auth_permission": Unwalled("Django's own list, unused", ""),
    "auth_group": Unwalled("Django's own list, unused", ""),
    "auth_group_permissions": Unwalled("Django's own list, unused", ""),
    "django_session": Unwalled("read before anyone is known"),
    "core_person": Unwalled(
        "people who sign in, as they or who invited them typed it: read before anyone is known; never a child, no name of a roster",
        "select, insert, update",
    ),
    "core_rolegrant": Unwalled("roles, read by the shell of every page; given by functions", READ, "insert, update"),
    "core_rolegiving": Unwalled("who may give which role, written at every migration", READ),
    "core_rolescope": Unwalled("what each role shows, written at every migration", READ),
    "core_membership": Unwalled("who belongs to which collaborative: public", READ, "insert, update"),
    "core_schoolyear": Unwalled("the calendar", "select, insert"),
    "core_adjacency": Unwalled("who borders whom: public", READ),
    "core_agreement": Unwalled("what districts agreed to share: public, names no child", READ, "insert, update"),
    "measures_letter": Unwalled(
        "what the state decided about districts: public; written by a function", READ, "insert"
    ),
    "measures_exemption": Unwalled(
        "what people judged about exemptions: public; written by a function", READ, "insert"
    ),
    "governance_reminder": Unwalled("which mails about agreements left: ids and days, no child", ADD),
    "governance_remindersoff": Unwalled(
        "about which agreements nobody is mailed; written by a function", READ, "insert, delete"
    ),
    "governance_leaving": Unwalled(
        "which districts left, by whom, and counts of what was destroyed: no child; written by functions",
        READ,
        "insert, update",
    ),
    "core_breakglass": Unwalled(
        "who was let in to a district in an emergency, and why: no child", READ, "insert, update"
    ),
    "core_event": Unwalled("who did what, ids only; written also for people not signed in", ADD),
    "core_invitation": Unwalled(
        "links for people who have no password yet: opened before anyone is known", by_functions="delete"
    ),
    "core_mailsettings": Unwalled("the mail server; its password is encrypted", "select, insert, update"),
    "core_identityprovider": Unwalled(
        "organizations’ own sign-in: read before anyone is known; its secret is encrypted; written by functions",
        READ,
        "insert, update, delete",
    ),
    "core_identity": Unwalled(
        "which account there is whose here: read before anyone is known; no name, written by functions",
        READ,
        "insert, delete",
    ),
    "core_cachedvalue": Unwalled("counts of sign-in attempts, shared by all processes"),
    "core_chainlink": Unwalled("fingerprints over the ledgers", ADD, "update"),
    "account_emailaddress": Unwalled("allauth: addresses of people who sign in"),
    "account_emailconfirmation": Unwalled("allauth: pending addresses"),
    "mfa_authenticator": Unwalled("second factors: read while signing in"),
    "procrastinate_jobs": Unwalled("jobs: ids and the acting person, never names"),
    "procrastinate_events": Unwalled("what happened to jobs"),
    "procrastinate_periodic_defers": Unwalled("when periodic jobs last ran"),
    "procrastinate_workers": Unwalled("which workers are alive"),
}
