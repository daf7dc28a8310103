"""Selling over the API: a program does what the wizard does, and no more."""

import uuid
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from exchange.catalog.lifecycle import ListingState
from exchange.catalog.models import Product, Revision
from tests.factories import accounts
from tests.factories.catalog import (
    DETAILS,
    Stall,
    a_column,
    a_document,
    a_finding,
    a_ready_file,
    a_stall,
)

BASE = "/api/v1/selling"


@pytest.fixture
def stall(db: None) -> Stall:
    return a_stall()


class Program:
    """A client with a key of the seller."""

    def __init__(self, stall: Stall, *scopes: str) -> None:
        key = accounts.an_api_key(stall.seller, scopes=scopes, at=timezone.now())
        self.client = Client(headers={"Authorization": f"Bearer {key.secret}"})

    def send(self, method: str, address: str, body: Any = None, *, key: str = "") -> Any:
        return getattr(self.client, method)(
            f"{BASE}{address}",
            data=body if body is not None else {},
            content_type="application/json",
            headers={"Idempotency-Key": key or uuid.uuid4().hex},
        )


@pytest.fixture
def program(stall: Stall) -> Program:
    return Program(stall, "catalog:read", "catalog:write")


def test_a_program_publishes_a_product_up_to_the_review(stall: Stall, program: Program) -> None:
    drafted = program.send("post", "/products", {"kind": "dataset", **DETAILS})
    assert drafted.status_code == 201
    here = f"/products/{drafted.json()['id']}"
    shut = {gate["code"] for gate in drafted.json()["gates"] if gate["needed"] and not gate["open"]}
    assert shut == {"data_ready", "offer_made"}

    document = a_document(a_column("phone"), findings=[a_finding("phone")])
    file = a_ready_file(stall.seller, document)
    attached = program.send("post", f"{here}/revisions", {"file": file.public_id})
    assert (attached.status_code, attached.json()["number"]) == (201, 1)
    said = [{"position": 0, "columns": [{"column": "phone", "personal": False, "why": "Made up."}]}]
    assert program.send("patch", f"{here}/dictionary", said).status_code == 200
    offer = {"name": "Monthly", "kind": "subscription", "price_minor": 9900, "period": "P1M"}
    made = program.send("post", f"{here}/offers", offer)
    assert (made.status_code, made.json()["price_minor"], made.json()["findings"]) == (
        201,
        9900,
        [],
    )

    submitted = program.send("post", f"{here}/submit")
    assert (submitted.status_code, submitted.json()["state"]) == (200, "submitted")


def test_submitting_too_early_names_the_gates(program: Program) -> None:
    here = program.send("post", "/products", {"kind": "api", "title": "Half"}).json()["id"]
    refused = program.send("post", f"/products/{here}/submit")
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "listing_gates_shut")
    assert "offer_made" in {gate["code"] for gate in problem["gates"]}
    assert Product.objects.get().state == ListingState.DRAFT


def test_the_same_request_again_drafts_one_product(program: Program) -> None:
    body = {"kind": "dataset", "title": "Once"}
    first = program.send("post", "/products", body, key="one")
    again = program.send("post", "/products", body, key="one")
    assert first.json()["id"] == again.json()["id"]
    assert Product.objects.count() == 1


def test_a_field_that_is_wrong_is_named(program: Program) -> None:
    refused = program.send("post", "/products", {"kind": "dataset", "region": "Atlantis"})
    assert (refused.status_code, refused.json()["code"]) == (422, "product_details_refused")
    assert refused.json()["field"] == "region"
    assert Product.objects.count() == 0


def test_a_key_that_only_reads_changes_nothing(stall: Stall) -> None:
    reader = Program(stall, "catalog:read")
    product = stall.draft()
    shown = reader.client.get(f"{BASE}/products/{product.public_id}")
    assert (shown.status_code, shown.json()["details"]["title"]) == (200, product.title)
    assert reader.send("patch", f"/products/{product.public_id}", {"title": "X"}).status_code == 403
    product.refresh_from_db()
    assert product.title == DETAILS["title"]


def test_a_product_is_paused_and_listed_again_by_a_program(stall: Stall, program: Program) -> None:
    product = stall.list()
    here = f"/products/{product.public_id}"
    assert program.send("post", f"{here}/relist").json()["code"] == "illegal_transition"
    paused = program.send("post", f"{here}/pause")
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")
    shown = Client().get(f"/api/v1/products/{product.public_id}")
    assert (shown.status_code, shown.json()["code"]) == (409, "product_paused")
    assert program.send("post", f"{here}/pause").json()["code"] == "illegal_transition"
    back = program.send("post", f"{here}/relist")
    assert (back.status_code, back.json()["state"]) == (200, "listed")
    assert Client().get(f"/api/v1/products/{product.public_id}").status_code == 200


def test_a_listed_product_gets_revisions_and_is_withdrawn(stall: Stall, program: Program) -> None:
    product = stall.list()
    here = f"/products/{product.public_id}"
    file = a_ready_file(stall.seller, a_document(rows=120))
    program.send("post", f"{here}/revisions", {"file": file.public_id})
    published = program.send("post", f"{here}/publish", {"note": "More rows"})
    assert published.json()["difference"]["rows"] == [100, 120]
    second = Revision.objects.get(number=2)
    revoked = program.send(
        "post", f"/revisions/{second.public_id}/revoke", {"reason": "Wrong month."}
    )
    assert revoked.json()["state"] == "revoked"
    offer = product.offers.get()
    withdrawn = program.send("post", f"/offers/{offer.public_id}/withdraw")
    assert withdrawn.json()["state"] == "withdrawn"
    delisted = program.send("post", f"{here}/delist", {"reason": "Replaced."})
    assert delisted.json()["state"] == "delisted"
