"""Asking the database to write what it alone may decide: roles, members, agreements, seats, letters. It may refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

REFUSED = "CG001"  # the SQLSTATE of `cg.refuse`


class Refused(Exception):
    """The database would not do it; the message says why and what to do instead. word: `cg.refuse`'s reason."""

    def __init__(self, word: str) -> None:
        super().__init__(sentence(word))
        self.word = word


def sentence(word: str) -> str:
    return {
        "self": _("Nobody gives a role to themselves. Ask a colleague who may give it."),
        "not_yours": _("This is not yours to give or end. Ask the owner: the district’s coordinator or the director."),
        "not_first": _(
            "This is not yours to give: the district has or had a coordinator, or holds records. Its coordinator gives it, or the operator."
        ),
        "not_apart": _(
            "The two must stand apart: neither let the other in, nobody in the same role let both in, and both have held theirs and used their accounts for seven days. The operator can name another person."
        ),
        "unproven": _(
            "Others let this account in, and nobody has shown yet whose address it is. Use another address, or ask the operator."
        ),
        "family_account": _("A family signs in with this address. Use the person’s address at work."),
        "not_let_in": _(
            "This account is open already, or holds a role that is not yours to give. Ask the operator for a way in."
        ),
        "days": _("The days do not fit: begin today or later, and end after the beginning."),
        "held": _("This person holds the role there already in these days."),
        "last_owner": _("This is the last owner here. Give the role to somebody else first, then end this one."),
        "ended": _("This has ended already."),
        "no_caseload_role": _(
            "This person does not hold a role in which somebody walks beside children of your district on that day: mentor, counselor or liaison in the district, or mentor of a collaborative with which the district shares its students as with school officials or by the families’ consent."
        ),
        "own_caseload": _("Nobody gives a child to themselves. Ask a colleague who coordinates the district."),
        "beside_already": _("This person walks beside the child already in these days."),
        "no_teacher_role": _("This person is not a teacher of your district on that day."),
        "no_coach_role": _(
            "This person is not a coach on that day of your district, of a school of it, or of a collaborative to which it belongs."
        ),
        "coaches_self": _("Nobody coaches themselves. Choose somebody else."),
        "coached_already": _("This person coaches the teacher already in these days."),
        "day_of_coaching": _("The day lies in the time in which the two of you work together, and not in the future."),
        "goal_ends": _("A goal ends on its first day or later."),
        "day_of_meeting": _("The day of the meeting lies in your own time with the child, and not in the future."),
        "note_stands": _("A note can be corrected for a day. After that you can strike it and write another."),
        "no_member": _("Only a district that belongs to the collaborative shares with it."),
        "no_account": _(
            "No account with this address had a role at the collaborative, a member or a school of one in these days."
        ),
        "reason": _("Give a reason of 20 characters or more. The district reads it."),
        "kinds": _("Only students, families’ contacts and staff can be opened."),
        "second_person": _("A second person approves: another operator, or the director."),
        "legal_hold": _("A legal hold is in force. Whoever placed it ends it first; nothing is destroyed before."),
        "programs_run": _(
            "Children of other districts are registered in a program of yours that is not over. End it first, or hand it to the collaborative."
        ),
        "wrong_number": _(
            "This is not the number of this export. It stands in number.txt, the last part of the file. Where there is none, the file did not arrive whole: save it again."
        ),
        "not_saved": _(
            "Save the export first and type its number, or say in 20 characters or more why you go without it."
        ),
        "not_asked": _("Nobody has asked for this yet, or it was called off."),
        "second_coordinator": _("A second person confirms: another coordinator of your district."),
        "rows_left": _("Something could not be destroyed yet, and nothing was certified. Tell the operator."),
        "being_destroyed": _(
            "Everything that this district owned is being destroyed, as two of its people confirmed. It can join again when that is done."
        ),
        "chain_broken": _("The chain over the changes is broken. The operator looks at it first."),
        "no_such_place": _("Only organizations of the list can join."),
        "not_this_way": _(
            "Nobody was signed in. This way opens an account here only where all of its roles are at the organization whose sign-in it is. Sign in with your password, or ask whoever gave you the role."
        ),
        "identity_taken": _(
            "That account there is connected with another one here, or you have connected one already."
        ),
        "provider_bare": _("The sign-in page can show the button only when the client ID and the secret are stored."),
        "provider_on": _("Take the button off the sign-in page first, then remove the provider."),
    }.get(word, _("This could not be done."))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn the database's refusal into Refused; what was begun in the block is taken back."""
    try:
        with transaction.atomic():
            yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != REFUSED:
            raise
        word = str(error).split("refused: ", 1)[-1].split("\n", 1)[0]
        raise Refused(word) from error


def ask_database(function: str, *values: Any) -> Any:
    """What a function of the schema `cg` answers. Raises Refused."""
    with refusals(), connection.cursor() as cursor:
        cursor.execute(f"select cg.{function}({', '.join(['%s'] * len(values))})", values)
        return cursor.fetchone()[0]
