"""Changes about people, roles and agreements."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.giving import gives
from commonground.apps.core.models import Agreement, Invitation, Organization, Person, RoleGiving, RoleGrant, RoleScope
from commonground.apps.core.queries import Grant, open_emergencies
from commonground.apps.core.roles import ROLES, Role, scopes
from commonground.store.walls import enter

LINK_DAYS = 7
UNUSED_DAYS = 45
OWNER_ROLES = ("director", "operator")
# An address nobody can have (RFC 2606): the first owner replaces it on opening the link.
OWNER_ADDRESS = "first-owner@example.invalid"


class LinkClosed(Exception):
    """A one-time link was used already, has run out, or never existed."""


class AddressTaken(Exception):
    """Another account has this address."""


class RoleMisplaced(Exception):
    """The role is not held at organizations of this kind."""


@transaction.atomic
def write_role_scopes() -> None:
    """Make the database's lists of what each role shows, and who gives it, equal to `core.roles`, at every migration."""
    RoleScope.objects.all().delete()
    RoleScope.objects.bulk_create(
        RoleScope(role=role, category=category, form=form, access=access) for role, category, form, access in scopes()
    )
    RoleGiving.objects.all().delete()
    RoleGiving.objects.bulk_create(RoleGiving(**vars(one)) for one in gives())


@transaction.atomic
def make_first_owner(*, collaborative_name: str, now: datetime) -> str | None:
    """The token of a new one-time link for the first owner of an empty house; None when somebody owns it already.

    Runs as the migrator. Makes a collaborative and an account that directs and operates it; asked again before the
    link was used, it only makes a new link and closes the old one.
    """
    owner = Person.objects.filter(email=OWNER_ADDRESS, is_active=False).first()
    if owner is None:
        if Person.objects.exists():
            return None
        house = Organization.objects.create(kind=Organization.Kind.COLLABORATIVE, name=collaborative_name)
        owner = Person.objects.create_user(OWNER_ADDRESS, name=collaborative_name, is_active=False)
        RoleGrant.objects.bulk_create(
            RoleGrant(person=owner, role=role, organization=house, since=timezone.localdate(now))
            for role in OWNER_ROLES
        )
    return invite(person=owner, now=now)


@transaction.atomic
def invite(*, person: Person, now: datetime, closing: QuerySet[Invitation] | None = None) -> str:
    """The token of a new one-time link for this account.

    closing: the earlier ones that no longer open anything; None for all.
    """
    (person.invitations.filter(used_at=None) if closing is None else closing).delete()
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(
        person=person,
        token_digest=Invitation.digest_of(token),
        created_at=now,
        expires_at=now + timedelta(days=LINK_DAYS),
    )
    return token


@transaction.atomic
def give_role(*, email: str, name: str, role: Role, organization: Organization, now: datetime) -> Person:
    """The account with this address, holding the role here from today; made when there is none. Runs as the migrator.

    A new account is closed until its person has opened a one-time link. Raises RoleMisplaced, and AddressTaken where a
    family signs in with the address: families choose theirs, and nobody has shown whose it is.
    """
    if organization.kind not in role.held_at:
        raise RoleMisplaced(
            _("%(role)s is not a role at %(organization)s.") % {"role": role.title, "organization": organization.name}
        )
    person = Person.objects.filter(email__iexact=email.strip()).first()
    if person is None:
        person = Person.objects.create_user(email, name=name or email, is_active=False)
    if role.is_staff and person.grants.exists() and not person.grants.exclude(role="family").exists():
        raise AddressTaken(_("A family signs in with this address. Use the person’s address at work."))
    today = timezone.localdate(now)
    if not person.grants.in_force(today).filter(role=role.key, organization=organization).exists():
        RoleGrant.objects.create(person=person, role=role.key, organization=organization, since=today)
        record_event(
            EventKind.ROLE_GIVEN, person_id=person.pk, organization_id=organization.pk, detail={"role": role.key}
        )
    return person


@transaction.atomic
def forget_second_step(*, person: Person) -> None:
    """Take away every second factor of an account whose person has lost them all. Runs as the migrator."""
    for authenticator in Authenticator.objects.filter(user=person):
        record_event(EventKind.SECOND_FACTOR_REMOVED, person_id=person.pk, detail={"type": authenticator.type})
        authenticator.delete()


