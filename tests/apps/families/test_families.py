"""Families come in with a printed code, see exactly their own children, and ask for corrections."""

import datetime
import re
import uuid

import psycopg
import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from tests.signing_in import signed_in, visitor

from commonground.apps.core.models import Event, Invitation, Person, RoleGrant
from commonground.apps.families import actions
from commonground.apps.families.models import Correction
from commonground.apps.roster.models import Link, Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
PASSWORD = "harvest moon over the lake"
PHONE = "(320) 555-0142"


@pytest.fixture
def outside(world, databases):
    """A superuser's connection to the test's database."""
    with psycopg.connect(databases.server.dsn(database=connection.settings_dict["NAME"]), autocommit=True) as run:
        run.execute("delete from roster_link where guardian_id is not null")
        yield run


def sheet(world, *, by="cora", guardian=None):
    answer = signed_in(world.address(by)).post(f"/families/{guardian or world.GUARDIAN_NORTH}/sheet/")
    assert answer.status_code == 200
    return re.search(r'<b class="num">([0-9A-Z-]{14})</b>', answer.content.decode())[1]


def come_in(code, contact, password=PASSWORD):
    client = visitor()
    door = client.post("/people/code/", {"code": code})
    assert door.status_code == 302, "no open sheet has this code"
    return client, client.post(door.url, {"contact": contact, "password": password})


