"""The log over HTTP: proofs for everybody, records for those whom they concern."""

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Organisation
from exchange.audit import keys, sequencer, verify
from exchange.audit.merkle import plan_inclusion
from exchange.audit.models import Head, Leaf, Record
from tests.api.callers import signed_in, with_key
from tests.factories.accounts import a_member, an_organisation
from tests.factories.audit import NOON, record, sequenced
from tests.factories.members import an_exchange

pytestmark = pytest.mark.django_db


def checked(bundle: dict[str, Any]) -> list[str]:
    return verify.check_bundle(bundle, keys.verifier_key())


def test_the_key_and_the_newest_checkpoint_are_plain_text(client: Client) -> None:
    sequenced(5, batches=2)
    key, checkpoint = client.get("/log/key"), client.get("/log/checkpoint")
    assert (
        key.headers["Content-Type"]
        == checkpoint.headers["Content-Type"]
        == ("text/plain; charset=utf-8")
    )
    read = verify.open_checkpoint(
        checkpoint.content.decode(), [verify.VerifierKey.parse(key.content.decode())]
    )
    assert read.size == 5
    assert read.root == bytes(Head.objects.get(tree_size=5).root)
    assert client.get("/log/checkpoint?size=3").content.decode().splitlines()[1] == "3"


@pytest.mark.parametrize("path", ["/log/checkpoint", "/log/checkpoint?size=4"])
def test_a_checkpoint_that_was_never_signed_is_a_problem_document(
    client: Client, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "no_such_tree"


def test_everybody_can_prove_a_record_by_its_id_and_by_its_index(client: Client) -> None:
    ids = sequenced(6, batches=2)
    by_id = client.get("/log/proof", {"record": ids[4]}).json()
    by_index = client.get("/log/proof", {"index": 4}).json()
    assert by_index["record"] is None  # its id tells when it was made
    assert by_id | {"record": None} == by_index
    assert "canonical" not in by_id
    assert (by_id["record"], by_id["index"], by_id["size"]) == (ids[4], 4, 6)
    assert checked(by_id)[-1].startswith(f"{ids[4]} is record number 4")


def test_a_proof_at_an_earlier_signed_size_carries_that_head(client: Client) -> None:
    sequenced(6, batches=2)
    proof = client.get("/log/proof", {"index": 1, "size": 3}).json()
    assert proof["checkpoint"] == Head.objects.get(tree_size=3).checkpoint
    assert checked(proof)


def test_a_proof_at_a_size_between_two_heads_has_no_checkpoint(client: Client) -> None:
    sequenced(6, batches=2)
    proof = client.get("/log/proof", {"index": 1, "size": 5}).json()
    leaves = [bytes(leaf.hash) for leaf in Leaf.objects.order_by("index")[:5]]
    root = verify.root_from_inclusion(
        leaf=leaves[1], index=1, size=5, path=[bytes.fromhex(one) for one in proof["path"]]
    )
    assert proof["checkpoint"] is None
    assert root == verify.node_hash(
        verify.node_hash(
            verify.node_hash(leaves[0], leaves[1]), verify.node_hash(leaves[2], leaves[3])
        ),
        leaves[4],
    )


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({}, 422, "fields_invalid"),
        ({"index": 0, "record": "rec_1"}, 422, "fields_invalid"),
        ({"index": -1}, 422, "fields_invalid"),
        ({"index": 2**63}, 422, "fields_invalid"),
        ({"index": "one"}, 422, "fields_invalid"),
        ({"index": 0, "size": 0}, 422, "fields_invalid"),
        ({"index": 0, "size": 4}, 422, "no_such_tree"),
        ({"index": 2, "size": 2}, 404, "no_such_record"),
        ({"index": 3}, 404, "no_such_record"),
        ({"record": "rec_1"}, 404, "no_such_record"),
    ],
)
def test_a_proof_of_what_is_not_there_is_refused(
    client: Client, asked: dict[str, Any], status: int, code: str
) -> None:
    sequenced(3)
    answer = client.get("/log/proof", asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_record_that_waits_says_so(client: Client) -> None:
    sequenced(1)
    answer = client.get("/log/proof", {"record": record(2)})
    assert (answer.status_code, answer.json()["code"]) == (409, "record_not_yet_in_the_log")


def test_everybody_can_prove_that_the_log_only_grew(client: Client) -> None:
    sequenced(7, batches=3)
    proof = client.get("/log/consistency", {"old": 3}).json()
    assert (proof["old_size"], proof["new_size"]) == (3, 7)
    notes = [client.get(f"/log/checkpoint?size={size}").content.decode() for size in (3, 7)]
    said = verify.check_continuation(proof, old=notes[0], new=notes[1], key=keys.verifier_key())
    assert said[-1].startswith("The first 3 are the same in both")
    with pytest.raises(verify.Unproven):
        verify.check_continuation(proof, old=notes[1], new=notes[0], key=keys.verifier_key())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"old": 0}, "fields_invalid"),
        ({"old": 4}, "no_such_tree"),
        ({"old": 3, "new": 2}, "no_such_tree"),
        ({"old": 1, "new": 4}, "no_such_tree"),
    ],
)
def test_a_continuation_that_cannot_be_is_refused(
    client: Client, asked: dict[str, Any], code: str
) -> None:
    sequenced(3)
    answer = client.get("/log/consistency", asked)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_entries_are_paged_newest_first_and_say_nothing_private(client: Client) -> None:
    ids = sequenced(5)
    first = client.get("/log/entries", {"limit": 3}).json()
    second = client.get(first["next"]).json()
    shown = first["items"] + second["items"]
    assert [entry["index"] for entry in shown] == [4, 3, 2, 1, 0]
    assert not any(public_id in str(shown) for public_id in ids)
    assert second["next"] is None
    assert set(first["items"][0]) == {"index", "group", "at", "leaf_hash"}
    assert first["items"][0]["group"] == "trading"
    assert first["items"][0]["at"] == "2026-03-02T12:00:00+00:00"


