"""The pages of incidents: filing, the packet, letters, the list, telling families, mails."""

import csv
import uuid
from io import StringIO

import pytest
from django.utils import timezone
from tests.apps.governance.incidents import DAY, HOUR, file_it, filed, look, packet_address
from tests.signing_in import signed_in
from tests.working import finish_work

from commonground.apps.core.models import Event
from commonground.apps.governance.breach import actions, queries
from commonground.apps.governance.models import Incident, Packet
from commonground.store.walls import enter

pytestmark = pytest.mark.database


def test_the_operator_files_and_reads_counts_and_no_name(world, arrange):
    look(arrange, world, world.AMINA, at=timezone.now() - 3 * HOUR)

    answer = filed(world, account="DANA@example.org")

    assert answer.status_code == 302
    for key in ("omar", "dana"):
        page = signed_in(world.address(key)).get("/collaborative/incidents/").content.decode()
        assert "A password was on a note" in page
        assert page.split('<th scope="row">North</th>')[1].split("</tr>")[0].count("Fewer than 10") == 2
        assert "dana@example.org" in page
        assert "Dana Director" not in page.split("<main")[1].split("Through")[1].split("</dd>")[0]
        assert not [name for name in ("Amina", "Bjørn", "Chue", "Vang") if name in page]
        assert signed_in(world.address(key)).get(packet_address(arrange, world.NORTH)).status_code == (403)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"said": "too short"}, "20 characters"),
        ({}, "Give an account, a role or an agreement"),
        ({"account": "nobody@example.org"}, "No account with this address"),
        ({"account": "dana@example.org", "ended_at": "2099-01-01T00:00"}, "this is later than now"),
        ({"account": "dana@example.org", "began_at": "2099-01-01T00:00"}, "It ended before it began."),
        ({"account": "dana@example.org", "found_at": "2001-01-01T00:00"}, "It is found after it began"),
        ({"account": "dana@example.org", "categories": []}, "Check at least one."),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(world, changed, says):
    answer = filed(world, **changed)

    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_the_district_reads_names_duties_and_days_and_each_look_is_recorded(world, arrange):
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - 3 * HOUR)
    filed(world, account="dana@example.org")
    address, cora = packet_address(arrange, world.NORTH), signed_in(world.address("cora"))

    page = cora.get(address).content.decode()
    others = cora.get(f"{address}?which=reached").content.decode()

    assert "The records of 1 student were opened" in page
    assert "Ali, Amina" in page
    assert "Asha Ali" in page
    assert "Somali" in page
    assert "Vang, Chue" not in page
    assert "Vang, Chue" in others
    assert "13.055, subd. 2(a)" in page
    assert "consumer reporting" not in page
    events = Event.objects.filter(kind="incident.packet_opened").order_by("number")
    assert [(one.person_id, one.organization_id, one.detail) for one in events] == [
        (world.CORA, world.NORTH, {"part": "page", "lines": 1}),
        (world.CORA, world.NORTH, {"part": "page", "lines": 3}),
    ]
    assert "Cora Coordinator" in others.split("Who opened this packet")[1]


def test_the_clock_runs_72_hours_from_when_it_was_found(world, arrange):
    found = timezone.now() - 71 * HOUR
    file_it(world, account=world.DANA, first=found - DAY, last=found, found=found)
    ((pk,),) = arrange("select id from governance_packet")
    with enter(person=world.CORA, purpose="test"):
        packet = Packet.objects.select_related("owner", "account").get(pk=pk)

        assert queries.clock_of(packet) == packet.found_at + 72 * HOUR
        assert not queries.packet_page(packet, now=timezone.now()).is_late
        assert queries.packet_page(packet, now=timezone.now() + 2 * HOUR).is_late


@pytest.mark.parametrize(("count", "are_told"), [(999, False), (1000, False), (1001, True)])
def test_above_a_thousand_people_the_agencies_are_told_too(count, are_told):
    moment = timezone.now()
    packet = Packet(seen_count=1, reached_count=count - 1, found_at=moment)

    assert any("consumer reporting" in one.words for one in queries._duties(packet, moment)) is are_told


