"""An incident: whose records were opened and whose could have been, told apart by district, and to nobody else.

The named cast: Dana directs; North shares its roster with the collaborative, South shares nothing. North has Amina, Bjorn
and Chue at North School (Chue is new there) and Dee elsewhere; South has Elia. Theo teaches Amina and Bjorn.
"""

import csv
import datetime
import uuid
from io import StringIO

import pytest
from django.utils import timezone
from tests.apps.home.conftest import arrange  # noqa: F401 - a fixture
from tests.apps.programs.conftest import gamma, outside  # noqa: F401 - fixtures
from tests.signing_in import signed_in
from tests.working import finish_work
from tests.world import WEST

from commonground.apps.core.asking import Refused
from commonground.apps.core.models import Agreement, Event, Person
from commonground.apps.governance.breach import actions, queries
from commonground.apps.governance.models import Incident, Packet, PacketLine
from commonground.store.walls import enter

pytestmark = pytest.mark.database
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
ROSTER = ("roster",)


def look(run, world, student, *, owner=None, at, person=None, page="home:student", role="director", agreement=None):
    """Somebody outside the district saw this student by name."""
    run(
        "insert into core_disclosureline (owner_id, student_id, person_id, role, organization_id, purpose, page, agreement_id, at)"
        " values (%s, %s, %s, %s, %s, 'Joint programs', %s, %s, %s)",
        [
            owner or world.NORTH,
            student,
            person or world.DANA,
            role,
            world.COLLABORATIVE,
            page,
            agreement or Agreement.objects.get(owner_id=world.NORTH).pk,
            at,
        ],
    )


def file_it(
    world, *, by=None, account=None, role="", agreement=None, categories=ROSTER, first=None, last=None, found=None
):
    """File an incident as Omar, over the last day unless told otherwise; its id."""
    now, who = timezone.now(), by or world.OMAR
    with enter(person=who, purpose="test"):
        return actions.file_incident(
            house_id=world.COLLABORATIVE,
            said="A password was on a note at the front desk.",
            account=Person.objects.get(pk=account) if account else None,
            role=role,
            agreement=agreement,
            categories=categories,
            began_at=first or now - DAY,
            ended_at=last or now,
            found_at=found or now,
            by=who,
        )


def packet_of(run, district):
    """The one packet of a district as (seen, reached, lines by student: looks, changes, pages, reached); None without."""
    found = run("select id, seen_count, reached_count from governance_packet where owner_id = %s", [district])
    if not found:
        return None
    ((pk, seen, reached),) = found
    lines = run(
        "select student_id, looks, changes, pages, reached from governance_packetline where packet_id = %s", [pk]
    )
    return seen, reached, {one[0]: one[1:] for one in lines}


# What is compiled


def test_looks_are_told_apart_from_what_was_within_reach_by_hand(world, arrange):  # noqa: F811
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - 3 * HOUR, page="home:students")
    look(arrange, world, world.AMINA, at=now - 2 * HOUR)
    look(arrange, world, world.DEE, at=now - 2 * HOUR)
    look(arrange, world, world.BJORN, at=now - 2 * DAY)  # before the window
    look(arrange, world, world.CHUE, at=now - HOUR, person=world.ANN, role="analyst")  # somebody else's

    file_it(world, account=world.DANA)

    # Opened: Amina twice, Dee once. Bjorn and Chue were shared and nobody opened them in the window.
    seen, reached, lines = packet_of(arrange, world.NORTH)
    assert (seen, reached) == (2, 2)
    assert lines == {
        world.AMINA: (2, 0, ["home:student", "home:students"], ["roster"]),
        world.DEE: (1, 0, ["home:student"], ["roster"]),
        world.BJORN: (0, 0, [], ["roster"]),
        world.CHUE: (0, 0, [], ["roster"]),
    }
    assert packet_of(arrange, world.SOUTH) is None
    ((days,),) = arrange("select days from governance_packet")
    assert [(one["looks"], one["students"]) for one in days] in ([(3, 2)], [(1, 1), (2, 2)])


