"""A day at the site with invented words in every category of record, and everything that the day leaves behind.

`walk` plants the words, does what people do, lets things go wrong on purpose, and gathers logs, mail, jobs, errors,
addresses, exports, caches, ledgers and backups. `test_canaries.py` then looks for the words.
"""

import datetime
import re
import socket
import uuid
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from tests.apps.programs import arranged
from tests.conftest import commonground
from tests.formats.bundles import small, with_row, with_text, write_zip
from tests.walls.canaries_written import caseload, coaching
from tests.walls.left_behind import (
    CANARIES,
    GUARDIAN,
    HEARD,
    Left,
    Server,
    Walker,
    gather,
    listening,
    signed_in,
    went,
)
from tests.working import finish_work


def walk(world, outside, folder: Path) -> Left:
    """The whole day. outside: runs a statement as the superuser. folder: for files that are sent and backups."""
    left = Left()
    plant(world, outside)
    with pytest.MonkeyPatch.context() as patch, listening(left):
        _open_mail(patch, left, outside)
        _strangers(left)
        _files(world, left, outside, folder)
        _people(world, left)
        _families(world, left)
        _program(world, left, outside)
        caseload(world, left)
        coaching(world, left)
        _emergency(world, left, outside)
        _exports(world, left)
        _everywhere(left)
        _breaking(world, left)
        outside(f"do $$ begin raise log '{HEARD}'; end $$")
        gather(left, outside, folder)
    return left


def plant(world, outside) -> None:
    """The words that are there before anybody does anything."""
    arranged.arrange(outside, today=timezone.localdate())
    c = CANARIES
    given, family = c["student's given name"], c["student's family name"]
    outside(
        "update roster_student set given_name = %s, family_name = %s, name_key = %s, source_id = %s where id = %s",
        [given, family, f"{family} {given}".lower(), c["student's identifier"], world.AMINA],
    )
    other = c["student's name in another district"]
    outside(
        "update roster_student set given_name = %s, name_key = %s where id = %s",
        [other, f"ali {other}".lower(), world.ELIA],
    )
    outside(
        "update roster_guardian set given_name = %s where id = %s",
        [c["guardian's name"], world.GUARDIAN_NORTH],
    )
    outside(
        "update programs_care set allergies = %s, medicines = %s, contact_name = %s",
        [c["allergy"], c["medicine"], c["contact for emergencies"]],
    )
    outside(
        "insert into core_person (id, email, name, password, language, is_active, is_invented, created_at)"
        " values (%s, 'wanda@example.org', 'Wanda', '!', '', true, true, now())",
        [world.fixed("person-wanda")],
    )
    outside(
        "insert into core_rolegrant (id, person_id, role, organization_id, since)"
        " values (gen_random_uuid(), %s, 'coordinator', %s, '2020-01-01')",
        [world.fixed("person-wanda"), world.WEST],
    )


def _open_mail(patch, left: Left, outside) -> None:
    from commonground.apps.core.people import mail

    patch.setattr(mail, "_connection", lambda *_: Server(left))
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 587))]
    patch.setattr(mail.socket, "getaddrinfo", lambda *_, **__: found)
    sent = {
        "host": "smtp.example.org",
        "port": "587",
        "security": "starttls",
        "username": "",
        "password": "",
        "sender": "no-reply@example.org",
    }
    went(signed_in(left, "dana").post("/people/mail/", sent))


def _strangers(left: Left) -> None:
    """Wrong ways in, and what one types by mistake into a form."""
    stranger = Walker(left)
    wrong = {"login": f"{CANARIES['address typed wrong']}@example.org", "password": CANARIES["password typed wrong"]}
    stranger.post("/account/sign-in/", wrong)
    stranger.post("/account/sign-in/", wrong | {"login": "ali@example.org"})
    stranger.post("/people/code/", {"code": CANARIES["password typed wrong"]})
    stranger.post("/account/demonstration/", {"email": wrong["login"], "code": "000000"})
    went(stranger.get("/nowhere/"), 404)
    went(stranger.get("/students/"))