def children(person_id):
    with enter(person=person_id, purpose="test"):
        return set(Student.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("contact", [PHONE, "asha@example.org"])
def test_a_family_comes_in_with_the_phone_or_mail_it_chooses(world, outside, contact):
    client, answer = come_in(sheet(world), contact)

    assert answer.status_code == 302
    page = client.get("/")
    assert b"Amina Ali" in page.content
    assert b"Elia" not in page.content
    person = Person.objects.get(grants__role="family", is_invented=False)
    assert children(person.pk) == {world.AMINA}
    assert person.phone == ("+13205550142" if contact == PHONE else None)

    again = visitor().post("/account/sign-in/", {"login": contact, "password": PASSWORD})
    assert (again.status_code, again.url) == (302, "/")


def test_the_sheet_and_the_door_speak_the_familys_language(world, outside):
    """The guardian's home language is Somali, one of the languages that pages exist in."""
    answer = signed_in(world.address("cora")).post(f"/families/{world.GUARDIAN_NORTH}/sheet/")
    assert b'lang="so"' in answer.content

    code = re.search(r'<b class="num">([0-9A-Z-]{14})</b>', answer.content.decode())[1]
    client = visitor()
    door = client.post("/people/code/", {"code": code})
    assert b'<div lang="so">' in client.get(door.url).content


def test_children_of_two_districts_come_together_in_one_account(world, outside):
    come_in(sheet(world), PHONE)

    _client, answer = come_in(sheet(world, by="otto", guardian=world.GUARDIAN_SOUTH), "320-555-0142")

    assert answer.status_code == 302
    person = Person.objects.get(phone="+13205550142")
    assert children(person.pk) == {world.AMINA, world.ELIA}
    assert RoleGrant.objects.filter(person=person, role="family").count() == 2


def test_another_familys_account_is_not_joined_without_its_password(world, outside):
    come_in(sheet(world), PHONE)

    _client, answer = come_in(
        sheet(world, by="otto", guardian=world.GUARDIAN_SOUTH), PHONE, "another long password here"
    )

    assert answer.status_code == 422
    assert children(Person.objects.get(phone="+13205550142").pk) == {world.AMINA}
    assert Invitation.objects.filter(used_at=None).count() == 1


def test_an_account_bears_no_name_of_the_roster(world, outside):
    """The guardian is Asha Ali in North's file; the list of accounts, which every session may read, does not learn that."""
    come_in(sheet(world), PHONE)
    client = visitor()
    door = client.post("/people/code/", {"code": sheet(world, by="otto", guardian=world.GUARDIAN_SOUTH)})
    client.post(door.url, {"contact": "a@example.org", "name": "Mama A.", "password": PASSWORD})

    names = list(Person.objects.filter(grants__role="family", is_invented=False).values_list("name", flat=True))
    assert len(names) == 2
    assert "Mama A." in names
    assert not {"Asha", "Ali"} & set(" ".join(names).split())


def test_the_door_answers_alike_whatever_account_is_meant(world, outside):
    """A teacher's, a closed one's and, after five guesses, nobody's: one sentence, so that a code tells who has an account."""
    outside.execute("update core_person set is_active = false where id = %s", [world.PRIYA])
    answers = []
    for contact in (world.address("theo"), world.address("priya"), *[world.address("otto")] * 3, "nobody@example.org"):
        code = sheet(world) if not answers else None
        if code:
            client = visitor()
            door = client.post("/people/code/", {"code": code})
        answers.append(client.post(door.url, {"contact": contact, "password": PASSWORD}))

    assert {one.status_code for one in answers} == {422}
    assert all(b"does not fit together" in one.content for one in answers)
    assert not Person.objects.filter(email="nobody@example.org").exists()


def test_five_wrong_passwords_for_one_account_make_it_wait_from_everywhere(world, outside):
    theo = Person.objects.get(pk=world.THEO)
    theo.set_password(PASSWORD)
    theo.save()
    for _attempt in range(5):
        come_in(sheet(world), world.address("theo"), "another long password here")

    _client, answer = come_in(sheet(world), world.address("theo"))

    assert answer.status_code == 422


def test_a_code_opens_once(world, outside):
    code = sheet(world)
    come_in(code, PHONE)

    assert visitor().post("/people/code/", {"code": code}).status_code == 422
    with pytest.raises(actions.LinkClosed):
        actions.come_in(
            digest=Invitation.digest_of(code.replace("-", "")),
            email="thief@example.org",
            phone=None,
            name="",
            password=PASSWORD,
            language="en",
            now=timezone.now(),
        )


def test_a_code_of_a_coordinator_who_has_left_opens_nothing(world, outside):
    code = sheet(world)
    outside.execute("update core_rolegrant set until = %s where person_id = %s", [timezone.localdate(), world.CORA])

    _client, answer = come_in(code, PHONE)

    assert answer.status_code == 404
    assert not Person.objects.filter(phone="+13205550142").exists()


def test_a_coordinator_prints_for_the_own_district_only(world, outside):
    cora = signed_in(world.address("cora"))

    for pk in (world.GUARDIAN_SOUTH, uuid.uuid4()):
        assert cora.post(f"/families/{pk}/sheet/").status_code == 404
    assert not Invitation.objects.exists()


def test_letters_of_a_childs_name_stand_in_no_address(world):
    answer = signed_in(world.address("cora")).post("/families/", {"letters": "ali", "school": ""})

    assert b"Ali, Amina" in answer.content
    assert b"letters=" not in answer.content
    assert b"Elia" not in answer.content


def test_who_works_here_too_signs_in_with_both_steps(world, outside):
    """Theo teaches, and is a parent: the sheet adds his child, and no factor is passed by it."""
    theo = Person.objects.get(pk=world.THEO)
    theo.set_password(PASSWORD)
    theo.save()

    client, answer = come_in(sheet(world), world.address("theo"))

    assert answer.url == "/account/sign-in/"
    assert "_auth_user_id" not in client.session
    assert Link.objects.model._meta.db_table == "roster_link"
    assert world.AMINA in children(world.THEO)


@pytest.mark.parametrize(
    ("contact", "password", "says"),
    [
        ("555-0142", PASSWORD, "10-ka lambar"),  # the sheet speaks the family's language
        ("asha@", PASSWORD, "iimaylka oo dhan"),
        (PHONE, "short", "15 characters"),
        ("", "", "required"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_lost(world, outside, contact, password, says):
    _client, answer = come_in(sheet(world), contact, password)

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Invitation.objects.filter(used_at=None).count() == 1


# Corrections


def ask(client, world, child, **changes):
    return client.post(
        "/families/corrections/", {"child": str(child), "about": "birth", "words": "She was born in May."} | changes
    )


def test_a_correction_becomes_a_task_with_a_date_for_the_childs_district(world):
    """30 days: Minn. Stat. 13.04, subd. 4, as `engine/law/states/mn` holds it."""
    ali = signed_in(world.address("ali"))

    assert ask(ali, world, world.ELIA).status_code == 302

    with enter(person=world.OTTO, purpose="test"):
        made = Correction.objects.get()
    assert (made.owner_id, made.student_id) == (world.SOUTH, world.ELIA)
    assert made.due_on == timezone.localdate() + datetime.timedelta(days=30)
    assert b"Elia Ali" in signed_in(world.address("otto")).get("/families/asked/").content
    assert b"Elia" not in signed_in(world.address("cora")).get("/families/asked/").content


def test_the_district_answers_and_the_family_reads_it(world):
    ali = signed_in(world.address("ali"))
    ask(ali, world, world.AMINA)
    with enter(person=world.CORA, purpose="test"):
        pk = Correction.objects.get().pk
    cora = signed_in(world.address("cora"))

    answer = cora.post(f"/families/asked/{pk}/", {"outcome": "corrected", "answer": "It was May. Thank you."})

    assert answer.status_code == 302
    assert b"It was May. Thank you." in ali.get("/families/corrections/").content
    again = cora.post(f"/families/asked/{pk}/", {"outcome": "kept", "answer": "No."})
    assert again.status_code == 409
    assert list(
        Event.objects.filter(kind__startswith="correction").order_by("number").values_list("kind", flat=True)
    ) == [
        "correction.asked",
        "correction.answered",
    ]


def test_a_correction_behind_two_hundred_others_can_be_answered(world, outside):
    """The list shows the first two hundred; a letter may still lead to a later one."""
    outside.execute(
        "insert into families_correction (id, owner_id, student_id, asked_by_id, about, words, asked_at, due_on, outcome, answer)"
        " select gen_random_uuid(), %s, %s, %s, 'name', 'w', now(), '2026-11-01'::date + n, 'open', ''"
        "   from generate_series(1, 201) n",
        [world.NORTH, world.AMINA, world.ALI],
    )
    with enter(person=world.CORA, purpose="test"):
        last = Correction.objects.order_by("-due_on")[0].pk

    assert signed_in(world.address("cora")).get(f"/families/asked/{last}/").status_code == 200


def test_nobody_asks_about_another_familys_child(world):
    ali = signed_in(world.address("ali"))

    assert ask(ali, world, world.BJORN).status_code == 422


def test_the_database_refuses_a_correction_about_another_familys_child(world):
    for student, owner in ((world.BJORN, world.NORTH), (world.AMINA, world.SOUTH)):
        with pytest.raises(DatabaseError), enter(person=world.ALI, purpose="test"):
            Correction.objects.create(
                owner_id=owner,
                student_id=student,
                asked_by_id=world.ALI,
                about="name",
                words="x",
                asked_at=timezone.now(),
                due_on=timezone.localdate(),
            )


def test_a_family_cannot_answer_itself_nor_ask_in_anothers_name(world):
    with pytest.raises(DatabaseError), enter(person=world.ALI, purpose="test"):
        Correction.objects.create(
            owner_id=world.NORTH,
            student_id=world.AMINA,
            asked_by_id=world.CORA,
            about="name",
            words="x",
            asked_at=timezone.now(),
            due_on=timezone.localdate(),
        )
    ask(signed_in(world.address("ali")), world, world.AMINA)
    with enter(person=world.ALI, purpose="test"):
        assert (
            Correction.objects.update(outcome="corrected", answer="y", answered_by=world.ALI, answered_at="2026-01-01")
            == 0
        )


def test_another_districts_correction_answers_like_a_missing_one(world):
    ask(signed_in(world.address("ali")), world, world.ELIA)
    with enter(person=world.OTTO, purpose="test"):
        pk = Correction.objects.get().pk
    cora = signed_in(world.address("cora"))

    assert [cora.get(f"/families/asked/{one}/").status_code for one in (pk, uuid.uuid4())] == [404, 404]
