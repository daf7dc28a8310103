"""Files and uploads for tests."""

import hashlib
from io import BytesIO

from accounts.models import Organisation
from exchange.members.actors import Actor, ActorKind
from exchange.vault import file_reading, files, uploads
from exchange.vault.models import DataFile, Upload
from exchange.vault.store import content_name, content_storage
from tests.factories.accounts import NOON

CSV = b"meter,at,kwh\n" + b"".join(
    b"M%d,2026-01-%02d 10:00:00,%d.5\n" % (meter, day, meter + day)
    for meter in range(1, 4)
    for day in range(1, 11)
)
ACTOR = "user:usr_keeper"
# Words of even length: two bytes a letter they are Chinese, one a letter Cyrillic.
TOWNS = "city;n\nМосква;1\nКазань;2\n".encode("cp1251")


def keeper(organisation_id: int) -> Actor:
    """Who may keep files of this organisation."""
    return Actor(kind=ActorKind.SYSTEM, name=ACTOR, organisation_id=organisation_id)


def csv_of(number: int) -> bytes:
    """Some other content for each number."""
    return CSV + b"M9,2026-02-01 10:00:00,%d\n" % number


def a_file(
    organisation: Organisation, *, content: bytes = CSV, name: str = "meters.csv"
) -> DataFile:
    """A stored file that waits to be read."""
    return files.keep(
        actor=keeper(organisation.pk), name=name, content=BytesIO(content), now=NOON
    ).file


def an_asking_file(organisation: Organisation, *, content: bytes = TOWNS) -> DataFile:
    """A file that could be in either of two encodings."""
    return a_read_file(organisation, content=content, name="towns.csv")


def a_read_file(
    organisation: Organisation, *, content: bytes = CSV, name: str = "meters.csv"
) -> DataFile:
    """A file whose tables are there."""
    return file_reading.read_now(a_file(organisation, content=content, name=name).pk, now=NOON)


def an_upload(
    organisation: Organisation, *, declared_bytes: int = len(CSV), name: str = "meters.csv"
) -> Upload:
    """An upload of which nothing has come yet."""
    return uploads.begin_upload(
        actor=keeper(organisation.pk), name=name, declared_bytes=declared_bytes, now=NOON
    )


def send_piece(upload: Upload, piece: bytes, *, offset: int) -> Upload:
    return uploads.write_piece(
        upload,
        offset=offset,
        content=BytesIO(piece),
        size_bytes=len(piece),
        actor=keeper(upload.organisation_id),
        now=NOON,
    )


def stored(content: bytes) -> bool:
    """Whether the content lies under its name."""
    return content_storage().exists(content_name(hashlib.sha256(content).hexdigest()))
