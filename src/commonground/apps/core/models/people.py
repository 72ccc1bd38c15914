"""People who sign in, and the roles they hold from a day to a day."""

import uuid

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from commonground.apps.core.models.dated import DatedQuerySet
from commonground.apps.core.roles import role_choices


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **fields) -> "Person":
        """A person who may sign in. Without a password only a one-time link or a code lets them in."""
        person = self.model(email=email.strip().lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody who signs in. Holds no child: a student's record is `roster.Student`.

    needs_second_factor: staff always; families when they choose to.
    phone: digits with a plus sign, for families who sign in with it instead of an address.
    is_invented: a demonstration account, the only kind that may sign in with the printed code.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    phone = models.CharField(max_length=16, null=True, unique=True)
    name = models.TextField()
    language = models.CharField(max_length=20, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_invented = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = PersonManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="person_email_once")]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    # Django asks these of every user; nobody is allowed anything by them. Permissions come from roles.
    is_staff = False
    is_superuser = False

    def has_perm(self, perm, obj=None) -> bool:
        return False

    def has_module_perms(self, app_label) -> bool:
        return False


class RoleGrant(models.Model):
    """A person's role at an organization, from a day up to (not including) a day.

    The database reads these rows to decide which children exist for the person. Pages write them through the functions
    `cg.give_role`, `cg.end_role` and `cg.reopen_role`, which ask whether the acting person may.
    until_before: the last day before somebody ended the role, for taking the end back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=40, choices=role_choices)
    organization = models.ForeignKey("core.Organization", on_delete=models.PROTECT, related_name="grants")
    since = models.DateField()
    until = models.DateField(null=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    until_before = models.DateField(null=True)

    objects = DatedQuerySet["RoleGrant"].as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(since__lte=F("until")), name="role_grant_in_order"),
            # One that ended on its first day was held on none; the role may be given anew on that day.
            models.UniqueConstraint(
                "person",
                "role",
                "organization",
                "since",
                condition=Q(until=None) | Q(until__gt=F("since")),
                name="role_grant_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.organization_id}"


class RoleScope(models.Model):
    """What a role lets the database show: written from `core.roles` at every migration, read by the scope functions."""

    role = models.CharField(max_length=40)
    category = models.CharField(max_length=20)
    form = models.CharField(max_length=20)
    access = models.CharField(max_length=10)

    class Meta:
        constraints = [models.UniqueConstraint("role", "category", "form", "access", name="role_scope_once")]

    def __str__(self) -> str:
        return f"{self.role}: {self.access} {self.category} by {self.form}"


class RoleGiving(models.Model):
    """Who may give which role: written from `core.roles` at every migration, read by the functions that give roles."""

    giver = models.CharField(max_length=40)
    role = models.CharField(max_length=40)
    reach = models.CharField(max_length=10)
    kind = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint("giver", "role", "reach", "kind", name="role_giving_once")]

    def __str__(self) -> str:
        return f"{self.giver} gives {self.role} {self.reach}"
