"""Two at once: for the last space, with the same content, with the same piece."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Organisation
from exchange.core.refusals import Refusal
from exchange.delivery import fetching
from exchange.delivery.lifecycle import Form
from exchange.delivery.models import Delivery
from exchange.vault import content, files, uploads
from exchange.vault.content import open_blob
from exchange.vault.models import Blob, DataFile, Upload
from exchange.vault.space import space_of
from tests.factories import accounts
from tests.factories.delivery import BOUGHT, a_counter
from tests.factories.members import NOON, minutes
from tests.factories.vault import CSV, a_file, an_upload, csv_of, keeper, send_piece

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
MUCH_LATER = NOON + minutes(60 * 24 * 3650)


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed returned, or the code of its refusal, when all begin together."""
    start = threading.Barrier(len(deeds))

    def do(deed: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return deed()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(do, deeds))


@pytest.fixture
def organisation() -> Organisation:
    return accounts.an_organisation()


def test_the_last_space_is_given_once(organisation: Organisation, settings: Settings) -> None:
    settings.VAULT_QUOTA_BYTES = 3 * len(CSV) - 1
    answers = at_once(*[lambda: an_upload(organisation) for _ in range(6)])
    assert answers.count("quota_exceeded") == 4
    assert space_of(organisation.pk).reserved_bytes == 2 * len(CSV)


def test_files_and_uploads_share_one_space(organisation: Organisation, settings: Settings) -> None:
    settings.VAULT_QUOTA_BYTES = len(csv_of(1)) + 10
    answers = at_once(
        lambda: an_upload(organisation, declared_bytes=len(csv_of(1))),
        *[partial(a_file, organisation, content=csv_of(number)) for number in (1, 2)],
    )
    assert answers.count("quota_exceeded") == 2
    space = space_of(organisation.pk)
    assert space.used_bytes + space.reserved_bytes == len(csv_of(1))


def test_the_same_content_from_many_is_stored_once() -> None:
    houses = [accounts.an_organisation() for _ in range(4)]
    kept = at_once(*[partial(a_file, house) for house in houses])
    assert len({file.blob_id for file in kept}) == 1
    assert (Blob.objects.count(), DataFile.objects.count()) == (1, 4)


def test_the_same_file_from_one_organisation_is_one_file(organisation: Organisation) -> None:
    kept = at_once(*[lambda: a_file(organisation) for _ in range(4)])
    assert len({file.pk for file in kept}) == 1


def test_the_same_piece_sent_twice_counts_once(organisation: Organisation) -> None:
    upload = an_upload(organisation)
    answers = at_once(*[lambda: send_piece(upload, CSV[:100], offset=0) for _ in range(4)])
    assert answers.count("upload_offset_mismatch") == 3
    assert Upload.objects.get().received_bytes == 100


def test_finishing_at_once_makes_one_file(organisation: Organisation) -> None:
    upload = send_piece(an_upload(organisation), CSV, offset=0)
    kept = at_once(
        *[
            lambda: uploads.finish_upload(upload.public_id, actor=keeper(organisation.pk), now=NOON)
            for _ in range(4)
        ]
    )
    assert len({one.file.pk for one in kept}) == 1
    assert sorted(one.was_known for one in kept) == [False, True, True, True]


def test_content_that_is_being_removed_is_there_for_who_brings_it_again(
    organisation: Organisation,
) -> None:
    for number in range(10):
        gone = a_file(organisation, content=csv_of(number))
        files.remove_file(gone, actor=keeper(organisation.pk), now=NOON)
        kept, _swept = at_once(
            partial(a_file, organisation, content=csv_of(number)),
            partial(content.purge_content, now=MUCH_LATER),
        )
        with open_blob(kept.blob) as file:
            assert file.read() == csv_of(number)


def test_many_requests_at_once_are_one_delivery_with_all_of_them() -> None:
    counter = a_counter()

    def fetch() -> None:
        fetched = fetching.fetch(
            counter.entitlement.public_id,
            actor=counter.fetching,
            table=counter.file.tables.get().public_id,
            form=Form.CSV,
            now=BOUGHT,
        )
        fetched.begin()
        fetched.count(10)

    at_once(*[fetch for _ in range(6)])
    delivery = Delivery.objects.get()
    assert (delivery.requests, delivery.uses, delivery.bytes_sent) == (6, 1, 60)
