"""The pages: a coordinator gives a teacher to a coach and ends it, both see it, everybody else gets nothing."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.apps.coaching.conftest import DAY, becomes, end, give, role
from tests.contracts.test_every_address import told
from tests.signing_in import signed_in

from commonground.apps.coaching.models import Coaching
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def client_of(key):
    return signed_in(f"{key}@example.org")


def text(answer):
    return " ".join(answer.content.decode().split())


def typed(world, **changed):
    whole = {
        "teacher": str(role(world.THEO, "teacher")),
        "coach": str(role(world.COCO, "coach")),
        "since": timezone.localdate().isoformat(),
        "last_day": "",
    }
    return whole | changed


def test_a_coordinator_gives_a_teacher_to_a_coach_and_ends_it_again(world):
    cora = client_of("cora")
    assert "Nobody is coached yet" in text(cora.get("/coaching/"))

    assert cora.post("/coaching/", typed(world)).url == "/coaching/"
    assert "Coco Coach" in text(cora.get("/coaching/"))
    assert "Theo Teacher" in text(client_of("coco").get("/coaching/own/"))
    assert "Coco Coach" in text(client_of("theo").get("/coaching/own/"))

    with enter(person=world.CORA, purpose="test"):
        line = Coaching.objects.get()
    assert cora.post(f"/coaching/{line.pk}/end/").url == "/coaching/"
    assert "Nobody is coached yet" in text(cora.get("/coaching/"))
    assert "No coaching today" in text(client_of("coco").get("/coaching/own/"))


def test_both_read_it_on_today(world, coached):
    coco, theo = (text(client_of(key).get("/")) for key in ("coco", "theo"))

    assert "You coach 1 teacher" in coco
    assert "Theo Teacher" in coco
    assert "Who coaches you" in theo
    assert "Coco Coach" in theo


def test_a_coach_without_teachers_and_a_teacher_without_a_coach_read_so(world):
    assert "No coaching today" in text(client_of("coco").get("/"))
    assert "Who coaches you" not in text(client_of("theo").get("/"))


def test_who_may_be_chosen_is_of_the_district_or_of_a_house_to_which_it_belongs(world, outside):
    becomes(outside, world.PETE, "coach", world.COLLABORATIVE)
    becomes(outside, world.ANN, "coach", world.SOUTH)

    def offered(key, field):
        form = client_of(key).get("/coaching/").context["form"]
        return None if form is None else [name for pk, name in form.fields[field].choices if pk]

    assert offered("cora", "teacher") == ["Theo Teacher, North School"]
    assert offered("cora", "coach") == ["Coco Coach, North School", "Pete Program Teacher, Valley Collaborative"]
    assert offered("otto", "coach") is None


def test_the_director_reads_what_coaches_of_the_collaborative_do_and_ends_nothing(world, coached, outside):
    by_house = becomes(outside, world.PETE, "coach", world.COLLABORATIVE)
    line = give(world.THEO, world.PETE, by=world.CORA, as_coach=by_house)
    dana = client_of("dana")

    page = dana.get("/coaching/")
    assert "Pete Program Teacher" in text(page)
    assert "Coco Coach" not in text(page)
    assert page.context["form"] is None
    assert dana.post(f"/coaching/{line}/end/").status_code == 403


@pytest.mark.parametrize("key", ["ann", "omar", "priya", "theo", "lena", "ali", "pam", "pete", "milo", "cleo", "coco"])
def test_everybody_else_is_denied_the_districts_page(world, key):
    client = client_of(key)

    assert client.get("/coaching/").status_code == 403
    assert client.post(f"/coaching/{uuid.uuid4()}/end/").status_code == 403


@pytest.mark.parametrize("key", ["dana", "cora", "omar", "priya", "ali", "milo"])
def test_the_own_page_is_for_coaches_and_teachers(world, key):
    assert client_of(key).get("/coaching/own/").status_code == 403


def test_another_districts_line_answers_like_a_missing_one(world, coached):
    otto = client_of("otto")

    assert told(otto.post(f"/coaching/{coached}/end/")) == told(otto.post(f"/coaching/{uuid.uuid4()}/end/"))
    assert "Theo" not in text(otto.get("/coaching/"))


def test_what_cannot_be_given_is_said_and_nothing_is_written(world, coached):
    cora, today = client_of("cora"), timezone.localdate()

    assert "coaches the teacher already" in text(cora.post("/coaching/", typed(world)))
    assert cora.post("/coaching/", typed(world)).status_code == 409
    assert cora.post("/coaching/", typed(world, since=(today - DAY).isoformat())).status_code == 409
    assert cora.post("/coaching/", typed(world, teacher="")).status_code == 422
    assert cora.post("/coaching/", typed(world, coach=str(uuid.uuid4()))).status_code == 422
    with enter(person=world.CORA, purpose="test"):
        assert Coaching.objects.count() == 1


def test_a_line_that_is_not_yet_or_ends_says_so(world):
    today = timezone.localdate()
    line = give(world.THEO, world.COCO, by=world.CORA, since=today + DAY, last_day=today + 3 * DAY)

    assert "not yet" in text(client_of("cora").get("/coaching/"))
    assert "No coaching today" in text(client_of("coco").get("/coaching/own/"))
    end(line, by=world.CORA)
    assert "Nobody is coached yet" in text(client_of("cora").get("/coaching/"))


def test_more_teachers_ask_no_more_queries(world, outside, coached):
    client = client_of("coco")
    client.get("/coaching/own/")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get("/coaching/own/")
        return len(captured)

    before = asked()
    becomes(outside, world.LENA, "teacher", world.NORTH)
    give(world.LENA, world.COCO, by=world.CORA)
    assert asked() == before
