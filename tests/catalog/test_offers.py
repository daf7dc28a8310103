"""Offers: what may be offered, what an offer keeps, and how it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from exchange.audit.models import Record
from exchange.catalog import offers, products
from exchange.catalog.buyable import buyable_offer, licence_document
from exchange.catalog.errors import OfferRefused, OfferWithdrawn
from exchange.catalog.lifecycle import Delivery, Future, History, OfferKind, OfferState
from exchange.catalog.models import Offer, Product
from exchange.catalog.offers import OfferRequest
from exchange.catalog.plans import UseRates
from exchange.core.refusals import NotFound
from pricing.money import Money
from tests.factories.catalog import DAY, Stall

YUAN = Money(9_900, "CNY")


def offer(stall: Stall, product: Product, **fields: Any) -> Offer:
    command = OfferRequest(**{"name": "Once", "kind": OfferKind.ONE_OFF, "price": YUAN, **fields})
    made = offers.add_offer(product.public_id, actor=stall.selling, command=command, now=DAY)[0]
    if made.state == OfferState.PROPOSED:  # of a listed product: with the exchange's word
        products.propose_change(product.public_id, actor=stall.selling, now=DAY)
        stall.accept_change(product)
        made.refresh_from_db()
    return made


def test_an_offer_keeps_its_plan_and_what_it_charges(stall: Stall) -> None:
    made = offer(stall, stall.draft())
    assert made.plan["charges"] == [{"name": "price", "model": "flat", "amount": "99.00"}]
    assert (made.price_minor, made.currency) == (9_900, "CNY")
    assert made.plan_digest.startswith("sha256:")
    record = Record.objects.get(event="catalog.offer.made")
    assert record.subject == f"offer:{made.public_id}"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": OfferKind.FREE}, "price"),
        ({"price": Money(0, "CNY")}, "price"),
        ({"kind": OfferKind.SUBSCRIPTION}, "period"),
        ({"period": "P1M"}, "period"),
        ({"access_days": 0}, "access_days"),
        ({"kind": OfferKind.SUBSCRIPTION, "period": "P1M", "access_days": 5}, "access_days"),
        ({"history": History.LAST}, "history_count"),
        ({"history_count": 3}, "history_count"),
        ({"valid_until": DAY}, "valid_until"),
        ({"supersedes": "off_unknown"}, "supersedes"),
        ({"plan": {"plan": "x"}}, "plan.currency"),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused_at_its_field(
    stall: Stall, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(OfferRefused) as refused:
        offer(stall, stall.draft(), **fields)
    assert refused.value.facts["field"] == field
    assert Offer.objects.count() == 0


def test_a_plan_that_charges_for_use_or_names_a_tax_is_refused(stall: Stall) -> None:
    flat = {"name": "base", "model": "flat", "amount": "10"}
    plan = {"plan": "p", "version": 1, "currency": "CNY", "charges": [flat]}
    product = stall.draft()
    assert offer(stall, product, plan=plan).price_minor == 1_000
    with pytest.raises(OfferRefused):
        offer(stall, product, plan={**plan, "tax": {"percent": "6"}})
    used = {"name": "calls", "model": "per_unit", "meter": "calls", "unit": "1"}
    with pytest.raises(OfferRefused):
        offer(stall, product, plan={**plan, "charges": [flat, used]})


def by_use(*meters: str) -> dict[str, Any]:
    charges = [
        {"name": meter, "model": "per_unit", "meter": meter, "unit": "1"} for meter in meters
    ]
    plan = {"plan": "p", "version": 1, "currency": "CNY", "charges": charges}
    return {"kind": OfferKind.METERED, "price": Money(0, "CNY"), "period": "P1M", "plan": plan}


def test_files_are_metered_by_what_the_exchange_counts_of_them(stall: Stall) -> None:
    product = stall.draft()
    Product.objects.filter(pk=product.pk).update(delivery=Delivery.FILE)
    assert offer(stall, product, **by_use("calls", "rows", "bytes")).price_minor == 0
    with pytest.raises(OfferRefused) as of_plan:
        offer(stall, product, **by_use("rows", "lookups"))
    assert of_plan.value.facts["field"] == "plan.charges[1].meter"
    assert of_plan.value.facts["accepted"] == ["calls", "rows", "bytes"]
    rates = {**by_use(), "plan": None, "rates": UseRates(meter="lookups", unit_price="1")}
    with pytest.raises(OfferRefused) as of_rates:
        offer(stall, product, **rates)
    assert of_rates.value.facts["field"] == "meter"
    assert Offer.objects.count() == 1
    Product.objects.filter(pk=product.pk).update(delivery=Delivery.API)
    assert offer(stall, product, **rates).plan["charges"][0]["meter"] == "lookups"
    with pytest.raises(OfferRefused) as of_delivery:
        products.save_draft(
            product.public_id, actor=stall.selling, values={"delivery": Delivery.FILE}, now=DAY
        )
    assert of_delivery.value.facts["field"] == "delivery"
    product.refresh_from_db()
    assert product.delivery == Delivery.API


def test_an_offer_that_takes_anothers_place_ends_it_in_the_same_moment(stall: Stall) -> None:
    product = stall.list()
    first = Offer.objects.get()
    second = offer(stall, product, supersedes=first.public_id)
    first.refresh_from_db()
    assert (first.state, first.withdrawn_at) == (OfferState.WITHDRAWN, DAY)
    assert buyable_offer(second.public_id, at=DAY) == second
    with pytest.raises(OfferWithdrawn) as refused:
        buyable_offer(first.public_id, at=DAY)
    assert refused.value.facts["offers"] == [second.public_id]


def test_an_offer_ends_with_its_last_moment(stall: Stall) -> None:
    product = stall.list()
    until = DAY + timedelta(days=1)
    made = offer(stall, product, valid_until=until)
    assert buyable_offer(made.public_id, at=until - timedelta(microseconds=1)) == made
    with pytest.raises(OfferWithdrawn):
        buyable_offer(made.public_id, at=until)


def test_an_offer_of_a_draft_is_known_to_nobody(stall: Stall) -> None:
    product = stall.complete()
    with pytest.raises(NotFound):
        buyable_offer(product.offers.get().public_id, at=DAY)


def test_before_the_listing_an_offer_vanishes_afterwards_it_is_kept(stall: Stall) -> None:
    product = stall.complete()
    offers.withdraw_offer(product.offers.get().public_id, actor=stall.selling, now=DAY)
    assert Offer.objects.count() == 0
    stall.offer(product)
    stall.approve(stall.submit(product))
    kept = Offer.objects.get()
    offers.withdraw_offer(kept.public_id, actor=stall.selling, now=DAY)
    with pytest.raises(OfferWithdrawn):
        offers.withdraw_offer(kept.public_id, actor=stall.selling, now=DAY)
    assert Offer.objects.get().state == OfferState.WITHDRAWN


def test_the_database_refuses_another_price(stall: Stall) -> None:
    stall.list()
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Offer.objects.update(price_minor=1)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        Offer.objects.all().delete()


def test_a_subscription_has_its_price_for_each_period(stall: Stall) -> None:
    made = offer(
        stall,
        stall.draft(),
        kind=OfferKind.SUBSCRIPTION,
        period="P1M",
        history=History.LAST,
        history_count=3,
        future=Future.ALL,
    )
    assert (made.period, made.history_count, made.future) == ("P1M", 3, "all")


def test_the_licence_is_a_document_in_a_fixed_order(stall: Stall) -> None:
    product = stall.draft(
        licence={"template": "custom", "allowed": ["derive", "commercial_use"], "text": "By name."}
    )
    assert licence_document(product) == {
        "template": "custom",
        "allowed": ["commercial_use", "derive"],
        "forbidden": [],
        "attribution": False,
        "text": "By name.",
    }
