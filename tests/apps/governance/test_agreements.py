"""Agreements: either party writes, the district alone signs, either ends; the words say what the database opens."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement
from commonground.apps.core.roles import ROLES
from commonground.apps.governance import actions
from commonground.apps.governance.models import AgreementFile
from commonground.apps.governance.queries.agreements import opened_to, sentences
from commonground.apps.roster.models import Student
from commonground.store.walls import enter

pytestmark = pytest.mark.database
DAY = datetime.timedelta(days=1)
PAPER = b"%PDF-1.7 the signed paper"


def today():
    return timezone.localdate()


def draft(world, *, by="OTTO", place="SOUTH", until=None, categories=("roster",), ground="evaluation"):
    who = getattr(world, by)
    with enter(person=who, purpose="test"):
        return actions.draft_agreement(
            owner_id=getattr(world, place),
            house_id=world.COLLABORATIVE,
            categories=categories,
            ground=ground,
            purpose="Joint programs",
            since=today(),
            until=until or today() + 100 * DAY,
            destroy_by=(until or today() + 100 * DAY) + 90 * DAY,
            by=who,
        )


def sign(world, agreement, *, by="OTTO", on=None):
    who = getattr(world, by)
    with enter(person=who, purpose="test"):
        actions.sign_agreement(
            agreement=agreement, signed_by="S. Lee", house_signed_by="D. Dana", signed_on=on or today(), by=who
        )


def seen_by_dana(world, *, at=None):
    from django.db import connection

    with enter(person=world.DANA, purpose="test"):
        if at:
            connection.cursor().execute("select set_config('cg.clock', %s, true)", [at.isoformat()])
        return set(Student.objects.filter(owner_id=world.SOUTH).values_list("pk", flat=True))


def test_signed_by_the_district_it_opens_until_its_last_day(world):
    agreement = draft(world, until=today() + 10 * DAY)
    assert seen_by_dana(world) == set()

    sign(world, agreement)

    assert seen_by_dana(world) == {world.ELIA}
    assert seen_by_dana(world, at=today() + 9 * DAY) == {world.ELIA}
    assert seen_by_dana(world, at=today() + 10 * DAY) == set()


@pytest.mark.parametrize("by", ["DANA", "CORA", "OMAR", "ANN"])
def test_nobody_but_the_districts_coordinator_signs(world, by):
    agreement = draft(world, by="DANA")

    with pytest.raises(Refused):
        sign(world, agreement, by=by)
    assert seen_by_dana(world) == set()


@pytest.mark.parametrize(("by", "place"), [("CORA", "SOUTH"), ("ANN", "SOUTH"), ("DANA", "WEST"), ("OTTO", "WEST")])
def test_only_a_party_writes_and_only_for_a_member(world, by, place):
    with pytest.raises(Refused):
        draft(world, by=by, place=place)


def test_a_signature_of_tomorrow_is_refused(world):
    with pytest.raises(Refused):
        sign(world, draft(world), on=today() + DAY)


@pytest.mark.parametrize("by", ["OTTO", "DANA"])
def test_either_party_ends_it_and_it_opens_nothing_at_once(world, by):
    agreement = draft(world)
    sign(world, agreement)

    with enter(person=getattr(world, by), purpose="test"):
        actions.end_agreement(agreement=agreement, last_day=today(), by=getattr(world, by))

    assert seen_by_dana(world) == set()
    ended = Agreement.objects.get(pk=agreement.pk)
    assert (ended.until, ended.ended_by_id) == (today(), getattr(world, by))


def test_a_third_district_ends_nothing(world):
    agreement = draft(world)
    sign(world, agreement)

    with pytest.raises(Refused), enter(person=world.CORA, purpose="test"):
        actions.end_agreement(agreement=agreement, last_day=today(), by=world.CORA)


def test_an_end_cannot_be_moved_later(world):
    agreement = draft(world)
    sign(world, agreement)

    with pytest.raises(Refused), enter(person=world.DANA, purpose="test"):
        actions.end_agreement(agreement=agreement, last_day=today() + 200 * DAY, by=world.DANA)


def test_the_words_name_role_house_district_day_and_what(world):
    agreement = draft(world, until=datetime.date(2027, 7, 1), categories=("roster", "contact"))

    director = next(one for one in sentences(agreement) if "Director" in one)
    analyst = next(one for one in sentences(agreement) if "analyst" in one)

    assert director.startswith(
        "Until June 30, 2027 the role Director of the collaborative at Valley Collaborative sees of South: name, date of birth"
    )
    assert "telephone numbers" in director
    assert "telephone numbers" not in analyst


@pytest.mark.parametrize(
    ("ground", "opened"),
    [("school_official", ["registration"]), ("consent", ["registration"]), ("studies", []), ("evaluation", [])],
)
def test_a_study_or_an_audit_opens_no_program(ground, opened):
    agreement = Agreement(ground=ground, categories=["registration", "meals"])

    assert opened_to(ROLES["program_teacher"], agreement) == opened


def test_the_words_name_the_mentor_to_whom_the_district_gives_students(world):
    agreement = draft(world, categories=("roster",), ground="school_official")

    said = sentences(agreement)

    assert not any("Mentor" in one for one in sentences(draft(world, categories=("roster",), ground="studies")))
    (mentor,) = [one for one in said if "the role Mentor at Valley Collaborative" in one]
    assert (
        "sees of those students alone whom South gives to this person, with notes about meetings: name, date" in mentor
    )
    assert not any("Counselor" in one or "liaison" in one for one in said)


# The pages


@pytest.fixture
def otto(world):
    return signed_in(world.address("otto"))


def test_written_signed_with_its_paper_and_read_by_the_other_party(world, otto):
    dana = signed_in(world.address("dana"))
    days = {
        "since": today().isoformat(),
        "last_day": (today() + 99 * DAY).isoformat(),
        "destroy_by": (today() + 200 * DAY).isoformat(),
    }
    written = dana.post(
        "/collaborative/agreements/write/",
        {
            "parties": f"{world.SOUTH} {world.COLLABORATIVE}",
            "categories": ["roster"],
            "purpose": "Joint programs",
            "ground": "evaluation",
            **days,
        },
    )
    assert written.status_code == 302
    assert b"Nothing before it is signed" in dana.get(written.url).content
    assert dana.post(f"{written.url}sign/", {}).status_code == 403

    answer = otto.post(
        f"{written.url}sign/",
        {
            "signed_by": "S. Lee, superintendent",
            "house_signed_by": "D. Dana, director",
            "signed_on": today().isoformat(),
            "file": SimpleUploadedFile("signed.pdf", PAPER),
        },
    )

    assert answer.status_code == 302
    assert seen_by_dana(world) == {world.ELIA}
    assert b"Today, to nobody more than this" in dana.get(written.url).content
    paper = dana.get(f"{written.url}paper/")
    assert paper.content == PAPER
    assert paper["Content-Disposition"] == 'attachment; filename="agreement.pdf"'
    cora = signed_in(world.address("cora"))
    assert cora.get(f"{written.url}paper/").status_code == cora.get(written.url).status_code == 404
    with enter(person=world.CORA, purpose="test"):
        assert not AgreementFile.objects.exists()


def test_another_districts_agreement_answers_like_a_missing_one(world, otto):
    theirs = Agreement.objects.get(owner_id=world.NORTH)

    for pk in (theirs.pk, uuid.uuid4()):
        assert otto.get(f"/collaborative/agreements/{pk}/").status_code == 404
        for verb in ("sign", "end", "paper/keep"):
            assert otto.post(f"/collaborative/agreements/{pk}/{verb}/").status_code == 404


@pytest.mark.parametrize("content", [b"<html>", b"", b"MZ"])
def test_what_is_no_pdf_is_not_kept(world, otto, content):
    agreement = draft(world)
    sign(world, agreement)

    otto.post(f"/collaborative/agreements/{agreement.pk}/paper/keep/", {"file": SimpleUploadedFile("x.pdf", content)})

    with enter(person=world.OTTO, purpose="test"):
        assert not AgreementFile.objects.exists()


def test_a_paper_larger_than_is_kept_is_told_before_it_is_sent_and_refused(world, otto):
    agreement = draft(world)
    typed = {"signed_by": "A", "house_signed_by": "B", "signed_on": timezone.localdate().isoformat()}
    address = f"/collaborative/agreements/{agreement.pk}/"
    assert f'data-most-bytes="{actions.MOST_BYTES}"' in otto.get(address).content.decode()

    paper = SimpleUploadedFile("x.pdf", PAPER.ljust(actions.MOST_BYTES + 1))
    page = otto.post(f"{address}sign/", typed | {"file": paper}).content.decode()

    assert "larger than 10 MB" in page
    with enter(person=world.OTTO, purpose="test"):
        assert not AgreementFile.objects.exists()
        assert Agreement.objects.get(pk=agreement.pk).signed_on is None


def test_a_paper_changed_outside_is_not_handed_out(world, otto):
    agreement = draft(world)
    sign(world, agreement)
    otto.post(f"/collaborative/agreements/{agreement.pk}/paper/keep/", {"file": SimpleUploadedFile("x.pdf", PAPER)})
    with enter(person=world.OTTO, purpose="test"):
        actions.path_of(AgreementFile.objects.get()).write_bytes(b"%PDF-forged")

    assert otto.get(f"/collaborative/agreements/{agreement.pk}/paper/").status_code == 302


@pytest.mark.parametrize(
    ("days", "is_there", "counts", "is_first"),
    [(61, False, False, False), (60, True, False, False), (30, True, True, False), (7, True, True, True)],
)
def test_both_parties_are_reminded_60_30_and_7_days_before(world, otto, days, is_there, counts, is_first):
    sign(world, draft(world, until=today() + days * DAY))

    for client in (otto, signed_in(world.address("dana"))):
        page = client.get("/").content.decode()
        row = next((one for one in page.split("<li") if "The agreement with South ends on" in one), "")
        assert bool(row) is is_there
        assert (f"{days} days are left." in row) is counts
        assert ('class="now"' in row) is is_first


def test_a_paper_that_is_refused_leaves_the_agreement_unsigned(world):
    agreement = draft(world)
    sent = {
        "signed_by": "S. Lee",
        "house_signed_by": "D. Dana",
        "signed_on": today().isoformat(),
        "file": SimpleUploadedFile("paper.pdf", b"MZ no paper"),
    }

    answer = signed_in("otto@example.org").post(f"/collaborative/agreements/{agreement.pk}/sign/", sent)

    assert answer.status_code == 422
    assert seen_by_dana(world) == set()
    with enter(person=world.OTTO, purpose="test"):
        assert Agreement.objects.get(pk=agreement.pk).signed_on is None


def test_a_replaced_paper_is_deleted_from_the_disk(world, otto):
    agreement = draft(world)
    keep = f"/collaborative/agreements/{agreement.pk}/paper/keep/"
    otto.post(keep, {"file": SimpleUploadedFile("x.pdf", PAPER)})
    with enter(person=world.OTTO, purpose="test"):
        first = actions.path_of(AgreementFile.objects.get(agreement=agreement))
    assert first.is_file()

    otto.post(keep, {"file": SimpleUploadedFile("y.pdf", PAPER + b", scanned again")})

    with enter(person=world.OTTO, purpose="test"):
        kept = AgreementFile.objects.get(agreement=agreement)
        assert actions.read_file(kept) == PAPER + b", scanned again"
    assert not first.exists()
