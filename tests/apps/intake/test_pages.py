"""The pages of a batch: history by state, held rows by cause, what can be done when, and what stays with older files."""

import re

import pytest
from django.utils import timezone
from tests.apps.home.conftest import after_first_file, arrange, as_superuser  # noqa: F401 - fixtures
from tests.apps.home.test_today import words
from tests.formats.bundles import small, with_row, with_text
from tests.signing_in import signed_in
from tests.working import finish_work

from commonground.apps.intake import actions
from commonground.apps.intake.models import Batch
from commonground.apps.intake.queries import problem_report
from commonground.apps.roster.models import Guardian, Link
from commonground.store.walls import enter

pytestmark = pytest.mark.database

# An enrollment of nobody, and one of a class that is not in the bundle.
HELD = with_row(small(), "enrollments.csv", "e9,,,k1,s1,nobody,student,,,", "e8,,,nowhere,s1,u4,student,,,")


@pytest.fixture
def wanda(west):
    return signed_in("wanda@example.org")


def batches_of_west(databases, world, count, *, status="refused"):
    """West has sent this many files, numbered from 1, one a minute."""
    as_superuser(
        databases,
        "insert into intake_batch (id, owner_id, number, format, version, status, label, size_bytes, digest, step, summary,"
        " sent_by_id, sent_at, applied_by_id, applied_at) select gen_random_uuid(), %s, n, '', '', %s, 'file-' || n || '.zip', 9, '', '', '{}',"
        " %s, timestamptz '2026-11-18 12:00Z' + n * interval '1 minute', %s, now() from generate_series(1, %s) n",
        [world.WEST, status, world.fixed("person-wanda"), world.fixed("person-wanda"), count],
    )


def test_a_refused_file_names_the_column_that_is_missing(wanda, sent):
    batch = sent(with_text(small(), "users.csv", "sourcedId", "id"))

    told = words(wanda.get(f"/data/{batch.pk}/"))

    assert "A column that every row needs is not in the heading." in told
    assert "It stands in users.csv, line 1. The column is sourcedId." in told


# History


def test_the_history_holds_every_file_page_by_page(wanda, world, databases):
    batches_of_west(databases, world, 120)
    found, address = [], "/data/"
    for _page in range(3):
        answer = wanda.get(address)
        text = answer.content.decode()
        found += re.findall(r"(\d+): file-\1\.zip", text)
        address = "/data/" + (re.search(r'rel="next" href="([^"]+)"', text) or ["", ""])[1]

    assert [int(number) for number in found] == list(range(120, 0, -1))
    assert "120 files have come in" in words(answer)


def test_the_history_is_filtered_by_the_address(wanda, world, databases):
    batches_of_west(databases, world, 3)
    as_superuser(databases, "update intake_batch set status = 'applied' where number = 2")

    page = words(wanda.get("/data/?state=applied"))

    assert "One file fits" in page
    assert "2: file-2.zip" in page
    assert "1: file-1.zip" not in page
    assert "No file is in this state" in words(wanda.get("/data/?state=undone"))


@pytest.mark.parametrize("wrong", ["?state=nothing", "?page=x", "?page=99", "?district=x"])
def test_what_is_no_choice_is_left_out(wanda, world, databases, wrong):
    batches_of_west(databases, world, 2)

    assert "2 files have come in" in words(wanda.get(f"/data/{wrong}"))


def test_another_district_is_no_choice_and_narrows_nothing(wanda, world, databases):
    batches_of_west(databases, world, 2)

    page = wanda.get(f"/data/?district={world.NORTH}")

    assert "2 files have come in" in words(page)
    assert "North" not in page.content.decode()


# Held rows


def test_held_rows_are_shown_by_their_cause_in_a_sentence(sent, wanda):
    batch = sent(HELD)

    page = words(wanda.get(f"/data/{batch.pk}/held/?code=class_unknown&file=enrollments.csv"))

    assert "One row is held" in page
    assert "The row names a class that is not in the bundle." in page
    assert "Send the class with the next bundle" in page
    assert "nobody" not in page
    assert "user_unknown" not in page


def test_rows_that_wait_for_a_held_row_are_listed_with_it(sent, wanda):
    # u4 stands in lines 5 and 7 with different content: both are held, and with them u4's enrollment.
    batch = sent(with_row(small(), "users.csv", "u4,,,true,s1,student,four,,Four,Other,,,,,,,09,"))

    page = words(wanda.get(f"/data/{batch.pk}/held/?code=id_repeated&file=users.csv"))

    assert "3 rows are held" in page
    assert "users.csv, line 7 Several rows with different content have the same id." in page
    assert re.search(r"enrollments.csv, line 4 .* It waits for users.csv, line [57]\.", page)


def test_an_unknown_cause_shows_all_held_rows(sent, wanda):
    batch = sent(HELD)

    assert "2 rows are held" in words(wanda.get(f"/data/{batch.pk}/held/?code=nothing&file=x"))


# What can be done when


