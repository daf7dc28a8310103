"""The documents of a whole trade: who may read them, what they say, and the public check of the last."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.models import Organisation, User
from exchange.audit import sequencer
from exchange.journeys import acceptance
from exchange.orders.models import Certificate, Order
from exchange.payments.models import Document
from exchange.web.documents.trade import contract_document
from tests.factories import accounts
from tests.factories.members import minutes
from tests.factories.orders import DAY, Market, a_market, pay

pytestmark = pytest.mark.django_db
KINDS = ("order", "contract", "delivery_note", "invoice", "certificate")


@pytest.fixture
def market() -> Market:
    return a_market()


@pytest.fixture
def closed(market: Market) -> Order:
    """A trade that went its whole way, sealed in the log."""
    order = market.delivered(1000)
    order = acceptance.accept(order.public_id, actor=market.buying, now=DAY + minutes(5))
    sequencer.sequence_batch(DAY + minutes(6))
    return order


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(order: Order, kind: str, form: str = "html") -> str:
    return reverse("web:order_document", args=[order.public_id, kind, form])


@pytest.mark.parametrize("kind", KINDS)
def test_buyer_reads_each_document_as_a_page_as_pdf_and_as_data(
    client: Client, market: Market, closed: Order, kind: str
) -> None:
    signed_in(client, market.agent)
    page = client.get(address(closed, kind))
    assert page.status_code == 200
    assert "City Gas" in page.content.decode()
    printed = client.get(address(closed, kind, "pdf"))
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")
    assert closed.public_id in json.dumps(client.get(address(closed, kind, "json")).json()) or (
        kind in {"order", "contract"}
    )


def test_a_name_and_a_number_that_no_font_has_stop_no_document(
    client: Client, market: Market, bare_machine: None
) -> None:
    Organisation.objects.filter(pk=market.buyer.pk).update(name="𠮷野 Gas 😀")
    order = market.order(market.offer(), po_number="PO-7 😀")
    pay(order)
    acceptance.accept(order.public_id, actor=market.buying, now=DAY + minutes(5))
    sequencer.sequence_batch(DAY + minutes(6))
    signed_in(client, market.agent)
    for kind in KINDS:
        assert "𠮷野 Gas 😀" in client.get(address(order, kind)).content.decode()
        printed = client.get(address(order, kind, "pdf"))
        assert (printed.status_code, printed.content[:5]) == (200, b"%PDF-"), kind


def test_the_statement_tells_the_seller_alone_how_the_money_was_shared(
    client: Client, market: Market, closed: Order
) -> None:
    assert signed_in(client, market.agent).get(address(closed, "statement")).status_code == 404
    seller = signed_in(Client(), accounts.owner_of(market.seller))
    page = seller.get(address(closed, "statement")).content.decode()
    assert "CN¥1,060.00" in page  # received
    assert "CN¥980.00" in page  # 1,000 less 2 % fee


def test_strangers_learn_nothing_of_a_trade(client: Client, closed: Order) -> None:
    stranger = accounts.a_member(accounts.an_organisation(name="Somebody else"))
    signed_in(client, stranger)
    assert {client.get(address(closed, kind)).status_code for kind in KINDS} == {404}
    number = Document.objects.get(kind="invoice").number
    assert client.get(reverse("web:numbered_document", args=[number, "html"])).status_code == 404


def test_a_numbered_document_is_found_by_its_number(
    client: Client, market: Market, closed: Order
) -> None:
    number = Document.objects.get(kind="invoice", order=closed).number
    signed_in(client, accounts.owner_of(market.buyer))
    page = client.get(reverse("web:numbered_document", args=[number, "html"]))
    assert page.status_code == 200
    assert number in page.content.decode()


def test_an_unknown_form_or_document_is_refused_with_what_there_is(
    client: Client, market: Market, closed: Order
) -> None:
    signed_in(client, market.agent)
    assert client.get(address(closed, "certificate", "docx")).status_code == 404
    assert client.get(address(closed, "love_letter")).status_code == 404
    assert client.get(address(closed, "credit_note")).status_code == 404


def test_a_contract_speaks_the_readers_language(market: Market, closed: Order) -> None:
    with translation.override("en"):
        english = contract_document(closed, concluded_at=DAY)
    with translation.override("zh-hans"):
        chinese = contract_document(closed, concluded_at=DAY)
    assert (english.language, chinese.language) == ("en", "zh-Hans")
    assert english.clauses[1].paragraphs[0].startswith("The buyer may: ")
    assert "working days" in english.clauses[3].paragraphs[0]
    assert english.clauses != chinese.clauses


def test_anybody_can_check_a_certificate_and_learns_no_more(
    client: Client, market: Market, closed: Order
) -> None:
    certificate = Certificate.objects.get(order=closed)
    here = reverse("web:verify_certificate", args=[certificate.number])
    digest = certificate.document_hash.removeprefix("sha256:")
    plain = client.get(here).content.decode()
    assert digest in plain
    assert "City Gas" not in plain
    assert "Pipeline Data" not in plain
    assert closed.public_id not in plain
    assert "Genuine" in client.get(here, {"hash": digest}).content.decode()
    assert "Genuine" in client.get(here, {"hash": f"SHA256:{digest.upper()}"}).content.decode()
    altered = client.get(here, {"hash": "0" * 64}).content.decode()
    assert "altered" in altered
    assert "Genuine" not in altered


def test_the_printed_address_leads_to_the_page_that_calls_it_genuine(
    client: Client, market: Market, closed: Order
) -> None:
    signed_in(client, market.agent)
    page = client.get(address(closed, "certificate")).content.decode()
    certificate = Certificate.objects.get(order=closed)
    digest = certificate.document_hash.removeprefix("sha256:")
    assert f"/verify/{certificate.number}/?hash={digest}" in page


def test_the_form_leads_to_the_certificate(client: Client) -> None:
    assert client.get(reverse("web:verify")).status_code == 200
    answer = client.get(reverse("web:verify"), {"number": " tc2026-000001 ", "hash": ""})
    assert answer["Location"] == "/verify/TC2026-000001/"
    assert client.get("/verify/TC2026-999999/").status_code == 404
