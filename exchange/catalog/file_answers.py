"""Answering the questions of a file's reading: what is being prepared of it follows, what buyers or the
exchange see stays."""

from datetime import datetime

from django.utils.translation import gettext as _

from exchange.catalog.lifecycle import LISTING, RevisionState
from exchange.catalog.listing import check_data_open
from exchange.catalog.models import Revision
from exchange.core.refusals import Refusal
from exchange.core.use_case import use_case
from exchange.members.actors import Actor
from exchange.members.permissions import Permission
from exchange.vault import answers
from exchange.vault.errors import FileInUse
from exchange.vault.lifecycle import FILE
from exchange.vault.models import DataFile
from exchange.vault.reading.questions import Answers

KEPT = ("name", "original_name", "type", "unit", "description")


def _lock_products(file: DataFile | str) -> None:
    """Lock what the file is a revision of before it, as those do who submit one."""
    name = file if isinstance(file, str) else file.public_id
    products = Revision.objects.filter(file__public_id=name).values_list("product_id", flat=True)
    for key in sorted(set(products)):
        LISTING.lock_key(key)


@use_case(Permission.FILE_KEEP, locks=FILE, before=_lock_products)
def answer(file: DataFile, *, actor: Actor, said: Answers, now: datetime) -> DataFile:
    """Say what a reading asked, and have the file read again by it. Drafts of revisions get the tables
    that come of it, described as they were; the same answers again change nothing.

    Raises NoSuchQuestion, NoSuchOption, FileBeingRead, and FileInUse once a revision of the file is
    published or with the exchange.
    """
    if answers.says_anew(file, said):
        for revision in file.revisions.select_related("product").order_by("id"):
            _release(revision)
    return answers.take(file, said, actor=actor, now=now)


def _release(revision: Revision) -> None:
    """Let go of the tables of a draft, and keep what its seller said of them."""
    if revision.state != RevisionState.DRAFT:
        raise _in_use()
    try:
        check_data_open(revision.product)
    except Refusal:
        raise _in_use() from None
    rows = list(revision.tables.all())
    if rows:
        revision.described = [
            {
                "document": {
                    "columns": [
                        {name: column.get(name) for name in KEPT}
                        for column in row.document["columns"]
                    ]
                },
                "decisions": row.decisions,
            }
            for row in rows
        ]
        revision.save(update_fields=["described"])
        revision.tables.all().delete()


def _in_use() -> FileInUse:
    return FileInUse(
        _("A revision of this file is published or with the exchange: it stays as it was read.")
    )
