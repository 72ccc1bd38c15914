"""The pages about colleagues: what a director and a coordinator see and do, and what others cannot."""

import re
import uuid

import pytest
from django.utils import timezone
from tests.signing_in import signed_in, visitor

from commonground.apps.core.models import Event, Invitation, Person, RoleGrant

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"


@pytest.fixture
def cora(world):
    return signed_in(world.address("cora"))


def typed(**changes):
    return {
        "name": "Nia Berg",
        "email": "nia@example.org",
        "role": "superintendent",
        "since": timezone.localdate().isoformat(),
        "until": "",
        "way": "sheet",
    } | changes


def add(client, place, **changes):
    return client.post(f"/people/add/?place={place}", typed(**changes))


def code_on(answer) -> str:
    return re.search(r'<b class="num">([0-9A-Z-]{14})</b>', answer.content.decode())[1]


def test_a_coordinator_sees_the_colleagues_of_the_own_district_only(world, cora):
    page = cora.get("/people/").content.decode()

    for name in ("Cora Coordinator", "Priya Principal", "Theo Teacher", "Sven Superintendent"):
        assert name in page
    for name in ("Otto Coordinator", "Dana Director", "Omar Operator", "Ali Family"):
        assert name not in page


def test_a_director_sees_the_collaborative_and_the_members_coordinators(world):
    page = signed_in(world.address("dana")).get("/people/").content.decode()

    for name in ("Dana Director", "Ann Analyst", "Omar Operator", "Cora Coordinator", "Otto Coordinator"):
        assert name in page
    for name in ("Priya Principal", "Theo Teacher", "Sven Superintendent"):
        assert name not in page


def test_letters_of_a_name_are_sent_and_stand_in_no_address(world, cora):
    answer = cora.post("/people/?role=principal", {"letters": "pri"})

    assert answer.status_code == 200
    assert b"Priya Principal" in answer.content
    assert b"Theo Teacher" not in answer.content
    assert b"letters=" not in answer.content


@pytest.mark.parametrize(
    ("asked", "there", "gone"),
    [
        ("role=teacher", "Theo Teacher", "Priya Principal"),
        ("state=bare", "", "Priya Principal"),
        ("role=nonsense&place=x", "Theo Teacher", "Otto"),
    ],
)
def test_the_list_is_narrowed(world, cora, asked, there, gone):
    page = cora.get(f"/people/?{asked}").content.decode()

    assert there in page
    assert gone not in page


def test_somebody_new_comes_in_with_a_printed_code(world, cora):
    sheet = add(cora, world.NORTH)
    code = code_on(sheet)
    newcomer = visitor()

    door = newcomer.post("/people/code/", {"code": code.lower().replace("-", " ")})
    assert door.status_code == 302
    page = newcomer.get(door.url).content.decode()
    assert 'value="Nia Berg"' in page
    answer = newcomer.post(door.url, {"name": "Nia Berg", "email": "nia@example.org", "password": PASSWORD})

    assert answer.status_code == 302
    assert Person.objects.get(email="nia@example.org").is_active
    assert visitor().post("/people/code/", {"code": code}).status_code == 422


def test_the_code_stands_nowhere_but_on_the_sheet(world, cora, databases):
    from django.db import connection

    code = code_on(add(cora, world.NORTH)).replace("-", "")

    rows = databases.execute(
        "select row_to_json(i)::text from core_invitation i union all select row_to_json(e)::text from core_event e",
        database=connection.settings_dict["NAME"],
    )
    assert code not in str(rows)


def test_after_ten_wrong_codes_the_door_waits_five_minutes(world, cora):
    code = code_on(add(cora, world.NORTH))
    guesser = visitor()

    for _ in range(10):
        assert guesser.post("/people/code/", {"code": "K7TM-3QXP-9HDW"}).status_code == 422

    assert guesser.post("/people/code/", {"code": code}).status_code == 429
    assert guesser.get(f"/account/link/{code.replace('-', '')}/", follow=True).status_code == 429


@pytest.mark.parametrize("code", ["", "K7TM", "K7TM-3QXP-9HD0", "' or 1=1 --!!"])
def test_what_cannot_be_a_code_is_explained(world, code):
    answer = visitor().post("/people/code/", {"code": code})

    assert answer.status_code == 422
    assert b'aria-invalid="true"' in answer.content


