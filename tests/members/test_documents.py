"""Documents are kept by their content; what is not a document is refused and leaves nothing."""

import hashlib
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from exchange.core.refusals import NotFound
from exchange.members import documents
from exchange.members.actors import Actor
from exchange.members.lifecycle import DocumentKind
from exchange.members.models import SIZE_BYTES_MAX, Admission, AdmissionDocument, storage_name
from exchange.members.roles import Kind
from tests.factories import accounts
from tests.factories.members import NOON, PDF, acting, an_application, an_exchange

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n and pixels"
JPEG = b"\xff\xd8\xff and pixels"


@pytest.fixture
def applied() -> Admission:
    return an_application(accounts.an_organisation())


def owner_of(applied: Admission) -> Actor:
    organisation = applied.organisation
    return acting(accounts.owner_of(organisation), organisation)


def hand_in(
    applied: Admission,
    content: bytes,
    name: str = "licence.pdf",
    kind: DocumentKind = DocumentKind.OTHER,
) -> AdmissionDocument:
    return documents.add_document(
        applied.public_id,
        actor=owner_of(applied),
        kind=kind,
        name=name,
        file=BytesIO(content),
        now=NOON,
    )


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("a.PNG", PNG, "image/png"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.jpeg", JPEG, "image/jpeg"),
    ],
)
def test_a_document_is_kept_under_the_hash_of_its_content(
    applied: Admission, name: str, content: bytes, media_type: str
) -> None:
    document = hand_in(applied, content, name)
    digest = hashlib.sha256(content).hexdigest()
    assert (document.sha256, document.size_bytes) == (digest, len(content))
    assert (document.name, document.media_type) == (name.lower(), media_type)
    with documents.open_document(actor=owner_of(applied), document=document) as file:
        assert file.read() == content


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\wang\\营业执照.pdf", "营业执照.pdf"),
        ("licence\r\nSet-Cookie: a=b.pdf", "licenceSet-Cookie: a=b.pdf"),
        ("evil\u202efdp.exe.pdf", "evilfdp.exe.pdf"),
        ("nul\x00byte.pdf", "nulbyte.pdf"),
        ("  . a  b . pdf.pdf", "a b . pdf.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_hostile_name_becomes_a_plain_one(name: str, shown: str) -> None:
    assert documents.clean_name(name) == shown


@pytest.mark.parametrize(
    "name", ["", "pdf", ".pdf", "../.pdf", "licence", "licence.exe", "licence.pdf.html", "a.svg"]
)
def test_a_name_of_no_accepted_type_is_refused(applied: Admission, name: str) -> None:
    with pytest.raises(documents.DocumentRefused):
        hand_in(applied, PDF, name)
    assert applied.documents.count() == 3


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", documents.DocumentRefused),
        (b"<html><script>alert(1)</script>", documents.DocumentRefused),
        (PNG + b" in disguise", documents.DocumentRefused),
        (b"%PDF-" + b"x" * SIZE_BYTES_MAX, documents.DocumentTooLarge),
    ],
)
def test_content_that_is_not_what_its_name_says_is_refused(
    applied: Admission, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        hand_in(applied, content)
    assert applied.documents.count() == 3
    assert not default_storage.exists(storage_name(hashlib.sha256(content).hexdigest()))


def test_the_same_file_counts_once_for_one_purpose_and_is_stored_once(applied: Admission) -> None:
    first = hand_in(applied, PDF)
    with pytest.raises(documents.DocumentKept):
        hand_in(applied, PDF, "another name.pdf")
    assert applied.documents.filter(sha256=first.sha256).count() == 4  # three other purposes
    folder = f"admissions/{first.sha256[:2]}"
    assert default_storage.listdir(folder)[1].count(first.sha256) == 1


def test_there_is_a_limit_to_documents(applied: Admission) -> None:
    for number in range(documents.DOCUMENTS_MAX - 3):
        hand_in(applied, PDF + bytes([number]))
    with pytest.raises(documents.DocumentsFull):
        hand_in(applied, PDF + b"one more")
    assert applied.documents.count() == documents.DOCUMENTS_MAX


def test_nothing_is_handed_in_to_an_admission_that_ended() -> None:
    exchange = an_exchange()
    organisation = accounts.an_organisation()
    ended = exchange.expel(exchange.admit(organisation, Kind.BUYER))
    an_application(organisation)
    with pytest.raises(documents.AdmissionEnded):
        hand_in(ended, PDF + b"too late")
    assert ended.documents.count() == 3


def test_a_lost_file_is_said_to_be_missing(applied: Admission) -> None:
    document = hand_in(applied, PDF + b"soon lost")
    default_storage.delete(document.stored_as)
    with pytest.raises(NotFound):
        documents.open_document(actor=owner_of(applied), document=document)


def test_the_database_bounds_size_and_hash(applied: Admission) -> None:
    for wrong in ({"size_bytes": 0}, {"size_bytes": SIZE_BYTES_MAX + 1}, {"sha256": "../x"}):
        with pytest.raises(IntegrityError, match="admission_document_"), transaction.atomic():
            applied.documents.filter(kind=DocumentKind.LICENCE).update(**wrong)