def bundle() -> dict[str, bytes]:
    """A small bundle whose first student, its guardian and its birth place bear the words."""
    c = CANARIES
    given, family, identifier = (c[f"student's {what}"] for what in ("given name", "family name", "identifier"))
    whole = with_text(small(), "users.csv", "one,,One,Example,,,", f"one,,{given},{family},,{identifier},")
    guardian = f"three,,{c[GUARDIAN]},Example,,,,,612-555-0187,"
    whole = with_text(whole, "users.csv", "three,,Three,Example,,,,,,", guardian)
    heading, *rows = whole["users.csv"].decode().splitlines()
    lines = [f"{heading},metadata.meals", *(f"{row},{c['meals status']}" for row in rows)]
    whole["users.csv"] = "".join(f"{line}\n" for line in lines).encode()
    born = with_text(whole, "demographics.csv", ",false,,,,\n", f",false,,,{c['birth place']},,{c['race in words']}\n")
    heading, rest = born["demographics.csv"].split(b"\n", 1)
    return born | {"demographics.csv": heading + b",metadata.groups\n" + rest}


def spoiled() -> dict[str, bytes]:
    """The same with rows that must wait: a dangling user, a row of another width, a day that cannot be."""
    word = CANARIES["value in a row that is held"]
    whole = with_row(bundle(), "enrollments.csv", f"e9,,,k1,s1,{word},student,,,", f"e10,{word}")
    return with_row(whole, "demographics.csv", f"u4,,,{word},female,false,false,false,false,true,false,false,,,,,")


def _send(wanda: Walker, world, content: bytes) -> str:
    """Send a file under a telling name and have it checked; the address of its page."""
    name = f"{CANARIES['label of a file']} 7B.zip"
    sent = {"district": str(world.WEST), "file": SimpleUploadedFile(name, content)}
    address = went(wanda.post("/data/send/", sent)).url
    finish_work()
    went(wanda.get(address), 200)
    return address


def _files(world, left: Left, outside, folder: Path) -> None:
    """Two refused files, a spoiled one that is set aside, one that is applied, taken back, sent again and applied."""
    wanda = signed_in(left, "wanda")
    refused = CANARIES["value in a file that is refused"]
    good, bad = (write_zip(one, folder / f"{key}.zip") for key, one in (("good", bundle()), ("bad", spoiled())))
    broken = write_zip(spoiled() | {"courses.csv": f"{refused}\0,x\n".encode()}, folder / "broken.zip")

    _send(wanda, world, f"no archive, {refused}".encode())
    _send(wanda, world, broken.read_bytes())
    address = _send(wanda, world, bad.read_bytes())
    left.pages["held rows"] = went(wanda.get(f"{address}held/"), 200).content.decode()
    went(wanda.post(f"{address}decide/", {"code": refused, "file": "users.csv", "choice": refused}), 422)
    went(wanda.post(f"{address}set-aside/"))
    address = _send(wanda, world, good.read_bytes())
    left.pages["file"] = wanda.get(address).content.decode()
    with breaking("commonground.apps.intake.actions.write_batch"):
        went(wanda.post(f"{address}apply/", {"tie": "yes"}))
        finish_work()
    for verb, status in (("apply", "applied"), ("undo", "undone")):
        went(wanda.post(f"{address}{verb}/", {"tie": "yes"}))
        finish_work()
        assert outside("select status from intake_batch where id = %s", [address.split("/")[2]]).fetchone() == (status,)
    address = _send(wanda, world, good.read_bytes())
    went(wanda.post(f"{address}apply/", {"tie": "yes"}))
    finish_work()
    left.pages["students of West"] = went(wanda.get("/students/"), 200).content.decode()
    for words in (["load", str(bad), "--json"], ["load", str(broken)]):
        done = commonground(*words, "--district", "9003-01", COMMONGROUND_DATABASE=connection.settings_dict["NAME"])
        assert done.stdout, done.stderr
        left.add("what commands print", done.stdout, done.stderr)


@contextmanager
def breaking(function: str):
    """A mistake of ours in this function: the database refuses a row, and its error holds the row's values."""

    def broken(*_arguments, **_options):
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into families_correction (id, words, answer) values (gen_random_uuid(), %s, %s)",
                [CANARIES["value of a row that broke"], CANARIES["value in an error of ours"]],
            )

    with pytest.MonkeyPatch.context() as once:
        once.setattr(function, broken)
        yield