def test_letters_are_in_the_language_of_the_home_where_pages_are_complete_in_it(world, arrange):
    now = timezone.now()
    for student in (world.AMINA, world.BJORN):
        look(arrange, world, student, at=now - 3 * HOUR)
    arrange("update roster_guardian set home_language = 'es-MX' where id = %s", [world.GUARDIAN_NORTH])
    filed(world, account="dana@example.org")
    address = packet_address(arrange, world.NORTH)

    page = signed_in(world.address("cora")).get(f"{address}letters/").content.decode()

    letters = page.split("<article")[1:]
    assert len(letters) == 2
    assert 'lang="es"' in letters[0]
    assert "A la familia de Amina Ali" in letters[0]
    assert "Esta traducción" in letters[0]
    assert 'lang="en"' in letters[1]  # Somali, whose pages are not complete
    assert "To the family of Bjørn Åsen" in letters[1]
    assert "password" not in page


def test_the_list_is_a_table_that_no_program_runs(world, arrange):
    arrange("update roster_guardian set phone = '=HYPERLINK(1)' where id = %s", [world.GUARDIAN_NORTH])
    filed(world, account="dana@example.org")

    answer = signed_in(world.address("cora")).get(f"{packet_address(arrange, world.NORTH)}list/")

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Student", "Ali, Amina", "Åsen, Bjørn", "O’Brien, Dee", "Vang, Chue"]
    assert rows[1][9:12] == ["Asha Ali", "", "'=HYPERLINK(1)"]
    assert Event.objects.get(kind="incident.packet_opened").detail == {"part": "list", "lines": 4}


def test_told_on_a_day_the_house_sees_and_today_forgets(world, arrange):
    filed(world, account="dana@example.org")
    address, cora = packet_address(arrange, world.NORTH), signed_in(world.address("cora"))
    assert "An incident touches North" in cora.get("/").content.decode()

    early = cora.post(f"{address}told/", {"told_on": "2001-01-01"})
    answer = cora.post(f"{address}told/", {"told_on": timezone.localdate().isoformat()})

    assert early.status_code == 422
    assert answer.status_code == 302
    assert "An incident touches North" not in cora.get("/").content.decode()
    with enter(person=world.OMAR, purpose="test"):
        incident = Incident.objects.get()
        assert [one.told_on for one in queries.counts_of([incident.pk])] == [timezone.localdate()]


@pytest.mark.parametrize("part", ["", "letters/", "list/"])
def test_another_districts_packet_answers_like_a_missing_one(world, arrange, part):
    filed(world, account="dana@example.org")
    address, otto = packet_address(arrange, world.NORTH), signed_in(world.address("otto"))

    assert otto.get(f"{address}{part}").status_code == 404
    assert otto.get(f"/collaborative/incidents/packets/{uuid.uuid4()}/{part}").status_code == 404
    assert otto.post(f"{address}told/", {"told_on": "2026-11-24"}).status_code == 404
    assert not Event.objects.filter(kind="incident.packet_opened").exists()


def test_districts_are_told_by_a_mail_that_names_nobody(world, monkeypatch):
    sent = []
    monkeypatch.setattr("commonground.apps.governance.mailing.send_mail", lambda **mail: sent.append(mail))
    incident = file_it(world, account=world.ALI)

    finish_work()
    assert actions.tell_districts(incident_id=incident, by=world.OMAR) == 0

    assert sorted(mail["to"] for mail in sent) == ["cora@example.org", "otto@example.org"]
    text = " ".join(f"{mail['subject']} {mail['text']}" for mail in sent)
    assert not [name for name in ("Ali", "Amina", "Elia", "North", "South", "note") if name in text]
    assert "/collaborative/incidents/" in text


@pytest.mark.parametrize("change", ["until = cg.today()", "since = cg.today() + 1"])
def test_districts_are_told_also_after_the_role_of_who_filed_has_ended(world, arrange, monkeypatch, change):
    sent = []
    monkeypatch.setattr("commonground.apps.governance.mailing.send_mail", lambda **mail: sent.append(mail))
    incident = file_it(world, account=world.ALI)
    arrange(f"update core_rolegrant set {change} where person_id = %s", [world.OMAR])

    assert actions.tell_districts(incident_id=incident, by=world.OMAR) == 2

    assert sorted(mail["to"] for mail in sent) == ["cora@example.org", "otto@example.org"]


def test_nobody_else_is_told_which_districts_an_incident_touches(world):
    incident = file_it(world, account=world.ALI)

    assert actions.tell_districts(incident_id=incident, by=world.DANA) == 0
