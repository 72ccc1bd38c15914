"""The pages: a coordinator gives and ends, those beside a child see it and write notes, everybody else gets nothing."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.apps.mentoring.conftest import DAY, becomes, end, give, lends, write
from tests.contracts.test_every_address import told
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import RoleGrant
from commonground.apps.mentoring.models import Caseload, Note
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def client_of(key):
    return signed_in(f"{key}@example.org")


def grant_of(person):
    return RoleGrant.objects.get(person_id=person)


def noted(client, address):
    """What the page for writing a note offers to send."""
    form = client.get(address).context["form"]
    return {name: str(form[name].value() or "") for name in form.fields}


def text(answer):
    return " ".join(answer.content.decode().split())


def test_a_coordinator_gives_a_child_from_its_page_and_ends_it_again(world):
    cora, today = client_of("cora"), timezone.localdate()
    address = f"/caseloads/students/{world.AMINA}/"
    assert address in cora.get(f"/students/{world.AMINA}/").content.decode()

    typed = {"holder": str(grant_of(world.MILO).pk), "since": today.isoformat(), "last_day": ""}
    assert cora.post(address, typed).url == address
    assert "Milo Mentor" in text(cora.get(address))
    assert client_of("milo").get(f"/students/{world.AMINA}/").status_code == 200

    with enter(person=world.CORA, purpose="test"):
        line = Caseload.objects.get()
    assert cora.post(f"/caseloads/{line.pk}/end/").url == address
    assert client_of("milo").get(f"/students/{world.AMINA}/").status_code == 404
    assert "Before" in text(cora.get(address))


def test_who_may_be_chosen_is_of_the_district_or_of_a_house_that_it_shares_with(world, outside):
    lends(outside, world.NORTH)
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    becomes(outside, world.THEO, "mentor", world.SOUTH)

    def offered(key, child):
        form = client_of(key).get(f"/caseloads/students/{child}/").context["form"]
        return [] if form is None else [name for pk, name in form.fields["holder"].choices if pk]

    assert offered("cora", world.AMINA) == [
        "Cleo Counselor, Counselor, North School",
        "Lena Liaison, Cultural liaison, North School",
        "Milo Mentor, Mentor, North School",
        "Pete Program Teacher, Mentor, Valley Collaborative",
    ]
    assert offered("otto", world.ELIA) == ["Theo Teacher, Mentor, South"]

    outside.execute("update core_person set is_active = false where id = %s", [world.THEO])
    assert offered("otto", world.ELIA) == []


def test_another_districts_child_answers_like_a_missing_one(world, beside_amina):
    for key in ("otto", "cora"):
        client = client_of(key)
        hidden, nobody = (world.AMINA if key == "otto" else world.ELIA), uuid.uuid4()
        for ask in (client.get, client.post):
            assert told(ask(f"/caseloads/students/{hidden}/")) == told(ask(f"/caseloads/students/{nobody}/"))
    otto = client_of("otto")
    assert told(otto.post(f"/caseloads/{beside_amina}/end/")) == told(otto.post(f"/caseloads/{uuid.uuid4()}/end/"))
    assert client_of("milo").get("/caseloads/own/").context["children"]


def test_a_refusal_is_said_and_nothing_is_given(world, beside_amina):
    typed = {"holder": str(grant_of(world.MILO).pk), "since": timezone.localdate().isoformat(), "last_day": ""}

    answer = client_of("cora").post(f"/caseloads/students/{world.AMINA}/", typed)

    assert answer.status_code == 409
    assert "walks beside the child already" in text(answer)


@pytest.mark.parametrize("key", ["dana", "ann", "omar", "priya", "theo", "lena", "ali", "pam", "pete", "milo", "cleo"])
def test_everybody_else_is_denied_the_districts_pages(world, key):
    client = client_of(key)

    for address in ("/caseloads/", f"/caseloads/students/{world.AMINA}/"):
        assert client.get(address).status_code == 403
    assert client.post(f"/caseloads/{uuid.uuid4()}/end/").status_code == 403


def test_the_districts_caseloads_are_listed_searched_and_empty_at_first(world):
    cora = client_of("cora")
    assert "Nobody walks beside a student yet" in text(cora.get("/caseloads/"))

    for child, person in ((world.AMINA, world.MILO), (world.BJORN, world.MILO), (world.DEE, world.CLEO)):
        give(child, person, by=world.CORA)

    rows = cora.get("/caseloads/").context["rows"]
    assert [(row.grant.person.name, len(row.lines)) for row in rows] == [("Cleo Counselor", 1), ("Milo Mentor", 2)]
    assert [row.grant.person.name for row in cora.post("/caseloads/", {"letters": "mil"}).context["rows"]] == [
        "Milo Mentor"
    ]
    assert [row.grant.person.name for row in cora.post("/caseloads/", {"letters": "dee"}).context["rows"]] == [
        "Cleo Counselor"
    ]
    assert "Nobody is found" in text(cora.post("/caseloads/", {"letters": "zzz"}))
    assert client_of("otto").get("/caseloads/").context["rows"] == []


def test_an_ended_role_is_out_of_the_list_and_stands_under_before(world, beside_amina, outside):
    outside.execute("update core_rolegrant set until = cg.today() where person_id = %s", [world.MILO])

    cora = client_of("cora")
    assert cora.get("/caseloads/").context["rows"] == []
    page = cora.get(f"/caseloads/students/{world.AMINA}/").context
    assert (page["lines"], [line.pk for line in page["past"]]) == ([], [beside_amina])


def test_a_child_whom_no_agreement_shares_any_more_is_marked_in_both_lists(world, outside):
    lends(outside, world.NORTH)
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    give(world.AMINA, world.PETE, role="mentor", by=world.CORA)
    cora = client_of("cora")
    lists = ("/caseloads/", f"/caseloads/students/{world.AMINA}/")
    for address in lists:
        assert "not seen today" not in text(cora.get(address))

    lends(outside, world.NORTH, ground="studies")

    for address in lists:
        assert "not seen today" in text(cora.get(address))


def test_a_line_ended_before_its_first_day_is_out_of_the_list_at_once_and_ends_once(world):
    soon = timezone.localdate() + 3 * DAY
    line = give(world.AMINA, world.MILO, by=world.CORA, since=soon)
    cora = client_of("cora")
    assert "not yet" in text(cora.get(f"/caseloads/students/{world.AMINA}/"))

    cora.post(f"/caseloads/{line}/end/")

    answer = cora.get(f"/caseloads/students/{world.AMINA}/")
    assert (answer.context["lines"], [one.pk for one in answer.context["past"]]) == ([], [line])
    assert "never began" in text(answer)
    assert cora.get("/caseloads/").context["rows"] == []
    with pytest.raises(Refused, match="ended already"):
        end(line, by=world.CORA)


def test_today_and_the_caseload_show_exactly_the_own_children_with_their_contacts(world, outside):
    outside.execute("update roster_guardian set phone = '320-555-0199' where id = %s", [world.GUARDIAN_NORTH])
    give(world.AMINA, world.MILO, by=world.CORA)
    milo = client_of("milo")

    for address in ("/", "/caseloads/own/"):
        page = text(milo.get(address))
        for words in ("Amina Ali", "Grade 7", "North School", "Somali", "Asha Ali", "320-555-0199"):
            assert words in page, (address, words)
        assert not any(name in page for name in ("Bjørn", "Chue", "O’Brien", "Elia"))
    assert [row.student.pk for row in milo.get("/students/").context["page"].rows] == [world.AMINA]


def test_without_a_child_the_page_says_what_comes(world):
    assert "No student is on your caseload today" in text(client_of("cleo").get("/"))
    assert "No student is on your caseload today" in text(client_of("cleo").get("/caseloads/own/"))


def test_a_liaison_keeps_the_arrivals_and_has_the_caseload_beside_them(world):
    lena = client_of("lena")
    assert "Your caseload" not in text(lena.get("/"))

    give(world.DEE, world.LENA, by=world.CORA)

    page = text(lena.get("/"))
    assert "Your caseload" in page
    assert "Dee O’Brien" in page
    assert "Vang, Chue" in page
    assert lena.get(f"/students/{world.DEE}/").status_code == 200


def test_a_mentor_of_the_collaborative_leaves_a_line_for_each_look(world, outside):
    lends(outside, world.NORTH)
    outside.execute(
        "update core_rolegrant set organization_id = %s where person_id = %s", [world.COLLABORATIVE, world.MILO]
    )
    give(world.AMINA, world.MILO, by=world.CORA)
    milo = client_of("milo")
    for address in (
        "/",
        "/caseloads/own/",
        f"/caseloads/own/{world.AMINA}/",
        f"/students/{world.AMINA}/",
        "/students/",
    ):
        assert milo.get(address).status_code == 200

    lines = outside.execute("select page, role, purpose from core_disclosureline order by number").fetchall()

    assert lines == [
        (page, "mentor", "Joint programs")
        for page in ("home:today", "mentoring:caseload", "mentoring:notes", "home:student", "home:students")
    ]
    assert "The own caseload" in text(client_of("ali").get("/who-looked/"))


def test_who_sees_the_district_by_agreement_too_leaves_a_line_for_each_look(world, outside):
    """Dana directs the collaborative and walks beside Amina for the district: of Bjørn she knows as director alone."""
    becomes(outside, world.DANA, "mentor", world.NORTH_SCHOOL)
    give(world.AMINA, world.DANA, role="mentor", by=world.CORA)

    assert client_of("dana").get(f"/students/{world.BJORN}/").status_code == 200

    lines = outside.execute("select student_id, role from core_disclosureline").fetchall()
    assert lines == [(world.BJORN, "director")]


def test_a_mentors_look_names_the_agreement_that_lets_a_mentor_look(world, outside):
    """An audit and an agreement with school officials share the same children; the audit came first."""
    outside.execute(
        "insert into core_agreement (id, owner_id, collaborative_id, categories, ground, purpose, since, until, destroy_by,"
        " signed_on, signed_by) select gen_random_uuid(), owner_id, collaborative_id, categories, 'school_official',"
        " 'Mentors', since + 1, until, destroy_by, signed_on, signed_by from core_agreement where owner_id = %s",
        [world.NORTH],
    )
    becomes(outside, world.PETE, "mentor", world.COLLABORATIVE)
    give(world.AMINA, world.PETE, role="mentor", by=world.CORA)

    assert client_of("pete").get("/caseloads/own/").status_code == 200

    assert outside.execute("select role, purpose from core_disclosureline").fetchall() == [("mentor", "Mentors")]


def test_a_mentor_of_the_district_leaves_none(world, beside_amina, outside):
    milo = client_of("milo")
    for address in ("/", "/caseloads/own/", f"/caseloads/own/{world.AMINA}/", f"/students/{world.AMINA}/"):
        milo.get(address)

    assert outside.execute("select count(*) from core_disclosureline").fetchone() == (0,)


def test_a_mentor_writes_corrects_and_later_strikes_a_note(world, beside_amina, outside):
    milo, address = client_of("milo"), f"/caseloads/own/{world.AMINA}/"
    typed = noted(milo, address) | {"talked_about": "Mathematics", "next_step": "A library card"}

    for _pressed_twice in range(2):
        assert milo.post(address, typed).url == address
    page = text(milo.get(address))
    assert "Mathematics" in page
    assert "A library card" in page
    assert "Correct" in page
    with enter(person=world.MILO, purpose="test"):
        note = Note.objects.get()
    assert milo.post(f"/caseloads/notes/{note.pk}/", typed | {"talked_about": "Reading"}).url == address
    assert "Reading" in text(milo.get(address))
    assert "Mathematics" not in text(milo.get(address))

    outside.execute("update mentoring_note set written_at = written_at - interval '2 days'")
    late = milo.post(f"/caseloads/notes/{note.pk}/", typed | {"talked_about": "Typed too late"})
    assert late.status_code == 409
    assert "corrected for a day" in text(late)
    assert "Typed too late" in text(late)
    assert milo.get(f"/caseloads/notes/{note.pk}/").url == address
    assert "Typed too late" not in text(milo.get(address))
    assert milo.post(f"/caseloads/notes/{note.pk}/strike/").url == address
    page = text(milo.get(address))
    assert "<del>" in page
    assert "Reading" in page
    assert "struck on" in page


def test_a_note_about_a_wrong_student_is_struck_at_once(world, beside_amina):
    milo, address = client_of("milo"), f"/caseloads/own/{world.AMINA}/"
    note = write(world.AMINA, world.MILO)

    assert f"/caseloads/notes/{note}/strike/" in milo.get(address).content.decode()
    assert milo.post(f"/caseloads/notes/{note}/strike/").url == address
    assert "struck on" in text(milo.get(address))
    assert f"/caseloads/notes/{note}/strike/" not in milo.get(address).content.decode()


@pytest.mark.parametrize(("key", "role", "reach"), [("milo", "mentor", "beside"), ("cleo", "counselor", "district")])
def test_a_counselors_note_is_for_the_district_unless_said_otherwise(world, key, role, reach):
    give(world.AMINA, getattr(world, key.upper()), role=role, by=world.CORA)
    client, address = client_of(key), f"/caseloads/own/{world.AMINA}/"

    assert noted(client, address)["reach"] == reach
    assert client.post(address, noted(client, address) | {"talked_about": "Band"}).status_code == 302

    with enter(person=getattr(world, key.upper()), purpose="test"):
        assert Note.objects.get().reach == reach
    assert ("for the district alone" in text(client.get(address)).split("Meetings")[1]) is (reach == "district")


def test_a_note_of_a_day_out_of_the_own_time_is_refused_with_what_was_typed(world, beside_amina):
    milo, address = client_of("milo"), f"/caseloads/own/{world.AMINA}/"
    met_on = (timezone.localdate() + DAY).isoformat()

    answer = milo.post(address, noted(milo, address) | {"met_on": met_on, "talked_about": "Mathematics"})

    assert answer.status_code == 409
    assert "Mathematics" in text(answer)
    assert client_of("milo").post(f"/caseloads/own/{world.AMINA}/", {"met_on": ""}).status_code == 422


def test_the_page_says_who_reads_the_notes_and_that_a_family_may_ask(world, beside_amina):
    page = text(client_of("milo").get(f"/caseloads/own/{world.AMINA}/"))
    assert "you alone" in page
    assert "A family may ask its district to read" in page
    assert "its coordinators can open it, and each time is recorded" in page

    give(world.AMINA, world.CLEO, by=world.CORA)
    assert "Cleo Counselor (Counselor, North School)" in text(client_of("milo").get(f"/caseloads/own/{world.AMINA}/"))


def test_whoever_is_not_beside_the_child_gets_what_a_missing_child_gives(world, beside_amina):
    note = write(world.AMINA, world.MILO)
    cleo, nobody = client_of("cleo"), uuid.uuid4()
    pairs = (
        ("/caseloads/own/{}/", world.AMINA),
        ("/caseloads/notes/{}/", note),
        ("/caseloads/notes/{}/strike/", note),
        ("/students/{}/", world.AMINA),
    )
    for pattern, hidden in pairs:
        for ask in (cleo.get, cleo.post):
            assert told(ask(pattern.format(hidden))) == told(ask(pattern.format(nobody))), pattern

    end(beside_amina, by=world.CORA)
    milo = client_of("milo")
    for pattern, hidden in pairs:
        for ask in (milo.get, milo.post):
            assert told(ask(pattern.format(hidden))) == told(ask(pattern.format(nobody))), pattern


@pytest.mark.parametrize("key", ["cora", "dana", "priya", "theo", "omar", "ali", "pam", "pete"])
def test_no_other_role_reaches_notes(world, beside_amina, key):
    note = write(world.AMINA, world.MILO, said="Grasshopper")
    client = client_of(key)

    for address in (f"/caseloads/own/{world.AMINA}/", "/caseloads/own/", f"/caseloads/notes/{note}/"):
        assert client.get(address).status_code == 403
    assert "Grasshopper" not in text(client.get(f"/students/{world.AMINA}/"))


def test_someone_elses_note_about_the_same_child_is_read_and_not_touched(world, beside_amina):
    note = write(world.AMINA, world.MILO, said="Grasshopper")
    give(world.AMINA, world.CLEO, by=world.CORA)
    cleo = client_of("cleo")

    assert "Grasshopper" in text(cleo.get(f"/caseloads/own/{world.AMINA}/"))
    assert cleo.get(f"/caseloads/notes/{note}/").status_code == 404
    assert cleo.post(f"/caseloads/notes/{note}/strike/").status_code == 404


def test_more_children_cost_no_more_queries(world):
    def asked(client, address):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    cora, milo = client_of("cora"), client_of("milo")
    give(world.AMINA, world.MILO, by=world.CORA)
    addresses = ((milo, "/"), (milo, "/caseloads/own/"), (cora, "/caseloads/"))
    with_one = [asked(*one) for one in addresses]
    for child in (world.BJORN, world.CHUE, world.DEE):
        give(child, world.MILO, by=world.CORA)
        give(child, world.CLEO, by=world.CORA)

    assert [asked(*one) for one in addresses] == with_one
