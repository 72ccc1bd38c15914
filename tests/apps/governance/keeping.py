"""The night on which what is past is destroyed, for tests."""

import datetime
import json

from django.db import connection
from django.utils import timezone
from tests.walls.test_every_policy import outside

from commonground.apps.core.asking import ask_database
from commonground.apps.governance.retention import actions
from commonground.apps.governance.retention.classes import CLASSES
from commonground.store.walls import enter

DAY = datetime.timedelta(days=1)


def run_on(day):
    """What the nightly job destroys on that day of everybody; rows by table."""
    total = {}
    for place in actions.owners():
        for key, one in CLASSES.items():
            if one.days is not None and key != "files":
                with enter(person=actions.NOBODY, purpose="test", role="job"), connection.cursor() as cursor:
                    cursor.execute("select set_config('cg.clock', %s, true)", [day.isoformat()])
                    for table, count in json.loads(ask_database("destroy_past", place, key)).items():
                        if isinstance(count, int):
                            total[table] = total.get(table, 0) + count
    return total


def today():
    return timezone.localdate()


def over(databases):
    """The last day of the only offering."""
    with outside(databases) as run:
        return run.execute("select ends_on from programs_offering").fetchone()[0]


def count(databases, table, where="true"):
    with outside(databases) as run:
        return run.execute(f"select count(*) from {table} where {where}").fetchone()[0]


def destroy_past(place, key, day):
    with enter(person=actions.NOBODY, purpose="test", role="job"), connection.cursor() as cursor:
        cursor.execute("select set_config('cg.clock', %s, true)", [day.isoformat()])
        return json.loads(ask_database("destroy_past", place, key))


def hold_everything(world, **which):
    about = {"data_class": "", "student_id": None} | which
    reason = "A letter of the court"
    actions.place_hold(place_id=world.NORTH, **about, reason=reason, by=world.CORA, now=timezone.now())


def address(world, *more):
    return "/collaborative/keeping/" + "/".join([str(world.NORTH), *more]) + "/"
