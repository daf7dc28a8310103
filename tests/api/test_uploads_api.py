"""Uploads in pieces over the API: tus 1.0, with any client."""

import base64
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import Organisation
from exchange.members.roles import Kind
from exchange.vault import file_reading
from exchange.vault.models import DataFile, Upload
from tests.factories import accounts
from tests.factories.members import NOON, an_exchange
from tests.factories.vault import CSV, a_file, an_asking_file, stored

pytestmark = pytest.mark.django_db
PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def vault_root(tmp_path: Path, settings: Settings) -> None:
    settings.VAULT_ROOT = str(tmp_path / "vault")


@pytest.fixture
def seller() -> Organisation:
    organisation = accounts.an_organisation()
    an_exchange().admit(organisation, Kind.SELLER)
    return organisation


@pytest.fixture
def program(seller: Organisation) -> Client:
    key = accounts.an_api_key(seller, scopes=("vault:read", "vault:write"), at=timezone.now())
    return Client(headers={"Authorization": f"Bearer {key.secret}"})


def begin(program: Client, length: object = len(CSV), name: str = "电表.csv") -> Any:
    named = base64.b64encode(name.encode()).decode()
    return program.post(
        "/api/v1/uploads",
        headers={
            "Upload-Length": str(length),
            "Upload-Metadata": f"filename {named},x",
            "Tus-Resumable": "1.0.0",
        },
    )


def send(program: Client, address: str, piece: bytes, *, offset: int, **more: Any) -> Any:
    headers = {"Upload-Offset": str(offset), "Tus-Resumable": "1.0.0", **more}
    return program.patch(address, piece, content_type=PIECE, headers=headers)


def test_a_file_arrives_in_pieces_and_is_named_in_the_last_answer(program: Client) -> None:
    begun = begin(program)
    assert (begun.status_code, begun["Upload-Offset"], begun["Tus-Resumable"]) == (
        201,
        "0",
        "1.0.0",
    )
    address = begun["Location"]
    first = send(program, address, CSV[:300], offset=0)
    assert (first.status_code, first["Upload-Offset"]) == (204, "300")
    assert "Assay-File" not in first
    look = program.head(address)
    assert (look["Upload-Offset"], look["Upload-Length"]) == ("300", str(len(CSV)))
    assert look["Cache-Control"] == "no-store"
    last = send(program, address, CSV[300:], offset=300)
    file = DataFile.objects.get()
    assert (last["Assay-File"], last["Assay-File-Known"]) == (file.public_id, "false")
    assert (file.name, stored(CSV)) == ("电表.csv", True)


def test_a_wrong_offset_is_409_and_says_the_right_one(program: Client) -> None:
    address = begin(program)["Location"]
    send(program, address, CSV[:300], offset=0)
    wrong = send(program, address, CSV[:300], offset=0)
    assert (wrong.status_code, wrong.json()["offset"]) == (409, 300)


def test_a_last_answer_that_got_lost_is_asked_for_with_an_empty_piece(program: Client) -> None:
    address = begin(program)["Location"]
    told = send(program, address, CSV, offset=0)["Assay-File"]
    again = send(program, address, b"", offset=len(CSV))
    assert (again.status_code, again["Assay-File"]) == (204, told)


def test_known_content_is_said_to_be_known(program: Client, seller: Organisation) -> None:
    known = a_file(seller)
    last = send(program, begin(program)["Location"], CSV, offset=0)
    assert (last["Assay-File"], last["Assay-File-Known"]) == (known.public_id, "true")


@pytest.mark.parametrize(
    ("length", "status", "code"),
    [
        ("0", 422, "empty_file"),
        ("", 422, "invalid"),
        ("-5", 422, "invalid"),
        ("1e9", 422, "invalid"),
        ("999999999999999", 413, "file_too_large"),
    ],
)
def test_a_length_that_makes_no_sense_begins_nothing(
    program: Client, length: str, status: int, code: str
) -> None:
    refused = begin(program, length)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Upload.objects.exists() is False