def of_organisation(organisation: Organisation) -> str:
    public_id = record(
        1, subject=f"organisation:{organisation.public_id}", event="members.admission.applied"
    )
    sequencer.sequence_batch(NOON)
    return public_id


def test_a_key_reads_the_records_of_its_organisation_and_no_others() -> None:
    ours, theirs = an_organisation(), an_organisation()
    own, foreign = of_organisation(ours), of_organisation(theirs)
    client = with_key(ours, "log:read")
    assert [item["id"] for item in client.get("/api/v1/log/records").json()["items"]] == [own]
    shown = client.get(f"/api/v1/log/records/{own}").json()
    assert shown["index"] == 0
    assert json.loads(shown["canonical"])["id"] == own
    for path in (f"/api/v1/log/records/{foreign}", f"/api/v1/log/records/{foreign}/bundle"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_record")


def test_a_key_without_the_scope_reads_no_records() -> None:
    answer = with_key(an_organisation(), "organisation:read").get("/api/v1/log/records")
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_scope")


@pytest.mark.parametrize("rest", ["", "/rec_1", "/rec_1/bundle"])
def test_records_are_not_for_strangers(client: Client, rest: str) -> None:
    assert client.get(f"/api/v1/log/records{rest}").status_code == 401


def test_a_person_reads_the_records_of_their_organisations_and_about_themselves() -> None:
    organisation = an_organisation()
    person = a_member(organisation)
    own = of_organisation(organisation)
    foreign = of_organisation(an_organisation())
    about = record(2, subject=f"user:{person.public_id}", event="accounts.user.joined")
    found = signed_in(person).get("/api/v1/log/records").json()["items"]
    indexes = {item["id"]: item["index"] for item in found}  # the sign-in was recorded too
    assert (indexes[about], indexes[own]) == (None, 0)
    assert foreign not in indexes


def test_an_operator_reads_every_record(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    exchange = an_exchange()
    foreign = of_organisation(an_organisation())
    client = signed_in(exchange.first)
    assert client.get(f"/api/v1/log/records/{foreign}").json()["id"] == foreign
    everything = client.get("/api/v1/log/records").json()["items"]
    assert len(everything) == Record.objects.count()


def test_the_bundle_of_a_record_is_proven_word_for_word() -> None:
    organisation = an_organisation()
    own = of_organisation(organisation)
    bundle = with_key(organisation, "log:read").get(f"/api/v1/log/records/{own}/bundle").json()
    assert json.loads(bundle["canonical"])["id"] == own
    assert len(checked(bundle)) == 3
    bundle["canonical"] = bundle["canonical"].replace("user:usr_1", "user:usr_2")
    with pytest.raises(verify.Unproven, match="does not have the hash"):
        checked(bundle)


def test_the_path_of_a_proof_is_as_long_as_the_tree_is_high(client: Client) -> None:
    sequenced(13, batches=3)
    for index in (0, 7, 12):
        path = client.get("/log/proof", {"index": index}).json()["path"]
        assert len(path) == len(plan_inclusion(index, 13))