def accept_invitation(*, digest: str, name: str, email: str, password: str, now: datetime) -> Person:
    """The account, now open, with name and password of its person's choice; every other way in to it closes.

    digest: the SHA-256 of the link's token or the sheet's code. email: what the first owner signs in with; everybody else keeps the address that was invited. Outside the walls: a
    sheet opens with the right of who printed it, asked for again at this moment. Raises LinkClosed, AddressTaken.
    """
    found = _open_link(digest, now)
    if found.made_by_id is None:
        with transaction.atomic():
            return _open_account(_open_link(digest, now, lock=True), name=name, email=email, password=password, now=now)
    with enter(person=found.made_by_id, purpose=f"sheet {found.pk}"):
        link = _open_link(digest, now, lock=True)
        with connection.cursor() as cursor:
            cursor.execute("select cg.may_let_in(%s)", [link.person_id])
            if not cursor.fetchone()[0]:
                raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
        return _open_account(link, name=name, email=email, password=password, now=now)


def _open_link(digest: str, now: datetime, *, lock: bool = False) -> Invitation:
    links = Invitation.objects.select_for_update() if lock else Invitation.objects.all()
    link = links.open_at(now).filter(token_digest=digest).exclude(person=None).first()
    if link is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    return link


def _open_account(link: Invitation, *, name: str, email: str, password: str, now: datetime) -> Person:
    person = link.person
    if person is None:
        raise LinkClosed(_("This link was used already or has run out. Ask for a new one."))
    email = email if person.email == OWNER_ADDRESS else person.email
    if Person.objects.filter(email__iexact=email.strip()).exclude(pk=person.pk).exists():
        raise AddressTaken(_("Another account has this address. Use a different one."))
    person.name, person.email, person.is_active = name.strip(), email.strip().lower(), True
    person.set_password(password)
    person.save(update_fields=["name", "email", "is_active", "password"])
    link.used_at = now
    link.save(update_fields=["used_at"])
    person.invitations.filter(used_at=None).delete()
    record_event(EventKind.PASSWORD_CHANGED, person_id=person.pk, about="invitation")
    return person


def close_unused_accounts(*, now: datetime) -> int:
    """Close staff accounts that nobody has signed in to for 45 days; returns how many. Families' stay open."""
    long_ago = now - timedelta(days=UNUSED_DAYS)
    working = RoleGrant.objects.in_force(timezone.localdate(now)).filter(
        role__in=[r.key for r in ROLES.values() if r.is_staff]
    )
    unused = Person.objects.filter(
        Q(last_login__lt=long_ago) | Q(last_login=None, created_at__lt=long_ago),
        is_active=True,
        is_invented=False,
        pk__in=working.values("person_id"),
    )
    closed = list(unused.values_list("pk", flat=True))
    with transaction.atomic():
        Person.objects.filter(pk__in=closed).update(is_active=False)
        for person_id in closed:
            record_event(EventKind.ACCOUNT_CLOSED, person_id=person_id, detail={"unused_days": UNUSED_DAYS})
    return len(closed)


@transaction.atomic
def change_language(*, person: Person, language: str) -> None:
    """Remember the language of every page this person opens, and record the change."""
    if person.language == language:
        return
    detail = {"from": person.language, "to": language}
    person.language = language
    person.save(update_fields=["language"])
    record_event(EventKind.LANGUAGE_CHANGED, person_id=person.pk, detail=detail)


# One statement that only inserts: nobody who looks may read the log, and a row returned would have to be read.
_LOOKS = """
insert into core_disclosureline
  (owner_id, student_id, person_id, role, organization_id, purpose, page, agreement_id, at)
select seen.owner_id, seen.student_id, %(person)s, %(role)s, %(organization)s,
       case when b.id is null then coalesce(a.purpose, '') else 'break-glass ' || b.id end, %(page)s,
       case when b.id is null then a.id end, %(now)s
  from unnest(%(owners)s::uuid[], %(students)s::uuid[]) seen(owner_id, student_id)
  left join lateral (
    select a.id, a.purpose from core_agreement a
     where a.owner_id = seen.owner_id and a.collaborative_id = %(organization)s and %(category)s = any(a.categories)
       and a.signed_on <= %(day)s and a.since <= %(day)s and a.until > %(day)s
     order by a.ground = any(%(grounds)s) desc, a.since, a.id limit 1) a on true
  left join lateral (
    select b.id from core_breakglass b
     where b.person_id = %(person)s and b.district_id = seen.owner_id and b.until > %(now)s and b.closed_at is null
     order by b.until desc limit 1) b on true
"""


