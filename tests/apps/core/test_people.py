"""Languages, unused accounts, and who is outside a child's district."""

import datetime
import uuid

import pytest
from django.utils import timezone
from tests.signing_in import signed_in, visitor

from commonground.apps.core.actions import change_language, close_unused_accounts, record_looks
from commonground.apps.core.models import Event, Person
from commonground.apps.core.queries import grants_today
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def kinds():
    return list(Event.objects.order_by("number").values_list("kind", "person_id", "detail"))


# Language


def test_a_change_of_language_is_recorded_and_its_repetition_is_not(world):
    person = Person.objects.get(pk=world.ALI)

    for _ in range(2):
        change_language(person=person, language="so")

    assert kinds() == [("account.language_changed", world.ALI, {"from": "", "to": "so"})]
    assert Person.objects.get(pk=world.ALI).language == "so"


def test_everybody_may_change_the_own_language_and_lands_where_they_were(world):
    client = signed_in("ali@example.org")

    answer = client.post("/language/", {"language": "es", "next": "/who-looked/"})

    assert (answer.status_code, answer.url) == (302, "/who-looked/")
    assert b'lang="es"' in client.get("/who-looked/").content
    assert b'lang="es"' in signed_in("ali@example.org").get("/").content


@pytest.mark.parametrize("code", ["", "xx", "../../etc", "en'--"])
def test_a_language_nobody_knows_changes_nothing(world, code):
    client = signed_in("ali@example.org")

    client.post("/language/", {"language": code})

    assert Person.objects.get(pk=world.ALI).language == ""


def test_signed_out_a_language_is_a_matter_of_this_browser(world):
    client = visitor()

    client.post("/language/", {"language": "es"})

    assert b'lang="es"' in client.get("/").content
    assert kinds() == []


def test_a_language_leads_to_no_other_site(world):
    answer = signed_in("ali@example.org").post("/language/", {"language": "es", "next": "https://example.com/"})

    assert answer.url == "/"


# Unused accounts


@pytest.mark.parametrize(("days", "is_closed"), [(44, False), (46, True)])
def test_staff_accounts_unused_for_45_days_are_closed(world, days, is_closed):
    now = timezone.now()
    Person.objects.filter(pk=world.CORA).update(is_invented=False, last_login=now - datetime.timedelta(days=days))

    assert close_unused_accounts(now=now) == int(is_closed)
    assert Person.objects.get(pk=world.CORA).is_active is not is_closed


def test_families_and_invented_people_stay_open(world):
    long_ago = timezone.now() - datetime.timedelta(days=400)
    Person.objects.update(last_login=long_ago, created_at=long_ago)
    Person.objects.filter(pk=world.ALI).update(is_invented=False)

    assert close_unused_accounts(now=timezone.now()) == 0


def test_a_new_account_that_nobody_has_used_yet_has_45_days(world):
    Person.objects.filter(pk=world.CORA).update(is_invented=False, created_at=timezone.now())

    assert close_unused_accounts(now=timezone.now()) == 0


def test_a_closed_account_is_told_so_only_after_the_right_password(world):
    person = Person.objects.get(pk=world.CORA)
    person.set_password("harvest moon over the lake")
    person.is_active = False
    person.save()

    right = visitor().post(
        "/account/sign-in/", {"login": "cora@example.org", "password": "harvest moon over the lake"}, follow=True
    )
    wrong = visitor().post("/account/sign-in/", {"login": "cora@example.org", "password": "x"}, follow=True)

    assert "This account is closed" in right.content.decode()
    assert "This account is closed" not in wrong.content.decode()


# Looks


def grant(databases, world, person, role, organization):
    from django.db import connection

    databases.execute(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        f" values ('{uuid.uuid4()}', '{person}', '{role}', '{organization}', '2020-07-01')",
        database=connection.settings_dict["NAME"],
    )


def looks_of(person, students):
    with enter(person=person, purpose="test"):
        return record_looks(
            person_id=person, grants=grants_today(person), students=students, page="x", now=timezone.now()
        )


def lines(databases):
    from django.db import connection

    columns = "student_id::text, role, organization_id::text, agreement_id is not null"
    return databases.execute(
        f"select {columns} from core_disclosureline order by number", database=connection.settings_dict["NAME"]
    )


def test_a_director_who_is_also_a_parent_of_the_district_still_leaves_a_line(world, databases):
    grant(databases, world, world.DANA, "family", world.NORTH)

    assert looks_of(world.DANA, [(world.NORTH, world.AMINA)]) == 1
    assert lines(databases) == [(str(world.AMINA), "director", str(world.COLLABORATIVE), True)]


def test_a_coordinator_who_is_also_an_analyst_leaves_lines_for_other_districts_only(world, databases):
    grant(databases, world, world.OTTO, "analyst", world.COLLABORATIVE)

    assert looks_of(world.OTTO, [(world.NORTH, world.AMINA), (world.SOUTH, world.ELIA)]) == 1
    assert lines(databases) == [(str(world.AMINA), "analyst", str(world.COLLABORATIVE), True)]


def test_nobody_can_write_a_look_in_anothers_name(world):
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="row-level security"), enter(person=world.DANA, purpose="test"):
        record_looks(
            person_id=world.ANN,
            grants=grants_today(world.ANN),
            students=[(world.NORTH, world.AMINA)],
            page="x",
            now=timezone.now(),
        )


def test_a_refused_page_is_recorded_though_nothing_was_shown(world):
    signed_in("omar@example.org").get("/students/")

    assert ("look.refused", world.OMAR, {}) in kinds()