@pytest.mark.parametrize(
    ("account", "categories", "north", "south"),
    [
        ("OTTO", ROSTER, set(), {"ELIA"}),  # a coordinator: the whole own district
        ("PRIYA", ROSTER, {"AMINA", "BJORN", "CHUE"}, set()),  # a principal: the own school
        ("THEO", ROSTER, {"AMINA", "BJORN"}, set()),  # a teacher: the own sections
        ("LENA", ROSTER, {"CHUE"}, set()),  # a liaison: who is new
        ("ALI", ROSTER, {"AMINA"}, {"ELIA"}),  # a family: the own children in every district
        ("DANA", ROSTER, {"AMINA", "BJORN", "CHUE", "DEE"}, set()),  # by the agreement
        ("DANA", ("contact",), set(), set()),  # which does not name contacts
        ("THEO", ("contact",), set(), set()),  # a teacher sees none
        ("OMAR", ROSTER, set(), set()),  # an operator sees no child
    ],
)
def test_what_each_role_had_within_reach(world, arrange, account, categories, north, south):  # noqa: F811
    file_it(world, account=getattr(world, account), categories=categories)

    for district, names in ((world.NORTH, north), (world.SOUTH, south)):
        found = packet_of(arrange, district)
        assert (set(found[2]) if found else set()) == {getattr(world, name) for name in names}


def test_reach_is_what_the_database_shows_today(world, arrange):  # noqa: F811
    """Where the window is today, the packet names exactly the students whom the walls show to the account."""
    from commonground.apps.roster.models import Student

    for key in ("DANA", "ANN", "CORA", "OTTO", "PRIYA", "THEO", "LENA", "ALI", "SVEN", "PETE"):
        who = getattr(world, key, None) or world.fixed(f"person-{key.lower()}")
        with enter(person=who, purpose="test"):
            shown = set(Student.objects.values_list("pk", flat=True))
        arrange("truncate governance_packetline, governance_packet")

        file_it(world, account=who, first=timezone.now() - 0.001 * HOUR)

        assert {one for (one,) in arrange("select student_id from governance_packetline")} == shown, key


def test_programs_put_registered_children_within_reach(world, arrange, gamma):  # noqa: F811
    """Pete teaches in the program: both districts' registered children, and nobody else."""
    everybody = {
        one
        for (one,) in arrange(
            "select student_id from programs_registration r join programs_seat s"
            " on s.registration_id = r.id where s.state = 'seated'"
        )
    }

    file_it(world, account=world.PETE, categories=("registration",))

    lines = {one for (one,) in arrange("select student_id from governance_packetline")}
    assert everybody <= lines
    assert lines <= {one for (one,) in arrange("select student_id from programs_registration")}


def test_an_agreement_that_had_ended_opens_nothing_and_one_of_those_days_does(world, arrange):  # noqa: F811
    arrange("update core_agreement set until = cg.today() - 10, destroy_by = cg.today() - 10")
    now = timezone.now()

    file_it(world, account=world.DANA)
    assert packet_of(arrange, world.NORTH) is None

    file_it(world, account=world.DANA, first=now - 20 * DAY, last=now - 12 * DAY)
    assert packet_of(arrange, world.NORTH)[:2] == (0, 4)


def test_a_role_that_had_ended_counts_in_the_days_in_which_it_was_held(world, arrange):  # noqa: F811
    arrange("update core_rolegrant set until = cg.today() - 10 where person_id = %s", [world.OTTO])
    now = timezone.now()

    with pytest.raises(Refused):
        file_it(world, account=world.OTTO)
    assert packet_of(arrange, world.SOUTH) is None

    file_it(world, account=world.OTTO, first=now - 20 * DAY, last=now - 12 * DAY)
    assert packet_of(arrange, world.SOUTH)[:2] == (0, 1)


def test_an_emergency_access_counts_while_it_was_open(world, arrange):  # noqa: F811
    now = timezone.now()
    arrange(
        "insert into core_breakglass (id, person_id, district_id, categories, reason, asked_at, approved_by_id, approved_at, until)"
        " values (gen_random_uuid(), %s, %s, '{roster}', 'a reason of twenty letters', %s, %s, %s, %s)",
        [world.OMAR, world.SOUTH, now - 6 * HOUR, world.DANA, now - 6 * HOUR, now - 2 * HOUR],
    )

    file_it(world, account=world.OMAR, first=now - HOUR)
    assert packet_of(arrange, world.SOUTH) is None

    file_it(world, account=world.OMAR, first=now - 3 * HOUR)
    assert packet_of(arrange, world.SOUTH)[:2] == (0, 1)


