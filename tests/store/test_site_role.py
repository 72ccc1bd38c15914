"""The site and the worker refuse to run as a role that could see past the walls."""

import pytest
from django.db import connection
from tests.conftest import commonground

pytestmark = pytest.mark.database


@pytest.mark.parametrize(
    ("role", "reason"),
    [
        ("postgres", "a superuser"),
        ("cg_migrator", "belongs to the owner of the tables, and its policies let everything through"),
        ("cg_backup", "reads every row"),
        ("cg_passes", "bypasses row security"),
    ],
)
def test_a_role_that_passes_walls_is_refused(database, role, reason):
    database.execute("drop role if exists cg_passes; create role cg_passes login bypassrls password 'x'")
    name = connection.settings_dict["NAME"]
    database.execute(f"grant connect on database {name} to cg_passes")

    done = commonground(
        "work",
        "--until-empty",
        COMMONGROUND_DATABASE=name,
        COMMONGROUND_DATABASE_ROLE=role,
        COMMONGROUND_CG_PASSES_PASSWORD="x",
    )

    assert done.returncode != 0, reason
    assert "can pass the walls" in done.stderr
    database.execute(f"revoke connect on database {name} from cg_passes; drop role cg_passes")


def test_the_sites_own_role_is_taken(database):
    done = commonground("work", "--until-empty", COMMONGROUND_DATABASE=connection.settings_dict["NAME"])

    assert done.returncode == 0, done.stderr