def test_a_mailed_link_is_put_off_and_the_job_names_nobody(world, cora, databases):
    from django.db import connection

    from commonground.apps.core.models import MailSettings

    MailSettings.objects.create(
        host="mail.example.org", sender="no@example.org", changed_by_id=world.DANA, changed_at=timezone.now()
    )

    answer = add(cora, world.NORTH, way="mail")

    assert answer.status_code == 302
    person = Person.objects.get(email="nia@example.org")
    jobs = databases.execute(
        "select task_name, args::text from procrastinate_jobs", database=connection.settings_dict["NAME"]
    )
    assert jobs == [("core.mail-invitation", f'{{"person_id": "{person.pk}"}}')]


def test_a_known_account_gets_the_role_and_no_invitation(world, cora):
    answer = add(cora, world.NORTH, email=world.address("theo"))

    assert answer.status_code == 302
    assert RoleGrant.objects.filter(person_id=world.THEO, role="superintendent").exists()
    assert not Invitation.objects.exists()
    assert Person.objects.get(pk=world.THEO).name == "Theo Teacher"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"since": "2020-01-01"}, "begins today or later"),
        ({"until": timezone.localdate().replace(year=2020).isoformat()}, "comes before the first"),
        ({"role": "director"}, "not one of the available"),
        ({"email": "nobody"}, "valid email"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_lost(world, cora, changes, says):
    answer = add(cora, world.NORTH, **changes)

    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page
    assert 'value="Nia Berg"' in page
    assert not Person.objects.filter(email="nia@example.org").exists()


def test_another_districts_place_is_not_offered(world, cora):
    assert world.NORTH_SCHOOL.hex in cora.get("/people/add/").content.decode().replace("-", "")
    answer = add(cora, world.SOUTH)

    assert b"Where will the person work?" in answer.content
    assert not Person.objects.filter(email="nia@example.org").exists()


def grant_of(person, **more):
    return RoleGrant.objects.get(person_id=person, **more)


def test_a_role_is_ended_and_taken_back(world, cora):
    grant = grant_of(world.THEO)

    assert cora.post(f"/people/{grant.pk}/end/").status_code == 302
    page = cora.get(f"/people/{grant.pk}/").content.decode()
    assert "Take back" in page
    assert cora.post(f"/people/{grant.pk}/reopen/").status_code == 302

    assert grant_of(world.THEO).until is None
    kinds = list(Event.objects.filter(person_id=world.THEO).values_list("kind", flat=True))
    assert kinds == ["account.role_ended", "account.role_reopened"]


def test_the_last_owner_stays_and_a_sentence_says_why(world, cora):
    answer = cora.post(f"/people/{grant_of(world.CORA).pk}/end/")

    assert answer.status_code == 422
    assert b"last owner here" in answer.content


def test_the_last_day_is_changed(world, cora):
    grant = grant_of(world.THEO)
    day = timezone.localdate() + timezone.timedelta(days=30)

    assert cora.post(f"/people/{grant.pk}/", {"last_day": day.isoformat()}).status_code == 302
    assert grant_of(world.THEO).until == day + timezone.timedelta(days=1)
    assert cora.post(f"/people/{grant.pk}/", {"last_day": ""}).status_code == 302

    assert grant_of(world.THEO).until is None


def test_another_districts_role_is_not_there(world, cora):
    theirs, missing = grant_of(world.OTTO).pk, uuid.uuid4()

    for pk in (theirs, missing):
        assert cora.get(f"/people/{pk}/").status_code == 404
        for verb in ("end", "reopen", "invite"):
            assert cora.post(f"/people/{pk}/{verb}/").status_code == 404
    assert grant_of(world.OTTO).until is None


def test_who_has_not_come_in_gets_a_new_sheet_and_the_old_code_is_closed(world, cora):
    first = code_on(add(cora, world.NORTH))
    grant = RoleGrant.objects.get(person__email="nia@example.org")

    second = code_on(cora.post(f"/people/{grant.pk}/invite/", {"way": "sheet"}))

    assert visitor().post("/people/code/", {"code": first}).status_code == 422
    assert visitor().post("/people/code/", {"code": second}).status_code == 302


def test_an_open_account_gets_no_second_way_in(world, cora):
    assert cora.post(f"/people/{grant_of(world.THEO).pk}/invite/").status_code == 422
    assert not Invitation.objects.exists()


def test_every_role_is_described(world, cora):
    page = cora.get("/people/roles/").content.decode()

    for words in ("Instructional coach", "Magnet enrollment officer", "of the own classes: students", "Held at:"):
        assert words in page


def test_no_role_reads_as_if_it_saw_everybody(world):
    """Each thing that a role sees says of whom."""
    from commonground.apps.core.people.queries import roles_in_words

    said = [sentence for one in roles_in_words() for sentence in one.sees]

    assert [sentence for sentence in said if not sentence.startswith(("of ", "to "))] == []
    assert any(sentence.startswith("of the students whom their district gives to this person") for sentence in said)