def test_by_agreement_alone_everybody_who_used_it_counts_and_nothing_else(world, arrange):  # noqa: F811
    now = timezone.now()
    look(arrange, world, world.AMINA, at=now - HOUR)
    look(arrange, world, world.BJORN, at=now - HOUR, person=world.ANN, role="analyst")
    look(arrange, world, world.ELIA, owner=world.SOUTH, at=now - HOUR, agreement=uuid.uuid4())

    file_it(world, agreement=Agreement.objects.get(owner_id=world.NORTH))

    assert packet_of(arrange, world.NORTH)[:2] == (2, 2)
    assert packet_of(arrange, world.SOUTH) is None


def test_what_the_account_changed_counts_as_opened(world, arrange):  # noqa: F811
    for table, row, old in (
        ("roster_student", world.ELIA, "{}"),
        ("x", uuid.uuid4(), f'{{"student_id": "{world.ELIA}"}}'),
    ):
        arrange(
            "insert into core_change (owner_id, table_name, row_id, operation, old, person_id, purpose, at)"
            " values (%s, %s, %s, 'U', %s, %s, '', now())",
            [world.SOUTH, table, row, old, world.OTTO],
        )

    file_it(world, account=world.OTTO)

    assert packet_of(arrange, world.SOUTH) == (1, 0, {world.ELIA: (0, 2, [], ["roster"])})


def test_a_district_that_was_no_member_in_those_days_is_none_of_the_houses_business(world, arrange):  # noqa: F811
    arrange("update core_membership set until = cg.today() - 5 where organization_id = %s", [world.SOUTH])

    file_it(world, account=world.ALI)

    assert packet_of(arrange, world.NORTH) is not None
    assert packet_of(arrange, world.SOUTH) is None


# Who may


@pytest.mark.parametrize(
    "change",
    [
        f"organization_id = '{WEST}'",  # no member
        "until = cg.today() - 3",  # over before the window
        "since = cg.today() + 1",  # begun after it
    ],
)
def test_an_account_that_had_nothing_to_do_with_the_house_in_those_days_is_refused(world, arrange, change):  # noqa: F811
    arrange(f"update core_rolegrant set {change} where person_id = %s", [world.PRIYA])

    with pytest.raises(Refused) as refused:
        file_it(world, account=world.PRIYA)

    assert refused.value.word == "no_account"
    assert arrange("select count(*) from governance_incident") == [(0,)]


def test_a_role_that_ended_on_the_first_day_of_the_window_still_counts(world, arrange):  # noqa: F811
    """Its looks of that morning do: the role was ended because of them."""
    arrange("update core_rolegrant set until = cg.today() - 1 where person_id = %s", [world.DANA])
    look(arrange, world, world.AMINA, at=timezone.now() - HOUR)

    file_it(world, account=world.DANA)

    assert packet_of(arrange, world.NORTH)[0] == 1


def test_an_unknown_account_and_a_foreign_one_are_answered_alike(world, arrange):  # noqa: F811
    """Also beside another mistake: then neither is looked up."""
    arrange(f"update core_rolegrant set organization_id = '{WEST}' where person_id = %s", [world.PRIYA])

    def answers(address):
        found = []
        for changed in ({}, {"said": "too short"}):
            answer = filed(world, account=address, **changed)
            found.append((answer.status_code, dict(answer.context["form"].errors)))
        return found

    assert answers("priya@example.org") == answers("nobody@example.org")
    assert "account" in answers("priya@example.org")[0][1]


@pytest.mark.parametrize("by", ["CORA", "OTTO", "ANN", "PRIYA", "ALI", "PAM"])
def test_nobody_but_director_and_operator_files(world, by):
    with pytest.raises(Refused):
        file_it(world, by=getattr(world, by), account=world.DANA)


def test_times_out_of_order_are_refused(world):
    now = timezone.now()
    for wrong in (
        {"first": now, "last": now - HOUR},
        {"last": now + HOUR},
        {"found": now + HOUR},
        {"found": now - 2 * DAY},
    ):
        with pytest.raises(Refused):
            file_it(world, account=world.DANA, **wrong)


