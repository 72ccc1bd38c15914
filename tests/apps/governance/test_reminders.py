"""Reminders: 60, 30 and 7 days before an agreement ends and before copies are destroyed, to each party once."""

import datetime

import pytest
from django.utils import timezone
from tests.signing_in import signed_in

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement, MailSettings
from commonground.apps.core.people.mail import MailRefused
from commonground.apps.governance import mailing, reminders
from commonground.apps.governance.models import Reminder, RemindersOff
from commonground.store.walls import enter

pytestmark = pytest.mark.database
DAY = datetime.timedelta(days=1)


class Post:
    """Every mail that left. refuses: addresses that the server does not take."""

    def __init__(self) -> None:
        self.sent: list[dict[str, str]] = []
        self.refuses: set[str] = set()

    def __call__(self, **mail: str) -> None:
        if mail["to"] in self.refuses:
            raise MailRefused("recipient", "no")
        self.sent.append(mail)

    def to(self) -> list[str]:
        return sorted(mail["to"] for mail in self.sent)


@pytest.fixture
def post(world, monkeypatch):
    """A mail server, with Dana and Cora to answer for the one agreement."""
    MailSettings.objects.create(
        host="mail.example.org", sender="house@example.org", changed_by_id=world.DANA, changed_at=timezone.now()
    )
    found = Post()
    monkeypatch.setattr(mailing, "send_mail", found)
    return found


@pytest.fixture
def ending(world, arrange):
    """The agreement of North: its last day comes in 100 days, its copies are destroyed 100 days later."""
    arrange("update core_agreement set until = cg.today() + 101, destroy_by = cg.today() + 201")
    return Agreement.objects.get(owner_id=world.NORTH)


def run(agreement, *, days_before, about="until"):
    """What a run sends that many days before."""
    day = getattr(agreement, about) - days_before * DAY
    return reminders.send_reminders(now=timezone.make_aware(datetime.datetime.combine(day, datetime.time(6))))


def test_each_party_gets_three_mails_before_the_end_and_three_before_destruction(post, ending):
    """By hand: 201 days of runs, two people, two last days, three steps: 2 * 2 * 3 = 12 mails."""
    left = [run(ending, days_before=days, about="destroy_by") for days in range(201, -2, -1)]

    assert sum(left) == len(post.sent) == 12
    assert post.to() == ["cora@example.org"] * 6 + ["dana@example.org"] * 6
    # The end comes 100 days before the destruction.
    days_with_mail = [201 - place for place, count in enumerate(left) if count]
    assert days_with_mail == [160, 130, 107, 60, 30, 7]


def test_run_twice_nothing_more_is_sent(post, ending):
    assert run(ending, days_before=60) == 2
    assert run(ending, days_before=60) == 0
    assert run(ending, days_before=59) == 0
    assert Reminder.objects.count() == 2


@pytest.mark.parametrize(("days", "sends"), [(61, 0), (60, 2), (1, 2), (0, 0), (-1, 0)])
def test_the_end_is_told_from_the_sixtieth_day_to_the_last(post, ending, days, sends):
    assert run(ending, days_before=days) == sends


def test_a_day_that_was_missed_is_made_up_for_once(post, ending):
    assert run(ending, days_before=52) == 2
    assert run(ending, days_before=20) == 2
    assert run(ending, days_before=19) == 0
    assert sorted(Reminder.objects.values_list("days", flat=True)) == [30, 30, 60, 60]


def test_what_the_server_refused_is_sent_at_the_next_run(post, ending):
    post.refuses = {"cora@example.org"}
    assert run(ending, days_before=60) == 1

    post.refuses = set()
    assert run(ending, days_before=59) == 1

    assert post.to() == ["cora@example.org", "dana@example.org"]


