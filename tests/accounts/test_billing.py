"""Where an organisation receives invoices, and its number for value-added tax, on what is issued from then on."""

import pytest
from django.db import IntegrityError, transaction

from accounts import billing
from accounts.authority import actor_of
from accounts.billing import AddressIncomplete, BadTaxId, Billing, BillingTooLong
from accounts.credit_codes import BadCreditCode
from accounts.lines import NotOneLine
from accounts.models import Organisation
from accounts.refusals import AccountRefusal, NotAManager
from exchange.audit.models import Record
from exchange.journeys import acceptance
from exchange.payments.lifecycle import DocumentKind
from exchange.payments.models import Document
from tests.factories import accounts
from tests.factories.accounts import NOON
from tests.factories.orders import DAY, a_market
from tests.web.buyers import browser, shown

pytestmark = pytest.mark.django_db
BERLIN = Billing("Invalidenstraße 1", "10115", "Berlin", "DE 129 273 398")


def change(organisation: Organisation, said: Billing) -> Organisation:
    owner = accounts.owner_of(organisation)
    return billing.change(
        organisation_id=organisation.pk, billing=said, actor=actor_of(owner), now=NOON
    )


@pytest.mark.parametrize(
    ("country", "text", "kept"),
    [
        ("DE", "de 129 273 398", "DE129273398"), ("DE", "129273398", "DE129273398"),
        ("GR", "EL094259216", "EL094259216"), ("NL", "NL004495445B01", "NL004495445B01"),
        ("AT", "atu13585627", "ATU13585627"), ("US", "12-3456789", "123456789"), ("FR", "", ""),
    ],
)  # fmt: skip
def test_numbers_are_kept_as_invoices_write_them(country: str, text: str, kept: str) -> None:
    assert billing.read_tax_id(text, country=country) == kept


@pytest.mark.parametrize(
    ("country", "text"),
    [("DE", "DE12927339"), ("DE", "FR12345678901"), ("GR", "GR094259216"), ("US", "<b>"), ("US", "1"),
     ("DE", "DE١٢٩٢٧٣٣٩٨"), ("US", "x" * 21)],
)  # fmt: skip
def test_numbers_of_another_shape_are_refused(country: str, text: str) -> None:
    with pytest.raises(BadTaxId) as refused:
        billing.read_tax_id(text, country=country)
    assert refused.value.facts["field"] == "tax_id"


def test_in_china_the_number_is_the_credit_code() -> None:
    code = accounts.a_credit_code()
    assert billing.read_tax_id(code.lower(), country="CN") == code
    with pytest.raises(BadCreditCode) as refused:
        billing.read_tax_id("91310115000000000A", country="CN")
    assert refused.value.facts["field"] == "tax_id"


def test_owners_change_it_and_the_log_keeps_which_fields() -> None:
    house = accounts.an_organisation(country="DE", credit_code=None)
    change(house, BERLIN)
    house.refresh_from_db()
    assert billing.of(house) == Billing("Invalidenstraße 1", "10115", "Berlin", "DE129273398")
    change(house, BERLIN)
    record = Record.objects.get(event="accounts.organisation.billing_changed")
    assert b"Invalidenstra" not in bytes(record.canonical)
    member = accounts.a_member(house)
    with pytest.raises(NotAManager):
        billing.change(
            organisation_id=house.pk, billing=Billing(), actor=actor_of(member), now=NOON
        )


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        (Billing(street="Road 1"), AddressIncomplete), (Billing(city="Berlin"), AddressIncomplete),
        (Billing(postcode="10115"), AddressIncomplete),
        (Billing(street="Road\n1", city="Berlin"), NotOneLine),
        (Billing(street="x" * 201, city="Berlin"), BillingTooLong),
    ],
)  # fmt: skip
def test_what_no_invoice_can_show_is_refused_and_changes_nothing(
    said: Billing, refusal: type[AccountRefusal]
) -> None:
    house = accounts.an_organisation()
    with pytest.raises(refusal):
        change(house, said)
    house.refresh_from_db()
    assert billing.of(house) == Billing()


def test_the_database_takes_no_half_address() -> None:
    house = accounts.an_organisation()
    for values in ({"street": "Road 1"}, {"street": "A\nB", "city": "C"}, {"tax_id": "de 1"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organisation.objects.filter(pk=house.pk).update(**values)


def test_invoices_and_orders_show_both_sides_and_keep_what_they_show() -> None:
    market = a_market()
    seller = browser(accounts.owner_of(market.seller), market.seller)
    path = f"/organisations/{market.seller.public_id}/billing/"
    half = seller.post(path, {"street": "1 Pipe Road"})
    assert half.status_code == 422
    assert "An address has a street and a city." in half.content.decode()
    form = {"street": "1 Pipe Road", "postcode": "150000", "city": "Harbin", "tax_id": ""}
    assert seller.post(path, form).status_code == 302
    assert "1 Pipe Road, 150000 Harbin, China" in shown(
        seller, f"/organisations/{market.seller.public_id}/"
    )
    change(market.buyer, Billing("2 Gas Street", "", "Wuhan", market.buyer.credit_code or ""))
    order = market.delivered()
    acceptance.accept(order.public_id, actor=market.buying, now=DAY)
    invoice = Document.objects.get(kind=DocumentKind.INVOICE)
    assert invoice.content["seller"]["street"] == "1 Pipe Road"
    assert invoice.content["buyer"]["tax_id"] == market.buyer.credit_code
    change(market.seller, Billing("9 New Road", "", "Harbin"))
    buyer = browser(accounts.owner_of(market.buyer), market.buyer)
    printed = shown(buyer, f"/documents/{invoice.number}.html")
    assert "1 Pipe Road, 150000 Harbin, China" in printed
    assert "2 Gas Street, Wuhan, China" in printed
    confirmation = shown(buyer, f"/orders/{order.public_id}/documents/order.html")
    assert "9 New Road, Harbin, China" in confirmation
    assert str(market.buyer.credit_code) in confirmation