def test_each_district_sees_its_own_packet_and_the_house_none(world, arrange):  # noqa: F811
    file_it(world, account=world.ALI)

    def seen(who):
        with enter(person=getattr(world, who), purpose="test"):
            tables = (Incident, Packet, PacketLine)
            return tuple(set(table.objects.values_list("owner_id", flat=True)) for table in tables)

    assert seen("OMAR") == seen("DANA") == ({world.COLLABORATIVE}, set(), set())
    assert seen("CORA") == (set(), {world.NORTH}, {world.NORTH})
    assert seen("OTTO") == (set(), {world.SOUTH}, {world.SOUTH})
    for who in ("ALI", "PRIYA", "THEO", "LENA", "ANN", "PAM", "PETE"):
        assert seen(who) == (set(), set(), set())


def test_counts_are_for_those_who_answer_for_the_house(world):
    incident = file_it(world, account=world.ALI)

    def counted(who):
        with enter(person=getattr(world, who), purpose="test"):
            return [(one.district, one.seen_count, one.reached_count) for one in queries.counts_of([incident])]

    assert counted("OMAR") == counted("DANA") == [("North", None, None), ("South", None, None)]
    assert counted("CORA") == counted("ALI") == []


def test_the_house_is_told_no_number_below_ten(world, arrange):  # noqa: F811
    incident = file_it(world, account=world.DANA)
    arrange("update governance_packet set seen_count = 10, reached_count = 9")

    with enter(person=world.OMAR, purpose="test"):
        assert [(one.seen_count, one.reached_count) for one in queries.counts_of([incident])] == [(10, None)]


# The pages


def typed(**changed):
    now = timezone.localtime()
    moments = {"began_at": now - DAY, "ended_at": now - HOUR, "found_at": now - HOUR / 2}
    return {
        "said": "A password was on a note at the front desk.",
        "account": "",
        "role": "",
        "agreement": "",
        "categories": ["roster", "contact"],
        **{key: at.strftime("%Y-%m-%dT%H:%M") for key, at in moments.items()},
        **changed,
    }


def filed(world, **changed):
    client = signed_in(world.address("omar"))
    return client.post("/collaborative/incidents/file/", typed(house=str(world.COLLABORATIVE), **changed))


def packet_address(run, district):
    ((pk,),) = run("select id from governance_packet where owner_id = %s", [district])
    return f"/collaborative/incidents/packets/{pk}/"


def test_the_operator_files_and_reads_counts_and_no_name(world, arrange):  # noqa: F811
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


def test_the_district_reads_names_duties_and_days_and_each_look_is_recorded(world, arrange):  # noqa: F811
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


def test_the_clock_runs_72_hours_from_when_it_was_found(world, arrange):  # noqa: F811
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


def test_letters_are_in_the_language_of_the_home_where_pages_are_complete_in_it(world, arrange):  # noqa: F811
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


def test_the_list_is_a_table_that_no_program_runs(world, arrange):  # noqa: F811
    arrange("update roster_guardian set phone = '=HYPERLINK(1)' where id = %s", [world.GUARDIAN_NORTH])
    filed(world, account="dana@example.org")

    answer = signed_in(world.address("cora")).get(f"{packet_address(arrange, world.NORTH)}list/")

    rows = list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Student", "Ali, Amina", "Åsen, Bjørn", "O’Brien, Dee", "Vang, Chue"]
    assert rows[1][9:12] == ["Asha Ali", "", "'=HYPERLINK(1)"]
    assert Event.objects.get(kind="incident.packet_opened").detail == {"part": "list", "lines": 4}


def test_told_on_a_day_the_house_sees_and_today_forgets(world, arrange):  # noqa: F811
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
def test_another_districts_packet_answers_like_a_missing_one(world, arrange, part):  # noqa: F811
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
def test_districts_are_told_also_after_the_role_of_who_filed_has_ended(world, arrange, monkeypatch, change):  # noqa: F811
    sent = []
    monkeypatch.setattr("commonground.apps.governance.mailing.send_mail", lambda **mail: sent.append(mail))
    incident = file_it(world, account=world.ALI)
    arrange(f"update core_rolegrant set {change} where person_id = %s", [world.OMAR])

    assert actions.tell_districts(incident_id=incident, by=world.OMAR) == 2

    assert sorted(mail["to"] for mail in sent) == ["cora@example.org", "otto@example.org"]


def test_nobody_else_is_told_which_districts_an_incident_touches(world):
    incident = file_it(world, account=world.ALI)

    assert actions.tell_districts(incident_id=incident, by=world.DANA) == 0
