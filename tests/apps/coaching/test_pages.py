"""The pages: a coordinator gives a teacher to a coach and ends it, both see it, everybody else gets nothing."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.apps.coaching.conftest import DAY, becomes, end, give, met, role, write
from tests.contracts.test_every_address import told
from tests.signing_in import signed_in

from commonground.apps.coaching.models import Coaching, Entry
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


def entry_typed(**changed):
    whole = {
        "kind": "seen",
        "day": timezone.localdate().isoformat(),
        "said": "Every student explains one idea a lesson.",
        "next_step": "Coco watches on Tuesday.",
        "token": str(uuid.uuid4()),
    }
    return whole | changed


def test_the_two_write_to_each_other_correct_and_strike(world, coached):
    coco, theo, address = client_of("coco"), client_of("theo"), f"/coaching/own/{coached}/"
    assert address in text(coco.get("/coaching/own/"))
    assert "Nothing is written yet" in text(theo.get(address))

    sent = entry_typed()
    assert [coco.post(address, sent).url for _ in range(2)] == [address, address]
    page = text(theo.get(address))
    assert page.count("Every student explains one idea a lesson.") == 1
    assert "Coco watches on Tuesday." in page
    assert "Correct" not in page

    with enter(person=world.COCO, purpose="test"):
        entry = Entry.objects.get()
    assert coco.get(f"/coaching/entries/{entry.pk}/").status_code == 200
    assert coco.post(f"/coaching/entries/{entry.pk}/", entry_typed(kind="plan", said="Half of them.")).url == address
    assert "corrected" in text(theo.get(address))
    assert coco.post(f"/coaching/entries/{entry.pk}/strike/").url == address
    assert "<del>" in text(theo.get(address))


def test_what_cannot_be_written_is_said_and_what_was_typed_stays(world, coached):
    coco, address = client_of("coco"), f"/coaching/own/{coached}/"
    tomorrow = (timezone.localdate() + DAY).isoformat()

    refused = coco.post(address, entry_typed(day=tomorrow))
    assert refused.status_code == 409
    assert "work together" in text(refused)
    assert "Every student explains one idea a lesson." in text(refused)
    for wrong in (
        {"said": ""},
        {"kind": ""},
        {"kind": "grade"},
        {"kind": "goal"},
        {"kind": "reflection"},
        {"day": "someday"},
        {"token": "x"},
    ):
        assert coco.post(address, entry_typed(**wrong)).status_code == 422, wrong
    with enter(person=world.COCO, purpose="test"):
        assert Entry.objects.count() == 0


def test_once_it_is_over_the_teacher_reads_on_and_writes_no_more(world, coached):
    address = f"/coaching/own/{coached}/"
    write(coached, by=world.COCO, said="You waited three seconds.")
    end(coached, by=world.CORA)
    coco, theo = client_of("coco"), client_of("theo")

    assert told(coco.get(address)) == told(coco.get(f"/coaching/own/{uuid.uuid4()}/"))
    assert address in text(theo.get("/coaching/own/"))
    page = theo.get(address)
    assert "You waited three seconds." in text(page)
    assert page.context["form"] is None


@pytest.mark.parametrize("key", ["cora", "dana", "priya", "otto", "omar", "ali", "milo"])
def test_nobody_else_opens_what_they_write(world, coached, key):
    entry, client = write(coached, by=world.COCO), client_of(key)

    for place in (
        f"own/{coached}/",
        f"own/{coached}/goal/",
        f"goals/{entry}/",
        f"entries/{entry}/",
        f"entries/{entry}/strike/",
    ):
        assert client.post(f"/coaching/{place}", entry_typed()).status_code == 403, place


def test_another_coach_finds_what_a_missing_one_finds(world, coached, outside):
    entry = write(coached, by=world.THEO)
    becomes(outside, world.MILO, "coach", world.NORTH)
    milo = client_of("milo")

    for place in ("own/{}/", "own/{}/goal/", "goals/{}/", "entries/{}/"):
        for pk in (coached, entry):
            answers = [milo.get(f"/coaching/{place.format(one)}") for one in (pk, uuid.uuid4())]
            assert told(answers[0]) == told(answers[1]), place


def test_more_entries_ask_no_more_queries(world, coached):
    client, address = client_of("coco"), f"/coaching/own/{coached}/"
    write(coached, by=world.COCO)
    client.get(address)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    few = asked()
    for _ in range(5):
        write(coached, by=world.THEO)
    assert asked() == few <= 12


def goal_typed(**changed):
    today = timezone.localdate()
    whole = {
        "said": "Every student explains one idea a lesson.",
        "measure": "We count one lesson.",
        "day": today.isoformat(),
        "last_day": (today + 30 * DAY).isoformat(),
        "token": str(uuid.uuid4()),
    }
    return whole | changed


def test_the_two_set_a_goal_say_how_it_went_and_read_its_days(world, coached):
    coco, theo, address = client_of("coco"), client_of("theo"), f"/coaching/own/{coached}/"
    assert f"{address}goal/" in text(theo.get(address))
    assert theo.get(f"{address}goal/").status_code == 200

    sent = goal_typed()
    (cycle,) = {theo.post(f"{address}goal/", sent).url for _ in range(2)}
    assert cycle in text(coco.get(address))
    write(coached, by=world.COCO, said="Nine of twenty-four.", kind="seen", step="Wait longer.", step_by="teacher")
    page = text(coco.get(cycle))
    for words in ("Every student explains", "We count one lesson.", "Nine of twenty-four.", "(The teacher)", "open"):
        assert words in page, words
    assert coco.post(cycle, {"outcome": "partly"}).url == cycle
    assert "partly met" in text(theo.get(address))
    assert coco.post(cycle, {"outcome": "excellent"}).status_code == 422


def test_a_goal_that_cannot_be_is_said_and_what_was_typed_stays(world, coached):
    theo, address = client_of("theo"), f"/coaching/own/{coached}/goal/"
    yesterday = (timezone.localdate() - DAY).isoformat()

    refused = theo.post(address, goal_typed(last_day=yesterday))
    assert refused.status_code == 409
    assert "We count one lesson." in text(refused)
    assert theo.post(address, goal_typed(said="")).status_code == 422
    with enter(person=world.THEO, purpose="test"):
        assert Entry.objects.count() == 0


def test_a_goal_is_corrected_in_its_own_form_and_once_struck_has_no_page(world, coached):
    theo = client_of("theo")
    goal = write(coached, by=world.THEO, kind="goal")

    assert "How will you see it?" in text(theo.get(f"/coaching/entries/{goal}/"))
    assert theo.post(f"/coaching/entries/{goal}/", goal_typed()).url == f"/coaching/own/{coached}/"
    assert "We count one lesson." in text(theo.get(f"/coaching/goals/{goal}/"))
    theo.post(f"/coaching/entries/{goal}/strike/")
    assert theo.get(f"/coaching/goals/{goal}/").status_code == 404


def test_a_cycle_holds_its_own_days_and_no_struck_entry(world, coached, outside):
    outside.execute("update coaching_coaching set since = since - 9")
    today = timezone.localdate()
    goal = write(coached, by=world.THEO, kind="goal", day=today - 3 * DAY, last_day=today - DAY)
    lesson = write(coached, by=world.COCO, kind="seen", said="On the first day.", day=today - 3 * DAY)
    write(coached, by=world.THEO, kind="reflection", said="Looked back later.", about=lesson)
    write(coached, by=world.COCO, said="Too early.", day=today - 4 * DAY)
    write(coached, by=world.COCO, said="Too late.")
    client_of("coco").post(f"/coaching/entries/{write(coached, by=world.COCO, said='Gone.', day=today - DAY)}/strike/")

    page = client_of("theo").get(f"/coaching/goals/{goal}/")
    assert [one.entry.said for one in page.context["entries"]] == ["On the first day.", "Looked back later."]


def test_the_teacher_looks_back_on_a_lesson_and_the_coach_reads_it(world, coached):
    lesson, address = write(coached, by=world.COCO, kind="seen"), f"/coaching/own/{coached}/"
    coco, theo = client_of("coco"), client_of("theo")
    assert f"?about={lesson}#write" in text(theo.get(address))
    assert "?about=" not in text(coco.get(address))

    form = theo.get(address, {"about": lesson}).context["form"]
    assert form.fields["kind"].initial == "reflection"
    assert theo.post(address, entry_typed(kind="reflection", about=str(lesson), said="I call too soon.")).url == address
    page = text(coco.get(address))
    assert "I call too soon." in page
    assert "about " in page
    assert theo.get(address, {"about": "nonsense"}).status_code == 200


def test_given_again_the_coach_finds_the_way_back_from_an_old_goal(world, coached):
    goal = write(coached, by=world.THEO, kind="goal")
    end(coached, by=world.CORA)
    again = give(world.THEO, world.COCO, by=world.CORA)

    assert f"/coaching/own/{again}/" in text(client_of("coco").get(f"/coaching/goals/{goal}/"))


def test_more_days_of_a_goal_ask_no_more_queries(world, coached):
    client, goal = client_of("coco"), write(coached, by=world.THEO, kind="goal")
    lesson = write(coached, by=world.COCO, kind="seen")
    client.get(f"/coaching/goals/{goal}/")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/coaching/goals/{goal}/")
        return len(captured)

    few = asked()
    for _ in range(4):
        write(coached, by=world.THEO, kind="reflection", about=lesson)
    assert asked() == few <= 12


def test_the_coordinator_reads_how_many_visits_and_nothing_of_them(world, coached, outside):
    day = timezone.localdate().replace(day=1) - DAY
    write(coached, by=world.COCO, said="Nine of twenty-four.")
    met(outside, coached, teachers=9, day=day)
    cora = client_of("cora")
    assert "Visits by month" not in text(cora.get("/coaching/"))
    outside.execute("delete from coaching_entry where day = %s", [day])
    met(outside, coached, teachers=10, day=day)

    page = text(cora.get("/coaching/"))
    assert ": 10 visits" in page
    assert "Nine of" not in page


def test_more_months_and_coaches_ask_no_more_queries(world, coached, outside):
    cora, day = client_of("cora"), timezone.localdate().replace(day=1) - DAY
    met(outside, coached, teachers=10, day=day)
    cora.get("/coaching/")

    def asked():
        with CaptureQueriesContext(connection) as captured:
            cora.get("/coaching/")
        return len(captured)

    few = asked()
    other = becomes(outside, world.MILO, "coach", world.NORTH)
    line = give(world.THEO, world.MILO, by=world.CORA, as_coach=other)
    for one in (coached, line):
        met(outside, one, teachers=10, day=day.replace(day=1) - DAY)
    assert asked() == few