def test_a_file_checked_before_another_was_applied_asks_to_be_checked_again(sent, wanda, west):
    sent(apply=True)
    first, second = sent(HELD), sent(small())
    actions.apply_batch(batch_id=second.pk, by=west, now=timezone.now())

    page = wanda.get(f"/data/{first.pk}/")
    assert "The roster has changed since this file was checked" in words(page)
    assert f"/data/{first.pk}/apply/" not in page.content.decode()
    assert wanda.post(f"/data/{first.pk}/apply/").status_code == 409

    assert wanda.post(f"/data/{first.pk}/check/").status_code == 302
    finish_work()
    page = wanda.get(f"/data/{first.pk}/")
    assert "The roster has changed" not in words(page)
    assert f"/data/{first.pk}/apply/" in page.content.decode()


def test_a_file_that_stopped_by_an_error_of_ours_can_be_checked_again(sent, wanda, databases):
    batch = sent()
    as_superuser(databases, "update intake_batch set status = 'failed'")
    assert "Have it checked again" in words(wanda.get(f"/data/{batch.pk}/"))

    wanda.post(f"/data/{batch.pk}/check/")
    finish_work()

    assert "rows that count are ready" in words(wanda.get(f"/data/{batch.pk}/"))


@pytest.mark.parametrize("status", ["applied", "undone", "refused", "discarded", "checking"])
def test_nothing_else_is_checked_again(sent, wanda, west, databases, status):
    batch = sent(apply=True)
    as_superuser(databases, "update intake_batch set status = %s", [status])

    assert wanda.post(f"/data/{batch.pk}/check/").status_code == 409


def test_nothing_is_decided_about_a_file_that_was_taken_back(sent, wanda, west):
    dated = with_row(small(), "enrollments.csv", "e9,,,k2,s1,u1,student,,2026-02-30,")
    batch = sent(dated, apply=True)
    assert "leave the field empty" in words(wanda.get(f"/data/{batch.pk}/"))

    actions.undo_batch(batch_id=batch.pk, by=west, now=timezone.now())

    assert "leave the field empty" not in words(wanda.get(f"/data/{batch.pk}/"))


def test_nothing_is_decided_about_a_file_when_a_later_one_is_in(sent, wanda, west):
    dated = with_row(small(), "enrollments.csv", "e9,,,k2,s1,u1,student,,2026-02-30,")
    older = sent(dated, apply=True)
    sent(small(), apply=True)
    choice = {"code": "date_impossible", "file": "enrollments.csv", "choice": "leave_empty"}

    assert "leave the field empty" not in words(wanda.get(f"/data/{older.pk}/"))
    answer = wanda.post(f"/data/{older.pk}/decide/", choice)

    assert answer.status_code == 409
    assert "A later file of this district is in." in words(answer)
    with enter(person=west, purpose="test"):
        assert Batch.objects.count() == 2


def test_what_was_ended_instead_of_deleted_is_named_with_the_work_that_needs_it(sent, wanda, west, world):
    batch = sent(apply=True)
    with enter(person=west, purpose="test"):
        guardian = Guardian.objects.get(source_id="u3")
        Link.objects.create(owner_id=world.WEST, person_id=world.ALI, guardian=guardian, since=world.LONG_AGO)

    actions.undo_batch(batch_id=batch.pk, by=west, now=timezone.now())

    page = words(wanda.get(f"/data/{batch.pk}/"))
    assert "what other work needs was ended" in page
    assert "Guardians 1 Accounts that people sign in with" in page


# Who may


@pytest.mark.parametrize("person", ["dana", "ann"])
def test_who_only_sees_counts_finds_no_button(after_first_file, person):  # noqa: F811
    client = signed_in(f"{person}@example.org")

    assert client.post(f"/data/{after_first_file}/check/").status_code == 403
    assert b"/check/" not in client.get(f"/data/{after_first_file}/").content


def test_another_districts_file_answers_like_a_missing_one(sent, wanda, world):
    batch, otto = sent(HELD), signed_in("otto@example.org")

    assert otto.post(f"/data/{batch.pk}/check/").status_code == 404
    assert otto.get(f"/data/{batch.pk}/held/").status_code == 404


def test_a_file_that_came_alone_bears_the_name_its_sender_knows(sent, tmp_path):
    table = tmp_path / "anything.csv"
    table.write_text(
        "DataYear|districtNumber|districtType|DistrictName|schoolNumber|SchoolName|Grade|WHT_Male|TotalStudents|TotalMinority\n"
        "12-13|9001|01|NORTH|010|OAK|01|x|25|6\n12-13|9001|01|NORTH|010|OAK|02|19|25|6\n"
    )
    batch = sent(path=table)
    page = words(signed_in("wanda@example.org").get(f"/data/{batch.pk}/"))

    assert batch.status == "checked"
    assert re.search(r"row in bundle.zip · line 2 .* bundle.zip 2 1 1 0", page)
    assert {one["file"] for one in problem_report(batch)["problems"]} == {"bundle.zip"}
