"""Pages of files: bring one without JavaScript, see what became of it."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from exchange.members.roles import Kind, Role
from exchange.vault.models import DataFile
from tests.factories import accounts
from tests.factories.members import a_role, an_exchange
from tests.factories.vault import CSV, a_file, a_read_file, csv_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


@pytest.fixture
def owner(client: Client) -> Client:
    """Signed in as a data owner of a seller."""
    seller = accounts.an_organisation()
    an_exchange().admit(seller, Kind.SELLER)
    person = accounts.a_member(seller)
    a_role(seller, person, Role.DATA_OWNER)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def bring(owner: Client, content: bytes = CSV, **more: str) -> str:
    """Post the form; where it leads."""
    file = SimpleUploadedFile("meters.csv", content)
    answer = owner.post(reverse("web:files"), {"file": file, **more})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_a_form_brings_a_file_and_leads_to_its_page(owner: Client) -> None:
    page = owner.get(bring(owner))
    file = DataFile.objects.get()
    assert (file.name, file.blob.size_bytes) == ("meters.csv", len(CSV))
    assert "Waiting to be read" in page.content.decode()
    state = owner.get(reverse("web:file_progress", args=[file.public_id])).json()
    assert state == {
        "state": "stored", "rows_read": 0, "bytes_read": 0, "size_bytes": len(CSV),
    }  # fmt: skip


def test_the_same_file_again_is_said_to_be_known(owner: Client) -> None:
    first, again = bring(owner), bring(owner)
    assert again == f"{first}?known=1"
    assert "You have this file already" in owner.get(again).content.decode()


def test_the_form_leads_to_the_file_and_nowhere_else(owner: Client) -> None:
    for elsewhere in ("/sell/", "https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        assert bring(owner, next=elsewhere).startswith("/sell/files/fil_")


def test_a_file_that_does_not_fit_is_refused_at_the_field(
    owner: Client, settings: Settings
) -> None:
    settings.VAULT_QUOTA_BYTES = 10
    answer = owner.post(reverse("web:files"), {"file": SimpleUploadedFile("meters.csv", CSV)})
    assert answer.status_code == 413
    assert "The file does not fit: 10 B of 10 B are free." in answer.content.decode()
    assert DataFile.objects.exists() is False


def test_pages_show_what_was_found_and_what_could_not_be_read(owner: Client) -> None:
    bring(owner)
    seller = DataFile.objects.get().organisation
    ready = a_read_file(seller, content=csv_of(1), name="ready.csv")
    refused = a_read_file(seller, content=b"meter,at\n", name="refused.csv")
    assert "31" in owner.get(reverse("web:file", args=[ready.public_id])).content.decode()
    shown = owner.get(reverse("web:file", args=[refused.public_id])).content.decode()
    assert refused.refusal_text in shown
    listed = owner.get(reverse("web:files")).content.decode()
    assert all(name in listed for name in ("meters.csv", "ready.csv", "refused.csv"))
    again = owner.post(reverse("web:file_read_again", args=[refused.public_id]))
    assert again.status_code == 302
    refused.refresh_from_db()
    assert refused.state == "stored"
    owner.post(reverse("web:file_remove", args=[ready.public_id]))
    assert DataFile.objects.filter(pk=ready.pk).exists() is False


def test_a_reading_is_stopped_on_its_page(owner: Client) -> None:
    bring(owner)
    file = DataFile.objects.get()
    address = reverse("web:file_stop", args=[file.public_id])
    assert address in owner.get(reverse("web:file", args=[file.public_id])).content.decode()
    assert owner.post(address).status_code == 302
    shown = owner.get(reverse("web:file", args=[file.public_id])).content.decode()
    assert "reading_stopped" in shown
    assert address not in shown


def test_others_find_nothing_at_the_address_of_a_file(owner: Client) -> None:
    theirs = a_file(accounts.an_organisation())
    assert owner.get(reverse("web:file", args=[theirs.public_id])).status_code == 404
    assert owner.post(reverse("web:file_remove", args=[theirs.public_id])).status_code == 404
    assert DataFile.objects.filter(pk=theirs.pk).exists()
