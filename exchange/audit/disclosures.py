"""Erasing personal values. The log keeps their commitments, which then say nothing any more."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.audit.models import Disclosure
from exchange.core.refusals import Invalid


class NothingNamed(Invalid):
    """An erasure needs a subject, a record, or both."""

    code = "nothing_named_to_erase"


def erase(
    *, actor: str, now: datetime, subject: str | None = None, record: str | None = None
) -> int:
    """Delete the values and salts behind the personal fields of records; how many.

    Of all records of `subject`, or of the one with the public id `record`. The erasure itself is
    recorded, with the number of values and without them. Safe to repeat: 0 then, and no record.
    """
    if subject is None and record is None:
        raise NothingNamed(_("Name a subject or a record."))
    named = Disclosure.objects.all()
    if subject is not None:
        named = named.filter(record__subject=subject)
    if record is not None:
        named = named.filter(record__public_id=record)
    with transaction.atomic():
        count = named.delete()[0]
        if count:
            log.record(
                event="audit.disclosures.erased",
                actor=actor,
                subject=subject or f"record:{record}",
                facts={"values": count, "record": record},
                at=now,
            )
    return count
