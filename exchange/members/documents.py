"""The documents of an admission: handing them in, and reading them."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from exchange.audit import log
from exchange.core.refusals import Invalid, NotFound, Refusal
from exchange.core.use_case import use_case
from exchange.members import policy
from exchange.members.actors import Actor, person_of
from exchange.members.admission import subject_of
from exchange.members.lifecycle import ADMISSION, DocumentKind, Standing
from exchange.members.models import (
    DOCUMENT_NAME_CHARS_MAX,
    MEDIA_TYPES,
    SIZE_BYTES_MAX,
    Admission,
    AdmissionDocument,
    storage_name,
)
from exchange.members.permissions import Permission

DOCUMENTS_MAX = 20
# What a file of each type begins with: the name alone proves nothing.
TEXTS = {"csv": "text/csv", "txt": "text/plain"}
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f]")
OPENINGS = {
    "application/pdf": b"%PDF-",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
}


class DocumentTooLarge(Invalid):
    """The file is larger than the limit."""

    code = "document_too_large"
    http_status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class DocumentRefused(Invalid):
    """The file is empty, of a type that is not accepted, or not what its name says."""

    code = "document_refused"


class DocumentsFull(Refusal):
    """The admission has as many documents as it may have."""

    code = "documents_full"


class DocumentKept(Refusal):
    """The same file was handed in for the same purpose already."""

    code = "document_kept"


class AdmissionEnded(Refusal):
    """Nothing is handed in to an admission that has ended."""

    code = "admission_ended"


@use_case(Permission.DOCUMENT_ADD, locks=ADMISSION)
def add_document(
    admission: Admission,
    *,
    actor: Actor,
    kind: DocumentKind,
    name: str,
    file: IO[bytes],
    now: datetime,
) -> AdmissionDocument:
    """Keep a file under the hash of its content. At most SIZE_BYTES_MAX bytes of it are read. The
    log keeps the hash, and the file's name as a commitment.

    The file is stored before the row: if the transaction fails, a file without a row is left, which
    nothing shows and which the same upload uses again.
    """
    checked = checked_file(name, file)
    content = checked.content
    sha256 = hashlib.sha256(content).hexdigest()
    if admission.standing == Standing.EXITED:
        raise AdmissionEnded(_("This admission has ended. A new application starts afresh."))
    if admission.documents.count() >= DOCUMENTS_MAX:
        raise DocumentsFull(
            _("An admission has at most %(limit)d documents.") % {"limit": DOCUMENTS_MAX},
            limit=DOCUMENTS_MAX,
        )
    if admission.documents.filter(kind=kind, sha256=sha256).exists():
        raise DocumentKept(_("This file was handed in already."), sha256=sha256)
    store(storage_name(sha256), content)
    document = AdmissionDocument.objects.create(
        admission=admission,
        kind=kind,
        name=checked.name,
        media_type=checked.media_type,
        size_bytes=len(content),
        sha256=sha256,
        uploaded_by_id=person_of(actor),
        uploaded_at=now,
    )
    log.record(
        event="members.document.added",
        actor=actor.name,
        subject=f"document:{document.public_id}",
        facts={
            "admission": admission.public_id,
            "organisation": admission.organisation.public_id,
            "kind": document.kind,
            "sha256": document.sha256,
            "size_bytes": document.size_bytes,
        },
        personal={"name": document.name},
        at=now,
    )
    return document


def document_seen_by(actor: Actor, public_id: str) -> AdmissionDocument:
    """The document, or NotFound when the actor may not know of it."""
    rows = policy.visible(
        AdmissionDocument.objects.select_related("admission"),
        actor,
        owner="admission__organisation",
    )
    document = rows.filter(public_id=public_id).first()
    if document is None:
        raise NotFound(_("There is no such document."))
    return document


def open_document(*, actor: Actor, document: AdmissionDocument) -> IO[bytes]:
    """The content for those who may read it; NotFound when the storage has lost it."""
    policy.require(actor, Permission.DOCUMENT_SEE, subject_of(document.admission))
    try:
        return default_storage.open(document.stored_as)
    except FileNotFoundError:
        raise NotFound(_("The file of this document is missing.")) from None


@dataclass(frozen=True)
class CheckedFile:
    """A file that is what its name says, and no larger than it may be."""

    name: str
    media_type: str
    content: bytes


def checked_file(name: str, file: IO[bytes], *, takes_text: bool = False) -> CheckedFile:
    """The file, of which at most SIZE_BYTES_MAX bytes are read. With `takes_text` CSV and plain text are
    accepted, too. Raises DocumentRefused and DocumentTooLarge."""
    content = file.read(SIZE_BYTES_MAX + 1)
    accepted = {**MEDIA_TYPES, **TEXTS} if takes_text else MEDIA_TYPES
    cleaned = clean_name(name, accepted=accepted)
    return CheckedFile(cleaned, _check_content(cleaned, content, accepted), content)


def clean_name(name: str, *, accepted: Mapping[str, str] = MEDIA_TYPES) -> str:
    """A name that is safe to show and to offer: no folders, no control or direction characters.

    Refused when nothing is left or its ending is not one of the accepted types.
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter)[0] != "C")
    stem, dot, ending = " ".join(shown.split()).strip(". ").rpartition(".")
    if not dot or not stem.strip(". ") or ending.lower() not in accepted:
        raise DocumentRefused(
            _("Please hand in a PDF, PNG or JPEG file.")
            if accepted is MEDIA_TYPES
            else _("Please hand in a PDF, PNG, JPEG, CSV or text file."),
            endings=sorted(accepted),
        )
    return f"{stem[: DOCUMENT_NAME_CHARS_MAX - len(ending) - 1].strip('. ')}.{ending.lower()}"


def _check_content(name: str, content: bytes, accepted: Mapping[str, str]) -> str:
    if len(content) > SIZE_BYTES_MAX:
        raise DocumentTooLarge(
            _("The file may have at most %(limit)d MB.") % {"limit": SIZE_BYTES_MAX // 2**20},
            limit_bytes=SIZE_BYTES_MAX,
        )
    if not content:
        raise DocumentRefused(_("The file is empty."))
    media_type = accepted[name.rpartition(".")[2]]
    if not _is_of_type(content, media_type):
        raise DocumentRefused(
            _("The content of the file is not what its name says."), expected=media_type
        )
    return media_type


def _is_of_type(content: bytes, media_type: str) -> bool:
    """By what the file begins with; text is UTF-8 without control characters, and no program."""
    if media_type in OPENINGS:
        return content.startswith(OPENINGS[media_type])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return not text.startswith("#!") and not CONTROLS.search(text)


def store(name: str, content: bytes) -> None:
    """Keep the content under its name in the storage, once."""
    if default_storage.exists(name):
        return
    stored = default_storage.save(name, ContentFile(content))
    if stored != name:  # somebody stored the same content in between
        default_storage.delete(stored)
