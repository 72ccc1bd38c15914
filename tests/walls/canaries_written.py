"""What people write for a few to read, of the day in `canaries.py`: notes beside a child, and coach and teacher to each other."""

import re
import uuid

from django.utils import timezone
from tests.walls.left_behind import CANARIES, Left, signed_in, went


def caseload(world, left: Left) -> None:
    """A coordinator gives a child to a mentor, who writes a note and corrects it; then somebody else walks beside it."""
    from commonground.apps.core.models import RoleGrant

    c, cora, milo, cleo = CANARIES, *(signed_in(left, key) for key in ("cora", "milo", "cleo"))
    today = timezone.localdate().isoformat()
    address = f"/caseloads/students/{world.AMINA}/"
    for person in (world.MILO, world.CLEO):
        grant = RoleGrant.objects.get(person_id=person).pk
        went(cora.post(address, {"holder": str(grant), "since": today, "last_day": ""}))
    went(cora.post(address, {"holder": str(grant), "since": today, "last_day": ""}), 409)
    went(cora.post("/caseloads/", {"letters": c["letters searched for"]}), 200)
    own = f"/caseloads/own/{world.AMINA}/"
    typed = {"met_on": today, "talked_about": c["note about a meeting"], "next_step": c["next step of a note"]}
    typed |= {"reach": "beside", "token": str(uuid.uuid4())}
    went(milo.post(own, typed | {"met_on": ""}), 422)
    went(milo.post(own, typed))
    left.pages["notes"] = went(milo.get(own), 200).content.decode()
    (note,) = set(re.findall(r"/caseloads/notes/[0-9a-f-]{36}/", left.pages["notes"]))
    went(milo.post(note, typed))
    left.pages["notes as the next one reads them"] = went(cleo.get(own), 200).content.decode()
    went(cleo.get(note), 404)
    (line,) = set(re.findall(r"/caseloads/[0-9a-f-]{36}/end/", cora.get(address).content.decode())[:1])
    went(cora.post(line))
    for client in (milo, cleo, cora):
        client.get("/")


def coaching(world, left: Left) -> None:
    """A coordinator gives a teacher to a coach, who writes and corrects it; the teacher reads it."""
    from commonground.apps.core.models import RoleGrant

    c, cora, coco, theo = CANARIES, *(signed_in(left, key) for key in ("cora", "coco", "theo"))
    today = timezone.localdate().isoformat()
    ids = {key: str(RoleGrant.objects.get(role=key).pk) for key in ("teacher", "coach")}
    went(cora.post("/coaching/", ids | {"since": today, "last_day": ""}))
    went(cora.post("/coaching/", ids | {"since": today, "last_day": ""}), 409)
    (own,) = set(re.findall(r"/coaching/own/[0-9a-f-]{36}/", coco.get("/coaching/own/").content.decode()))
    typed = {"kind": "seen", "day": today, "said": c["what a coach saw"], "next_step": c["next step of a coach"]}
    typed |= {"token": str(uuid.uuid4())}
    went(coco.post(own, typed | {"day": ""}), 422)
    went(coco.post(own, typed))
    left.pages["what a coach saw"] = went(coco.get(own), 200).content.decode()
    (entry,) = set(re.findall(r"/coaching/entries/[0-9a-f-]{36}/(?=\")", left.pages["what a coach saw"]))
    went(coco.post(entry, typed))
    left.pages["what a coach saw as the teacher reads it"] = went(theo.get(own), 200).content.decode()
    went(theo.get(entry), 404)
    goal = {"said": c["what a coach saw"], "measure": c["measure of a goal"], "day": today, "token": str(uuid.uuid4())}
    went(theo.post(f"{own}goal/", goal | {"last_day": "2001-01-01"}), 409)
    cycle = went(theo.post(f"{own}goal/", goal)).url
    went(coco.post(cycle, {"outcome": "partly"}))
    left.pages["a goal as the coach reads it"] = went(coco.get(cycle), 200).content.decode()
    for client in (coco, theo, cora):
        client.get("/")
