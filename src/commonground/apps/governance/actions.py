"""Writing down, signing and ending agreements; each asks the database, which may refuse."""

import hashlib
import os
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from commonground.apps.core.asking import ask_database
from commonground.apps.core.events import EventKind, record_event
from commonground.apps.core.models import Agreement
from commonground.apps.governance.models import AgreementFile

MOST_BYTES = 10_000_000
TOO_LARGE = gettext_lazy("This file is larger than 10 MB. Scan it with fewer dots per inch.")
PDF = b"%PDF-"


class FileRefused(Exception):
    """The paper cannot be kept; the message says why."""


def draft_agreement(
    *,
    owner_id: UUID,
    house_id: UUID,
    categories: Sequence[str],
    ground: str,
    purpose: str,
    since: date,
    until: date,
    destroy_by: date,
    by: UUID,
) -> Agreement:
    """What a district would share, from a day up to (not including) a day. It opens nothing unsigned. Raises Refused."""
    made = ask_database(
        "draft_agreement", owner_id, house_id, list(categories), ground, purpose.strip(), since, until, destroy_by
    )
    record_event(EventKind.AGREEMENT_WRITTEN, person_id=by, organization_id=owner_id, about=str(made))
    return Agreement.objects.get(pk=made)


def sign_agreement(*, agreement: Agreement, signed_by: str, house_signed_by: str, signed_on: date, by: UUID) -> None:
    """From its first day on the agreement opens what it says. Only the district's coordinator. Raises Refused."""
    ask_database("sign_agreement", agreement.pk, signed_by.strip(), house_signed_by.strip(), signed_on)
    record_event(EventKind.AGREEMENT_SIGNED, person_id=by, organization_id=agreement.owner_id, about=str(agreement.pk))


def end_agreement(*, agreement: Agreement, last_day: date, by: UUID) -> None:
    """It opens nothing from this day on. Either party. Raises Refused."""
    ask_database("end_agreement", agreement.pk, last_day)
    record_event(
        EventKind.AGREEMENT_ENDED,
        person_id=by,
        organization_id=agreement.owner_id,
        about=str(agreement.pk),
        detail={"until": last_day.isoformat()},
    )


@transaction.atomic
def keep_file(*, agreement: Agreement, upload: Any, by: UUID, now: datetime) -> AgreementFile:
    """The signed paper, in place of the one before. Raises FileRefused for anything but a PDF of up to 10 MB."""
    if upload.size > MOST_BYTES:
        raise FileRefused(str(TOO_LARGE))
    content = upload.read()
    if not content.startswith(PDF):
        raise FileRefused(_("This is no PDF file. Scan or save the paper as a PDF."))
    before = AgreementFile.objects.filter(owner_id=agreement.owner_id, agreement=agreement)
    replaced = [path_of(one) for one in before]
    before.delete()
    made = AgreementFile.objects.create(
        owner_id=agreement.owner_id,
        agreement=agreement,
        size_bytes=len(content),
        digest=hashlib.sha256(content).hexdigest(),
        kept_by_id=by,
        kept_at=now,
    )
    path = path_of(made)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    for one in replaced:
        transaction.on_commit(partial(one.unlink, missing_ok=True))
    return made


def path_of(kept: AgreementFile) -> Path:
    """Where the file lies: the district's own folder, under a name that we made."""
    folder: Path = settings.AGREEMENT_FOLDER
    return folder / str(kept.owner_id) / f"{kept.pk}.pdf"


def read_file(kept: AgreementFile) -> bytes:
    """The kept paper. Raises FileRefused when it is gone or was changed outside."""
    try:
        content = path_of(kept).read_bytes()
    except OSError:
        raise FileRefused(_("The paper is not in the data folder. Tell the operator.")) from None
    if hashlib.sha256(content).hexdigest() != kept.digest:
        raise FileRefused(_("The paper was changed outside the program. Tell the operator."))
    return content
