"""The yearly notice: it says what the tables say, in each complete language, and Today asks until it was given out."""

import datetime
import re

import pytest
from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.models import Event, Organization
from commonground.apps.governance.models import Notice
from commonground.apps.governance.notices import queries
from commonground.apps.governance.papers import complete_languages
from commonground.apps.measures.queries.counts import school_year_of
from commonground.store.walls import enter, walled_models

pytestmark = pytest.mark.database
DAY = datetime.timedelta(days=1)


def year():
    return school_year_of(timezone.localdate())


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def read(person, district, *, ends_in=None, language="en"):
    return signed_in(f"{person}@example.org").get(
        f"/collaborative/notices/{district}/{ends_in or year()}/?language={language}"
    )


def give(world, **typed):
    sent = {"given_on": timezone.localdate().isoformat(), "way": "mail"} | typed
    return signed_in(world.address("cora")).post(f"/collaborative/notices/{world.NORTH}/{year()}/given/", sent)


# What it says


def test_it_says_what_is_kept_and_what_the_agreement_opens_to_whom(world):
    page = words(read("cora", world.NORTH))

    assert "for 4 students: name, date of birth" in page
    assert "for 1 guardian: name, telephone" in page
    assert "a mentor, counselor or liaison: to whom, for which days, and their notes about meetings" in page
    assert "registered for a shared program" not in page
    assert "Valley Collaborative What Name, date of birth, grade, school, classes" in page
    assert (
        "For what Joint programs To whom Director of the collaborative, Data analyst Legal ground Audit or eval" in page
    )
    # In force up to, not including, July 1, 2099.
    assert (
        "Until June 30, 2099 Copies destroyed by Aug. 1, 2099" in page
        or "Until June 30, 2099 Copies destroyed by August 1, 2099" in page
    )
    assert "Not kept there: behavior, results, support plans, Social Security numbers." in page
    assert "within 10 days otherwise" in page
    assert "We answer within 30 days" in page
    assert "Cora Coordinator, cora@example.org" in page


def test_it_names_no_child_and_no_guardian(world):
    page = read("cora", world.NORTH).content.decode()

    assert not [name for name in ("Amina", "Asha", "Bjørn", "Chue", "Vang") if name in page]


def test_what_it_says_is_never_kept_is_never_kept():
    """A table for one of these categories makes the notice untrue: then the notice must learn to count it."""
    assert not {model.wall.category for model in walled_models().values()} & set(queries.NEVER_KEPT)


def test_an_agreement_of_yesterday_is_gone_and_one_of_tomorrow_is_not_there_yet(world, arrange):
    arrange("update core_agreement set until = cg.today(), destroy_by = cg.today()")
    assert "With nobody today" in words(read("cora", world.NORTH))

    arrange("update core_agreement set since = cg.today() + 1, until = cg.today() + 9, destroy_by = cg.today() + 9")
    assert "With nobody today" in words(read("cora", world.NORTH))

    arrange("update core_agreement set since = cg.today()")
    assert "With nobody today" not in words(read("cora", world.NORTH))


def test_programs_of_registered_children_stand_in_it(world, gamma):
    with enter(person=world.CORA, purpose="test"):
        page = queries.notice_page(Organization.objects.get(pk=world.NORTH), year(), today=timezone.localdate())

    assert page.registered_count > 0
    assert [one.pk for one in page.programs] == [gamma.OFFERING]


def test_in_spanish_no_english_sentence_is_left(world):
    page = words(read("cora", world.NORTH, language="es"))

    assert "Los expedientes de su hijo y sus derechos" in page
    assert "Directora" in page or "Dirección" in page
    assert not re.findall(
        r"\b(?:the|your|with|and|from|this|who|without)\b", page.split("Contraer")[-1].replace("Joint programs", "")
    )


def test_it_is_there_in_each_complete_language_and_in_english_for_others(world):
    assert [one.code for one in complete_languages()] == ["en", "es"]
    assert 'lang="en"' in read("cora", world.NORTH, language="so").content.decode()


# Who may, and that it was given out


def test_another_districts_notice_and_a_year_that_is_none_are_not_found(world):
    for person, district, ends_in in (
        ("cora", world.SOUTH, None),
        ("cora", world.NORTH, year() + 1),
        ("cora", world.NORTH, 1999),
    ):
        assert read(person, district, ends_in=ends_in).status_code == 404
    answer = signed_in(world.address("otto")).post(f"/collaborative/notices/{world.NORTH}/{year()}/given/", {})
    assert answer.status_code == 404


@pytest.mark.parametrize("person", ["dana", "ann", "priya", "theo", "lena", "ali", "omar", "sven"])
def test_nobody_but_the_coordinator_gives_it_out(world, person):
    assert read(person, world.NORTH).status_code == 403


def test_once_recorded_it_stands_under_its_year_and_today_stops_asking(world):
    cora = signed_in(world.address("cora"))
    assert "has not gone to families of North" in cora.get("/").content.decode()
    assert "not given out" in words(cora.get("/collaborative/notices/"))

    answer = give(world)

    assert answer.status_code == 302
    page = words(cora.get("/collaborative/notices/"))
    assert "by mail, to every home. Recorded by Cora Coordinator." in page
    assert "has not gone to families of North" not in cora.get("/").content.decode()
    event = Event.objects.get(kind="notice.given")
    assert (event.person_id, event.organization_id) == (world.CORA, world.NORTH)
    with enter(person=world.OTTO, purpose="test"):
        assert not Notice.objects.exists()


def test_the_same_day_and_way_is_recorded_once(world):
    give(world)

    answer = give(world)

    assert answer.status_code == 422
    assert "That is recorded already." in answer.content.decode()


@pytest.mark.parametrize("given_on", ["2001-01-01", "2099-01-01", "yesterday", ""])
def test_a_day_outside_the_school_year_or_after_today_is_refused(world, given_on):
    assert give(world, given_on=given_on).status_code == 422


@pytest.mark.parametrize(
    ("today", "asks"),
    [
        (datetime.date(2027, 6, 30), False),  # the last day of the school year for which it was given
        (datetime.date(2027, 7, 1), True),  # the first of the next
    ],
)
def test_a_new_school_year_asks_again(world, today, asks):
    with enter(person=world.CORA, purpose="test"):
        Notice.objects.create(
            owner_id=world.NORTH,
            ends_in=2027,
            given_on=datetime.date(2026, 9, 1),
            way="mail",
            recorded_by_id=world.CORA,
            recorded_at=timezone.now(),
        )

        assert Organization.objects.filter(queries.lacks_notice(today), pk=world.NORTH).exists() is asks


def test_a_district_that_shares_nothing_is_not_asked(world):
    with enter(person=world.OTTO, purpose="test"):
        assert not Organization.objects.filter(queries.lacks_notice(timezone.localdate()), pk=world.SOUTH).exists()
