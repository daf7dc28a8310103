"""A revision of a listed product that shows what nobody has looked at waits for the exchange."""

from typing import Any

import pytest

from exchange.catalog import flags, products, review, revisions
from exchange.catalog.buyable import buyable_offer, open_offers
from exchange.catalog.dictionary import Correction, TableCorrection, correct_dictionary
from exchange.catalog.errors import ChangePending
from exchange.catalog.facts import draft_revision, newest_revision
from exchange.catalog.lifecycle import OfferKind, OfferState
from exchange.catalog.listing import Said
from exchange.catalog.models import Product
from exchange.catalog.offers import OfferRequest, add_offer, withdraw_offer
from exchange.core.refusals import NotFound
from pricing.money import Money
from tests.factories.catalog import BECAUSE, DAY, Stall, a_column, a_document, a_finding

AT, BAR = a_column("at", type="datetime", histogram=None), a_column("bar")
PHONE = a_column("driver_phone", type="text")


def publish(stall: Stall, product: Product, document: dict[str, Any]) -> Any:
    stall.attach(product, document)
    return revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)


def say(stall: Stall, product: Product, column: str, *, personal: bool) -> None:
    said = Correction(column=column, personal=personal, why="Codes of the maker.")
    correct_dictionary(
        product.public_id,
        actor=stall.selling,
        corrections=(TableCorrection(position=0, columns=(said,)),),
        now=DAY,
    )


def newest(product: Product) -> int:
    revision = newest_revision(product)
    assert revision is not None
    return revision.number


def test_the_same_columns_go_to_buyers_at_once(stall: Stall) -> None:
    product = stall.list(a_document(AT, BAR))
    publish(stall, product, a_document(AT, BAR, rows=200))
    assert newest(product) == 2


@pytest.mark.parametrize(
    "document",
    [
        a_document(AT, BAR, PHONE),
        a_document(AT, a_column("bar", type="text")),
        a_document(AT, a_column("bar", original_name="pressure")),
    ],
)
def test_new_columns_and_other_types_wait(stall: Stall, document: dict[str, Any]) -> None:
    product = stall.list(a_document(AT, BAR))
    revision = publish(stall, product, document)
    product.refresh_from_db()
    assert (revision.state, revision.submitted_at, product.change_proposed) == ("draft", DAY, True)
    assert newest(product) == 1
    with pytest.raises(ChangePending):
        stall.attach(product, a_document(AT, BAR))
    with pytest.raises(ChangePending):
        revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)
    stall.accept_change(product)
    product.refresh_from_db()
    assert (newest(product), product.change_proposed, product.amendment) == (2, False, None)


def test_what_was_personal_is_not_shown_without_a_look(stall: Stall) -> None:
    first = a_document(AT, PHONE, findings=[a_finding("driver_phone")])
    product = stall.draft(personal_statement="With consent.")
    stall.attach(product, first)
    stall.offer(product)
    say(stall, product, "driver_phone", personal=True)
    stall.approve(stall.submit(product))
    stall.attach(product, a_document(AT, PHONE, findings=[a_finding("driver_phone")], rows=200))
    say(stall, product, "driver_phone", personal=False)
    revision = revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)
    assert (revision.state, newest(product)) == ("draft", 1)
    review.decline_change(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    product.refresh_from_db()
    draft = draft_revision(product)
    assert draft is not None
    assert (newest(product), draft.submitted_at, product.amendment) == (1, None, None)


def test_a_finding_of_new_data_that_is_denied_waits(stall: Stall) -> None:
    product = stall.list(a_document(AT, PHONE))
    stall.attach(product, a_document(AT, PHONE, findings=[a_finding("driver_phone")]))
    say(stall, product, "driver_phone", personal=False)
    revision = revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)
    assert (revision.state, newest(product)) == ("draft", 1)


def test_a_flag_holds_in_the_next_revision_whatever_its_dictionary_says(stall: Stall) -> None:
    product = stall.list(a_document(AT, BAR))
    flags.flag_column(product.public_id, column="bar", reason="x", actor=stall.reviewing, now=DAY)
    stall.attach(product, a_document(AT, BAR, rows=200))
    say(stall, product, "bar", personal=False)
    product.refresh_from_db()
    products.save_draft(
        product.public_id,
        actor=stall.selling,
        values={"personal_statement": "By consent."},
        now=DAY,
    )
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    stall.accept_change(product)
    revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)
    assert newest(product) == 2
    revision = newest_revision(product)
    assert revision is not None
    moved = [one["column"] for one in revision.difference["tables"]["pressure"]["drift"]]
    assert "bar" not in moved


def test_a_new_price_waits_and_the_old_one_stands_meanwhile(stall: Stall) -> None:
    product = stall.list()
    (before,) = open_offers(product, at=DAY)
    command = OfferRequest(
        name="Double",
        kind=OfferKind.ONE_OFF,
        price=Money(20_000, "CNY"),
        supersedes=before.public_id,
    )
    offer, _price = add_offer(product.public_id, command, actor=stall.selling, now=DAY)
    assert offer.state == OfferState.PROPOSED
    assert open_offers(product, at=DAY) == [before]
    with pytest.raises(NotFound):
        buyable_offer(offer.public_id, at=DAY)
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    with pytest.raises(ChangePending):
        add_offer(product.public_id, command, actor=stall.selling, now=DAY)
    with pytest.raises(ChangePending):
        withdraw_offer(offer.public_id, actor=stall.selling, now=DAY)
    stall.accept_change(product)
    assert [one.public_id for one in open_offers(product, at=DAY)] == [offer.public_id]
    before.refresh_from_db()
    assert before.state == OfferState.WITHDRAWN


def test_a_proposed_price_is_taken_back_with_the_change(stall: Stall) -> None:
    product = stall.list()
    command = OfferRequest(name="Double", kind=OfferKind.ONE_OFF, price=Money(20_000, "CNY"))
    offer, _price = add_offer(product.public_id, command, actor=stall.selling, now=DAY)
    products.discard_change(product.public_id, actor=stall.selling, now=DAY)
    offer.refresh_from_db()
    product.refresh_from_db()
    assert (offer.state, product.amendment) == (OfferState.WITHDRAWN, None)


def test_another_grade_waits(stall: Stall) -> None:
    product = stall.list()
    products.save_draft(
        product.public_id, actor=stall.selling, values={"grade": "general_2"}, now=DAY
    )
    product.refresh_from_db()
    assert product.grade == "general_1"
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    review.accept_change(product.public_id, actor=stall.reviewing, said=Said(), now=DAY)
    product.refresh_from_db()
    assert product.grade == "general_2"