def test_a_file_that_the_quota_does_not_hold_begins_nothing(
    program: Client, settings: Settings
) -> None:
    settings.VAULT_QUOTA_BYTES = len(CSV) - 1
    refused = begin(program)
    assert (refused.status_code, refused.json()["code"]) == (413, "quota_exceeded")
    assert Upload.objects.exists() is False


def test_another_version_of_the_protocol_is_refused(program: Client) -> None:
    address = begin(program)["Location"]
    refused = send(program, address, CSV, offset=0, **{"Tus-Resumable": "0.2.2"})
    assert (refused.status_code, refused.json()["version"]) == (412, "1.0.0")


def test_a_piece_of_another_type_is_refused(program: Client) -> None:
    refused = program.patch(
        begin(program)["Location"], CSV, content_type="text/csv", headers={"Upload-Offset": "0"}
    )
    assert (refused.status_code, refused.json()["code"]) == (415, "upload_piece_type")
    assert Upload.objects.get().received_bytes == 0


def test_an_abandoned_upload_is_gone(program: Client) -> None:
    address = begin(program)["Location"]
    assert program.delete(address).status_code == 204
    over = send(program, address, CSV, offset=0)
    assert (over.status_code, over.json()["code"]) == (410, "upload_over")


def test_nobody_else_sees_an_upload_or_a_file(program: Client) -> None:
    address = begin(program)["Location"]
    file = send(program, address, CSV, offset=0)["Assay-File"]
    key = accounts.an_api_key(
        accounts.an_organisation(), scopes=("vault:read", "vault:write"), at=timezone.now()
    )
    stranger = Client(headers={"Authorization": f"Bearer {key.secret}"})
    for there in (address, f"/api/v1/files/{file}"):
        assert stranger.get(there).status_code == 404


def test_a_reading_key_uploads_nothing(seller: Organisation) -> None:
    key = accounts.an_api_key(seller, scopes=("vault:read",), at=timezone.now())
    refused = begin(Client(headers={"Authorization": f"Bearer {key.secret}"}))
    assert (refused.status_code, refused.json()["code"]) == (403, "wrong_scope")


def test_a_program_sees_what_was_found_in_its_file(program: Client, seller: Organisation) -> None:
    file = file_reading.read_now(a_file(seller).pk, now=NOON)
    (listed,) = program.get("/api/v1/files").json()["items"]
    assert (listed["id"], listed["state"], listed["rows_read"]) == (file.public_id, "ready", 30)
    (table,) = program.get(f"/api/v1/files/{file.public_id}").json()["tables"]
    assert [column["name"] for column in table["document"]["columns"]] == ["meter", "at", "kwh"]
    assert program.delete(f"/api/v1/files/{file.public_id}").status_code == 204
    assert DataFile.objects.exists() is False


def test_questions_come_with_the_file_and_take_answers(
    program: Client, seller: Organisation
) -> None:
    file = an_asking_file(seller)
    (question,) = program.get(f"/api/v1/files/{file.public_id}").json()["questions"]
    assert (question["asked"], question["place"]) == ("encoding", "towns.csv")
    assert question["is_answered"] is False
    assert {"cp1251", "gb18030"} <= {one["value"] for one in question["options"]}
    answers = f"/api/v1/files/{file.public_id}/answers"

    def say(**said: str) -> Any:
        body = {"answers": [{"asked": "encoding", "place": "towns.csv", "value": "cp1251", **said}]}
        headers = {"Idempotency-Key": str(uuid4())}
        return program.post(answers, body, content_type="application/json", headers=headers)

    for wrong, status, code in (
        ({"value": "utf-7"}, 422, "no_such_option"),
        ({"place": "other.csv"}, 409, "no_such_question"),
    ):
        refused = say(**wrong)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    taken = say()
    assert (taken.status_code, taken.json()["state"]) == (200, "stored")
    refused = say(value="gb18030")
    assert (refused.status_code, refused.json()["code"]) == (409, "file_being_read")
    file_reading.read_now(file.pk, now=NOON)
    read = program.get(f"/api/v1/files/{file.public_id}").json()
    assert [one["is_answered"] for one in read["questions"]] == [True]
    assert read["questions"][0]["taken"] == "cp1251"