# Forms that open records within the district of the grant; whatever else opens one crosses its line.
_WITHIN_DISTRICT = {"organization", "school", "teaching", "arrivals", "served", "offering", "program", "caseload"}
# Forms that open to a collaborative what its districts agreed to share, without naming the child.
_ACROSS_DISTRICTS = {"agreement", "offering", "program"}
# Forms that an agreement opens on grounds that let somebody be beside children.
_ON_SOME_GROUNDS = {"offering", "program", "caseload"}
_OF_A_DISTRICT = {"district", "school"}


def _shown(grant: Grant, category: str) -> set[str]:
    """The forms by which the grant's role shows the category."""
    return {one.form for one in grant.role.shows if one.category == category and one.access == "read"}


def _districts_within(grants: list[Grant], category: str, *, in_emergency: set[UUID]) -> set[UUID]:
    """Districts whose children cross no line when this person sees them.

    Who also sees by agreement, by a program of a collaborative or in an emergency crosses it where another role shows a part
    of the district: nobody tells which child it was.
    """
    crosses = any(
        _shown(grant, category) & _ACROSS_DISTRICTS for grant in grants if grant.organization_kind not in _OF_A_DISTRICT
    )
    return {
        grant.owner_id
        for grant in grants
        if _shown(grant, category)
        & ({"organization"} if crosses or grant.owner_id in in_emergency else _WITHIN_DISTRICT)
    }


def _given_by_a_collaborative(grants: list[Grant], category: str) -> set[UUID]:
    """Children beside whom the person walks by a role of a collaborative, but for those of districts seen as a whole.

    A line about them tells the truth also where the person works in their district. One query, none without such a role.
    """
    if not any(
        "caseload" in _shown(grant, category) for grant in grants if grant.organization_kind not in _OF_A_DISTRICT
    ):
        return set()
    own = [grant.owner_id for grant in grants if "organization" in _shown(grant, category)]
    with connection.cursor() as cursor:
        cursor.execute(
            "select student_id from cg.caseload(%s, 'read') where not within and owner_id <> all(%s)", [category, own]
        )
        return {row[0] for row in cursor.fetchall()}


def record_looks(
    *,
    person_id: UUID,
    grants: Iterable[Grant],
    students: Iterable[tuple[UUID, UUID]],
    page: str,
    now: datetime,
    category: str = "roster",
) -> int:
    """Add a line to the disclosure log for every named child of another district on a page; returns how many.

    students: pairs of owner and student. category: the data category whose agreement opens the page. Nothing is added
    for children of a district where one of the person's roles shows this category itself, nor for a family's own
    (34 CFR 99.32(d)). Inside the walls.
    """
    working = [grant for grant in grants if grant.is_staff]
    in_emergency = {
        one.district_id for one in open_emergencies(person_id, working, now=now) if category in one.categories
    }
    inside = _districts_within(working, category, in_emergency=in_emergency)
    given = _given_by_a_collaborative(working, category)
    seen = [(owner, student) for owner, student in students if owner not in inside or student in given]
    if not working or not seen:
        return 0
    # Another district's child is seen by way of the collaborative, whatever else the person is.
    grant = min(
        working,
        key=lambda one: (one.organization_kind in _OF_A_DISTRICT, not _shown(one, category)),
    )
    with connection.cursor() as cursor:
        cursor.execute(
            _LOOKS,
            {
                "owners": [owner for owner, _student in seen],
                "students": [student for _owner, student in seen],
                "person": person_id,
                "role": grant.role.key,
                "organization": grant.organization_id,
                "page": page,
                "category": category,
                "grounds": list(Agreement.BESIDE_CHILDREN) if _shown(grant, category) & _ON_SOME_GROUNDS else [],
                "now": now,
                "day": timezone.localdate(now),
            },
        )
    return len(seen)
