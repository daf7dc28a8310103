"""Who approves a listing, and what is kept of a first approval while the second one is missing."""

import json

import pytest
from django.db import DatabaseError, transaction

from exchange.audit.models import Record
from exchange.catalog import products, review
from exchange.catalog.lifecycle import ListingState, Turn
from exchange.catalog.models import Offer, Product
from exchange.core.refusals import NotAllowed
from exchange.members.actors import system_actor
from tests.architecture.lock_order import Recorder
from tests.factories.catalog import ALL_POINTS, BECAUSE, CONFIRMED, DAY, Stall


def first_approval(product: Product) -> tuple[int | None, object]:
    product.refresh_from_db()
    return product.first_approved_by_id, product.first_approved_at


def test_a_first_approval_is_kept_until_the_second_one(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    stall.approve(product)
    assert first_approval(product) == (stall.reviewing.user_id, DAY)
    record = Record.objects.get(event="catalog.listing.first_approved")
    assert record.actor == stall.reviewing.name
    review.approve(product.public_id, actor=stall.second, said=CONFIRMED, now=DAY)
    assert first_approval(product) == (None, None)


def test_a_return_forgets_the_first_approval(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    stall.approve(product)
    review.return_listing(product.public_id, actor=stall.second, said=BECAUSE, now=DAY)
    assert first_approval(product) == (None, None)


def test_a_suspension_keeps_the_first_approval_of_a_change_that_still_waits(stall: Stall) -> None:
    product = stall.list()
    name = product.public_id
    products.save_draft(name, actor=stall.selling, values={"grade": "general_3"}, now=DAY)
    products.propose_change(name, actor=stall.selling, now=DAY)
    review.accept_change(name, actor=stall.reviewing, now=DAY)
    review.suspend(name, actor=stall.second, said=BECAUSE, now=DAY)
    assert first_approval(product) == (stall.reviewing.user_id, DAY)
    assert product.turn == Turn.SELLER
    review.resume(name, actor=stall.second, said=BECAUSE, now=DAY)
    product.refresh_from_db()
    assert (product.state, product.turn) == (ListingState.LISTED, Turn.OPERATOR)
    review.accept_change(name, actor=stall.second, now=DAY)
    assert first_approval(product) == (None, None)
    assert (product.grade, product.turn) == ("general_3", Turn.NOBODY)


def test_who_made_a_product_does_not_review_it(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    Product.objects.filter(pk=product.pk).update(created_by=stall.reviewing.user_id)
    with pytest.raises(NotAllowed) as refused:
        review.take_up(product.public_id, actor=stall.reviewing, now=DAY)
    assert refused.value.facts["reason"] == "own_making"
    taken = review.take_up(product.public_id, actor=stall.second, now=DAY)
    assert taken.state == ListingState.COMPLIANCE_REVIEW


def test_the_exchange_by_itself_lists_nothing_sensitive(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    with pytest.raises(NotAllowed, match="needs the agreement of a person"):
        review.pass_whole_review(
            product.public_id, actor=system_actor("import"), checklist=ALL_POINTS, now=DAY
        )
    product.refresh_from_db()
    assert (product.state, product.steps.count()) == (ListingState.SUBMITTED, 2)


def test_the_database_keeps_a_first_approval_only_where_a_second_is_awaited(stall: Stall) -> None:
    product = stall.list()
    with (
        pytest.raises(DatabaseError, match="product_first_approval_waits_for_the_second"),
        transaction.atomic(),
    ):
        Product.objects.filter(pk=product.pk).update(
            first_approved_by=stall.reviewing.user_id, first_approved_at=DAY
        )


def test_the_database_refuses_to_change_an_offer_or_to_bring_it_back(stall: Stall) -> None:
    offer = stall.list().offers.get()
    with pytest.raises(DatabaseError, match="its rows are never changed"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(price_minor=1)
    Offer.objects.filter(pk=offer.pk).update(state="withdrawn", withdrawn_at=DAY)
    with pytest.raises(DatabaseError, match="its rows are never changed"), transaction.atomic():
        Offer.objects.filter(pk=offer.pk).update(state="active", withdrawn_at=None)


def test_an_offer_made_and_withdrawn_is_in_the_log_with_its_price(stall: Stall) -> None:
    offer = stall.list().offers.get()
    stall.offer(offer.product, yuan=50, supersedes=offer.public_id)
    made, withdrawn = (
        json.loads(bytes(record.canonical))["facts"]
        for record in Record.objects.filter(subject=f"offer:{offer.public_id}").order_by("pk")
    )
    assert made == withdrawn
    assert (made["offer"], made["price_minor"]) == (offer.public_id, "10000")


def test_a_seller_is_held_before_its_listing_is_locked_for_an_approval(stall: Stall) -> None:
    """A suspension holds the admission and then locks listings: the other order could wait for it."""
    whole = stall.submit(stall.complete()).public_id
    staged = stall.submit(stall.complete(title="Another")).public_id
    locks = Recorder()
    with locks.watching():
        review.pass_whole_review(whole, actor=stall.reviewing, checklist=ALL_POINTS, now=DAY)
        review.take_up(staged, actor=stall.reviewing, now=DAY)
        for stage in (review.pass_compliance, review.pass_quality, review.approve):
            stage(staged, actor=stall.reviewing, said=CONFIRMED, now=DAY)
    orders = {(edge.held.table, edge.wanted.table) for edge in locks.edges}
    assert ("members_admission", "catalog_product") in orders
    assert ("catalog_product", "members_admission") not in orders
