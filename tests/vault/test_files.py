"""Keeping files: by the hash of their content, once, within the quota."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from pytest_django import Settings

from exchange.audit.models import Record
from exchange.core.models import OutboxJob
from exchange.core.refusals import NotFound
from exchange.vault import content as contents
from exchange.vault import files, space
from exchange.vault.content import blob_path, open_blob
from exchange.vault.errors import NotRefused, QuotaBelowUse, QuotaExceeded
from exchange.vault.files import file_of
from exchange.vault.lifecycle import FileState
from exchange.vault.models import Blob, DataFile, DataTable
from exchange.vault.models.files import clean_name
from exchange.vault.space import Space, space_of
from exchange.vault.store import INCOMING, content_name
from tests.factories.accounts import NOON, an_organisation
from tests.factories.members import minutes
from tests.factories.vault import ACTOR, CSV, a_file, a_read_file, csv_of, keeper, stored

pytestmark = pytest.mark.django_db
SHA256 = hashlib.sha256(CSV).hexdigest()
DAY_AFTER = NOON + minutes(60 * 24 * 3650)


def events() -> list[str]:
    return list(Record.objects.order_by("pk").values_list("event", flat=True))


def test_a_file_lies_under_the_hash_of_its_content_and_is_promised_to_be_read(
    vault_root: Path,
) -> None:
    file = a_file(an_organisation())
    assert (file.blob.sha256, file.blob.size_bytes) == (SHA256, len(CSV))
    assert (vault_root / content_name(SHA256)).read_bytes() == CSV
    assert (vault_root / content_name(SHA256)).stat().st_mode & 0o777 == 0o440
    assert list((vault_root / INCOMING).iterdir()) == []
    assert file.state == FileState.STORED
    job = OutboxJob.objects.get(topic="vault.file.read")
    assert job.payload == {"file_id": file.pk}
    assert events() == ["vault.file.stored"]
    with open_blob(file.blob) as content:
        assert content.read() == CSV


def test_the_same_file_twice_is_one_file_and_says_so() -> None:
    organisation = an_organisation()
    first = a_file(organisation)
    again = files.keep(
        actor=keeper(organisation.pk), name="another name.csv", content=BytesIO(CSV), now=NOON
    )
    assert (again.file.pk, again.was_known, again.file.name) == (first.pk, True, "meters.csv")
    assert (Blob.objects.count(), DataFile.objects.count()) == (1, 1)
    assert OutboxJob.objects.filter(topic="vault.file.read").count() == 1
    assert space_of(organisation.pk).used_bytes == len(CSV)


def test_two_organisations_share_the_content_and_know_nothing_of_each_other() -> None:
    mine, theirs = a_file(an_organisation()), a_file(an_organisation())
    assert mine.blob_id == theirs.blob_id
    assert mine.pk != theirs.pk
    with pytest.raises(NotFound):
        file_of(mine.organisation_id, theirs.public_id)


def test_a_file_larger_than_the_quota_is_refused_and_nothing_is_stored(
    settings: Settings, vault_root: Path
) -> None:
    settings.VAULT_QUOTA_BYTES = len(CSV) - 1
    organisation = an_organisation()
    with pytest.raises(QuotaExceeded) as refused:
        a_file(organisation)
    assert refused.value.facts["quota_bytes"] == len(CSV) - 1
    assert (Blob.objects.count(), DataFile.objects.count()) == (0, 0)
    assert list((vault_root / INCOMING).iterdir()) == []
    assert not stored(CSV)


def test_what_the_organisation_holds_already_takes_no_more_space(
    settings: Settings,
) -> None:
    settings.VAULT_QUOTA_BYTES = len(CSV)
    organisation = an_organisation()
    files.keep(
        actor=keeper(organisation.pk),
        name="made.csv",
        content=BytesIO(CSV),
        now=NOON,
        synthetic=True,
    )
    assert space_of(organisation.pk) == Space(
        quota_bytes=len(CSV), used_bytes=len(CSV), reserved_bytes=0
    )


def test_an_organisation_may_have_a_limit_of_its_own_but_none_below_its_use() -> None:
    organisation = an_organisation()
    a_file(organisation)
    with pytest.raises(QuotaBelowUse) as refused:
        space.set_quota(organisation=organisation, quota_bytes=len(CSV) - 1, actor=ACTOR, now=NOON)
    assert refused.value.facts == {"least_bytes": len(CSV)}
    space.set_quota(organisation=organisation, quota_bytes=len(CSV), actor=ACTOR, now=NOON)
    with pytest.raises(QuotaExceeded):
        a_file(organisation, content=csv_of(1))
    space.set_quota(organisation=organisation, quota_bytes=None, actor=ACTOR, now=NOON)
    assert a_file(organisation, content=csv_of(1)).pk


def test_reading_content_that_breaks_off_leaves_nothing(vault_root: Path) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 0:
                raise OSError("The line is cut.")
            return super().read(min(10, size or 10))

    with pytest.raises(OSError, match="cut"):
        files.keep(
            actor=keeper(an_organisation().pk), name="cut.csv", content=Broken(CSV), now=NOON
        )
    assert list((vault_root / INCOMING).iterdir()) == []
    assert DataFile.objects.exists() is False


def test_content_that_the_disk_has_lost_is_missing_and_not_an_error() -> None:
    file = a_file(an_organisation())
    path = blob_path(file.blob)
    assert path is not None
    path.unlink()
    with pytest.raises(NotFound) as refused:
        open_blob(file.blob)
    assert refused.value.facts == {"sha256": SHA256}
    a_file(an_organisation())  # whoever brings it again mends it
    with open_blob(file.blob) as content:
        assert content.read() == CSV


def test_a_removed_file_is_forgotten_and_its_content_goes_with_the_next_sweep() -> None:
    organisation = an_organisation()
    file = a_read_file(organisation)
    parquet = blob_path(file.tables.get().parquet)
    assert parquet is not None
    files.remove_file(file, actor=keeper(organisation.pk), now=NOON)
    assert (DataFile.objects.count(), DataTable.objects.count()) == (0, 0)
    assert stored(CSV)
    assert contents.purge_content(now=DAY_AFTER) >= 2
    assert not stored(CSV)
    assert not parquet.exists()
    assert Blob.objects.exists() is False
    assert events()[-1] == "vault.file.removed"
    assert space_of(organisation.pk).used_bytes == 0


def test_the_sweep_keeps_what_somebody_needs_and_what_is_young() -> None:
    a_file(an_organisation())
    gone = a_file(an_organisation(), content=csv_of(1))
    files.remove_file(gone, actor=keeper(gone.organisation_id), now=NOON)
    assert contents.purge_content(now=NOON) == 0
    assert contents.purge_content(now=DAY_AFTER) == 1
    assert stored(CSV)
    assert not stored(csv_of(1))


def test_only_a_refused_file_is_read_again() -> None:
    file = a_file(an_organisation())
    with pytest.raises(NotRefused):
        files.read_again(file, actor=keeper(file.organisation_id), now=NOON)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\data\\电表 数据.csv", "电表 数据.csv"),
        ("a\u202egpj.csv", "agpj.csv"),
        ("tab\there\n.csv", "tabhere.csv"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_names_are_for_people_and_never_paths(given: str, kept: str) -> None:
    assert clean_name(given) == kept


def test_the_database_refuses_to_change_what_is_stored() -> None:
    file = a_read_file(an_organisation())
    other = a_file(an_organisation(), content=csv_of(1))
    table = file.tables.get()
    changes: list[tuple[type[Model], int, dict[str, Any], str]] = [
        (Blob, file.blob_id, {"size_bytes": 1}, "blobs_are_never_changed"),
        (DataTable, table.pk, {"rows": 1}, "data_tables_are_never_changed"),
        (DataFile, other.pk, {"blob_id": file.blob_id}, "data_files_keep_their_content"),
        (DataFile, file.pk, {"state": "reading"}, "data_files_stay_ready"),
        (DataFile, file.pk, {"state": "stored"}, "data_files_with_tables_stay_ready"),
    ]
    for model, key, change, rule in changes:
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            model._default_manager.filter(pk=key).update(**change)
        cause = refused.value.__cause__
        assert cause is not None
        assert cause.diag.constraint_name == rule  # type: ignore[attr-defined]  # psycopg's


def test_a_refusal_without_a_reason_is_not_stored() -> None:
    file = a_file(an_organisation())
    with (
        pytest.raises(IntegrityError, match="data_file_refusal_has_a_reason"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "UPDATE vault_datafile SET state = 'refused', read_at = now() WHERE id = %s", [file.pk]
        )