def _people(world, left: Left) -> None:
    """A colleague is invited by mail, searched for, and let in."""
    cora = signed_in(left, "cora")
    name = CANARIES["colleague's name"]
    typed = {"name": f"Prue {name}", "email": "prue@example.org", "role": "superintendent", "way": "mail", "until": ""}
    typed["since"] = timezone.localdate().isoformat()
    went(cora.post(f"/people/add/?place={world.NORTH}", typed))
    finish_work()
    left.pages["colleagues"] = went(cora.post("/people/", {"letters": name[:6]}), 200).content.decode()


def _families(world, left: Left) -> None:
    """Searches by letters, a printed sheet, a correction that is asked for and answered, who looked."""
    cora, ali, dana = (signed_in(left, key) for key in ("cora", "ali", "dana"))
    letters = CANARIES["letters searched for"]
    for client, letter in ((cora, letters), (cora, "Zeph"), (dana, "Zeph")):
        found = went(client.post("/students/", {"letters": letter}))
        left.pages[f"search for {letter}"] = went(client.get(found.url), 200).content.decode()
    went(cora.post("/families/", {"letters": letters}), 200)
    went(cora.post("/families/", {"letters": "Zeph"}), 200)
    went(cora.post(f"/families/{world.GUARDIAN_NORTH}/sheet/"), 200)
    asked = {"child": str(world.AMINA), "about": "birth", "words": CANARIES["words of a correction"]}
    went(ali.post("/families/corrections/", asked))
    left.pages["corrections asked for"] = went(cora.get("/families/asked/"), 200).content.decode()
    (address,) = set(re.findall(r"/families/asked/[0-9a-f-]{36}/", left.pages["corrections asked for"]))
    left.pages["a correction"] = went(cora.get(address), 200).content.decode()
    went(cora.post(address, {"outcome": "kept", "answer": CANARIES["answer to a correction"]}))
    went(cora.post(address, {"outcome": "kept", "answer": CANARIES["answer to a correction"]}), 409)
    for client, address in (
        (ali, "/"),
        (ali, "/who-looked/"),
        (dana, f"/students/{world.AMINA}/"),
        (cora, "/who-looked/"),
    ):
        went(client.get(address), 200)
    for key in ("otto", "theo", "pete", "ann", "omar", "lena"):
        signed_in(left, key).get(f"/students/{world.AMINA}/")


def _program(world, left: Left, outside) -> None:
    """A family registers two children with facts about health; a seat is given back; attendance is taken."""
    c, ali, pete, pam = CANARIES, *(signed_in(left, key) for key in ("ali", "pete", "pam"))
    first = timezone.localdate() + datetime.timedelta(90)
    arranged.offer(outside, arranged.OTHER_OFFERING, first=first, capacity=3)
    form = {
        "token": str(uuid.uuid4()),
        "contact_name": c["contact for emergencies"],
        "contact_phone": "612-555-0187",
        "picked_up_by": c["who may take the child home"],
        "signer": c["guardian's name"],
        f"{world.AMINA}-takes_part": "on",
        f"{world.AMINA}-allergies": c["allergy"],
        f"{world.AMINA}-medicines": c["medicine"],
        f"{world.AMINA}-needs": c["other need"],
        f"{world.AMINA}-meals": c["answer about school meals"],
    }
    address = f"/programs/{arranged.OTHER_OFFERING}/register/"
    went(ali.post(address, form), 422)
    went(ali.post(address, form | {"consent-taking-part": "on"}))
    mark = {
        "registration": str(arranged.registration("amina")),
        "day": str(arranged.day(2)),
        "mark": "present",
        "at": timezone.now().isoformat(),
    }
    attendance = f"/programs/{arranged.OFFERING}/attendance/"
    went(pete.post(f"{attendance}mark/", mark), 200)
    went(pete.post(f"{attendance}mark/", mark | {"registration": c["allergy"]}), 422)
    left.pages["attendance"] = went(pete.get(attendance), 200).content.decode()
    for part in ("", "registrations/", "counts/", "paper/", "paper/roster/", "paper/contacts/"):
        answer = pam.get(f"/programs/{arranged.OFFERING}/{part}")
        left.pages[f"program {part}"] = answer.content.decode()
    went(ali.post(f"/programs/registrations/{arranged.registration('amina')}/give-back/"))
    finish_work()


