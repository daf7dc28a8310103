"""What a side hands in to show what it says: files, checked before they are kept."""

import hashlib
from datetime import datetime
from typing import IO

from django.core.files.storage import default_storage
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.disputes.lifecycle import DISPUTE, RUNNING
from exchange.disputes.models import Dispute, DisputeFile
from exchange.disputes.queries import as_speaker
from exchange.members.actors import Actor, organisation_of, person_of
from exchange.members.documents import checked_file, store
from exchange.members.permissions import Permission

FILES_MAX = 10  # of each side
SIDE_BYTES_MAX = 50 * 2**20  # so that the case file can hold those of both


class EvidenceFull(Refusal):
    """A side hands in only so many files, and so many bytes."""

    code = "evidence_full"


class EvidenceKept(Refusal):
    """The same file was handed in already."""

    code = "evidence_kept"


@use_case(Permission.DISPUTE_SPEAK, locks=DISPUTE, about=as_speaker)
def hand_in(
    dispute: Dispute, *, actor: Actor, name: str, file: IO[bytes], now: datetime
) -> DisputeFile:
    """As one of the sides, hand a file in while the dispute runs; both sides and the exchange can open it.

    Raises DocumentRefused for what is not the kind of file that its name says or of no accepted kind,
    DocumentTooLarge, EvidenceFull and EvidenceKept. The file is stored before the row, as documents of
    members are.
    """
    checked = checked_file(name, file, takes_text=True)
    sha256 = hashlib.sha256(checked.content).hexdigest()
    mine = organisation_of(actor)
    if dispute.state not in RUNNING:
        raise IllegalTransition(_("The dispute has ended; nothing more is handed in."))
    handed_in = dispute.files.filter(organisation_id=mine)
    if handed_in.filter(sha256=sha256).exists():
        raise EvidenceKept(_("This file was handed in already."), sha256=sha256)
    _check_room(handed_in, len(checked.content))
    kept = DisputeFile(
        dispute=dispute,
        organisation_id=mine,
        name=checked.name,
        media_type=checked.media_type,
        size_bytes=len(checked.content),
        sha256=sha256,
        uploaded_by_id=person_of(actor),
        uploaded_at=now,
    )
    store(kept.stored_as, checked.content)
    kept.save(force_insert=True)
    log.record(
        event="disputes.evidence.handed_in",
        actor=actor.name,
        subject=f"dispute_file:{kept.public_id}",
        facts={
            "dispute": dispute.public_id, "sha256": kept.sha256, "size_bytes": kept.size_bytes,
        },
        personal={"name": kept.name},
        at=now,
    )  # fmt: skip
    return kept


def _check_room(handed_in: QuerySet[DisputeFile], size_bytes: int) -> None:
    size = handed_in.aggregate(bytes=Sum("size_bytes", default=0))["bytes"]
    if handed_in.count() >= FILES_MAX or size + size_bytes > SIDE_BYTES_MAX:
        raise EvidenceFull(
            _("A side hands in at most %(limit)d files, of %(size)d MB together.")
            % {"limit": FILES_MAX, "size": SIDE_BYTES_MAX // 2**20},
            limit=FILES_MAX,
            limit_bytes=SIDE_BYTES_MAX,
        )


def evidence_of(dispute: Dispute, file_id: str) -> DisputeFile:
    """A file of a dispute that the reader may see. Raises NotFound."""
    found = dispute.files.filter(public_id=file_id).first()
    if found is None:
        raise NotFound(_("There is no such file."))
    return found


def open_evidence(found: DisputeFile) -> IO[bytes]:
    """The content; NotFound when the storage has lost it."""
    try:
        return default_storage.open(found.stored_as)
    except FileNotFoundError:
        raise NotFound(_("This file is missing.")) from None
