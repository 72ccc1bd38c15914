"""Changes about people, roles and agreements."""

from django.db import transaction

from commonground.apps.core.models import RoleScope
from commonground.apps.core.roles import scopes


@transaction.atomic
def write_role_scopes() -> None:
    """Make the database's list of what each role shows equal to `core.roles`. Runs at every migration."""
    RoleScope.objects.all().delete()
    RoleScope.objects.bulk_create(
        RoleScope(role=role, category=category, form=form, access=access) for role, category, form, access in scopes()
    )