def test_no_name_stands_in_a_mail_and_no_district_in_a_subject(post, ending):
    run(ending, days_before=7)
    run(ending, days_before=7, about="destroy_by")

    assert {mail["subject"] for mail in post.sent} == {"An agreement ends soon", "Copies are to be destroyed soon"}
    text = " ".join(mail["text"] for mail in post.sent)
    assert "7 days are left." in text
    assert f"/collaborative/agreements/{ending.pk}/" in text
    assert not [name for name in ("Amina", "Ali", "Cora", "Dana", "Asha") if name in text]


@pytest.mark.parametrize("change", ["signed_on = null", "signed_on = cg.today() + 400"])
def test_what_nobody_signed_asks_nobody(post, ending, arrange, change):
    arrange(f"update core_agreement set {change}")

    assert run(ending, days_before=60) == 0


def test_what_another_follows_asks_nobody(post, ending, arrange):
    columns = "owner_id, collaborative_id, categories, ground, purpose, signed_on, signed_by"
    arrange(
        f"insert into core_agreement (id, {columns}, since, until, destroy_by)"
        f" select gen_random_uuid(), {columns}, until, until + 365, until + 400 from core_agreement"
    )

    assert run(ending, days_before=7) == run(ending, days_before=7, about="destroy_by") == 0


def test_an_end_that_comes_earlier_is_told_anew(post, ending, arrange):
    run(ending, days_before=60)
    arrange("update core_agreement set until = until - 20")
    earlier = Agreement.objects.get(pk=ending.pk)

    assert run(earlier, days_before=30) == 2


def test_a_closed_account_and_a_role_that_has_ended_get_nothing(post, ending, arrange, world):
    arrange("update core_person set is_active = false where id = %s", [world.CORA])
    arrange("update core_rolegrant set until = cg.today() where person_id = %s", [world.DANA])

    assert run(ending, days_before=60) == 0


def test_without_a_mail_server_nothing_is_recorded(world, ending):
    assert run(ending, days_before=60) == 0
    assert not Reminder.objects.exists()


# The switch


@pytest.mark.parametrize("who", ["cora", "dana"])
def test_either_party_switches_mails_off_and_on(world, post, ending, who):
    address, client = f"/collaborative/agreements/{ending.pk}/", signed_in(world.address(who))

    assert client.post(f"{address}reminders/", {"wanted": "no"}).status_code == 302
    assert "No mail leaves for this agreement." in client.get(address).content.decode()
    assert run(ending, days_before=60) == 0

    client.post(f"{address}reminders/", {"wanted": "yes"})
    assert run(ending, days_before=59) == 2


def test_a_third_district_switches_nothing(world, ending):
    address = f"/collaborative/agreements/{ending.pk}/reminders/"

    assert signed_in(world.address("otto")).post(address, {"wanted": "no"}).status_code == 404
    assert signed_in(world.address("ann")).post(address, {"wanted": "no"}).status_code == 403
    with pytest.raises(Refused), enter(person=world.OTTO, purpose="test"):
        reminders.switch_reminders(agreement=ending, wanted=False, by=world.OTTO)
    assert not RemindersOff.objects.exists()


# On Today


@pytest.mark.parametrize(
    ("days", "is_there", "counts", "is_first"),
    [(61, False, False, False), (60, True, False, False), (30, True, True, False), (7, True, True, True)],
)
def test_both_parties_see_before_copies_are_destroyed(world, arrange, days, is_there, counts, is_first):
    """The agreement has ended already, and its copies have not been destroyed yet."""
    arrange("update core_agreement set until = cg.today() - 1, destroy_by = cg.today() + %s", [days])

    for key in ("cora", "dana"):
        page = signed_in(world.address(key)).get("/").content.decode()
        row = next((one for one in page.split("<li") if "Copies of what North shared" in one), "")
        assert bool(row) is is_there
        assert (f"{days} days are left." in row) is counts
        assert ('class="now"' in row) is is_first
    assert "Copies of what" not in signed_in(world.address("otto")).get("/").content.decode()