def _emergency(world, left: Left, outside) -> None:
    """An operator is let in, looks, and is shut out again; the district is told by mail."""
    omar, dana, otto = (signed_in(left, key) for key in ("omar", "dana", "otto"))
    reason = f"The file of {CANARIES['reason of an emergency']} cannot be found."
    went(omar.post("/people/emergencies/", {"district": world.SOUTH, "categories": ["roster"], "reason": reason}))
    (asked,) = outside("select id from core_breakglass").fetchone()
    went(dana.post(f"/people/emergencies/{asked}/approve/"))
    finish_work()
    left.pages["students in an emergency"] = went(omar.get("/students/"), 200).content.decode()
    left.pages["emergencies"] = went(otto.get("/people/emergencies/"), 200).content.decode()
    went(otto.post(f"/people/emergencies/{asked}/close/"))
    left.add("errors", omar.get(f"/students/{world.ELIA}/").content.decode())


def _exports(world, left: Left) -> None:
    """Every file that can be taken along, and a paper that is kept under a telling name."""
    cora, dana, ann = (signed_in(left, key) for key in ("cora", "dana", "ann"))
    left.pages["who looked, as a file"] = went(cora.get("/who-looked/file/"), 200).content.decode()
    for client, address in ((dana, "/districts/composition/file/"), (ann, "/districts/composition/file/?by=grade")):
        left.add("counts that are taken along", went(client.get(address), 200).content.decode())
    agreement = f"/collaborative/agreements/{_agreement(world)}/"
    paper = SimpleUploadedFile(f"{CANARIES['label of a paper']}.pdf", b"%PDF-1.7 the signed paper")
    went(cora.post(f"{agreement}paper/keep/", {"file": paper}))
    went(cora.get(f"{agreement}paper/"), 200)
    worse = SimpleUploadedFile(f"{CANARIES['label of a paper']}.exe", b"MZ")
    cora.post(f"{agreement}paper/keep/", {"file": worse})
    for client, address in ((dana, "/"), (dana, "/districts/"), (dana, "/districts/mixing/"), (ann, "/agreements/")):
        went(client.get(address), 200)


def _agreement(world):
    from commonground.apps.core.models import Agreement

    return Agreement.objects.filter(owner_id=world.NORTH).order_by("pk").first().pk


def _everywhere(left: Left) -> None:
    """Every link that each of these people finds, once for each kind of page."""
    for key in ("wanda", "cora", "dana", "pam", "ali", "omar", "milo"):
        client, seen, waiting = signed_in(left, key), set(), ["/"]
        while waiting and len(seen) < 60:
            address = waiting.pop(0)
            kind = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id", address.partition("?")[0])
            if kind in seen or address.startswith(("/static/", "//")):
                continue
            seen.add(kind)
            answer = client.get(address)
            assert answer.status_code < 500, f"{key} at {address}"
            if "text/html" in answer.headers.get("Content-Type", ""):
                waiting += [unescape(one) for one in re.findall(r'href="(/[^"#]*)"', answer.content.decode())]
        assert len(seen) > 3


def _breaking(world, left: Left) -> None:
    """Pages that break with a child's values in the error, a job that fails, and a refused address."""
    from commonground.store.jobs import defer

    cora, ali = signed_in(left, "cora"), signed_in(left, "ali")
    with breaking("commonground.apps.home.views.record_looks"):
        went(cora.get(f"/students/{world.AMINA}/"), 500)
        went(cora.get("/students/"), 500)

    def broken(*_arguments, **_options):
        raise ValueError(f"no such child: {CANARIES['value in an error of ours']}") from KeyError(
            CANARIES["value of a row that broke"]
        )

    with pytest.MonkeyPatch.context() as once:
        once.setattr("commonground.apps.families.actions.ask_correction", broken)
        asked = {"child": str(world.AMINA), "about": "birth", "words": CANARIES["words of a correction"]}
        went(ali.post("/families/corrections/", asked), 500)
    with pytest.MonkeyPatch.context() as once:
        once.setattr("commonground.apps.core.jobs.mail_invitation", broken)
        defer("core.mail-invitation", person_id=world.CORA)
        finish_work()
