"""A product that its seller pauses and lists again: from where, by whom, and what becomes of changes."""

from collections.abc import Callable
from typing import Any

import pytest

from exchange.audit.models import Record
from exchange.catalog import offers, products, review
from exchange.catalog.buyable import buyable_offer
from exchange.catalog.errors import GatesShut, ProductPaused
from exchange.catalog.lifecycle import LISTING, ListingState, ListingTransition, Turn
from exchange.catalog.models import Product, SearchEntry
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound
from exchange.members.roles import Kind, Role
from exchange.notices.models import Notice
from tests.factories import accounts
from tests.factories.catalog import BECAUSE, CONFIRMED, DAY, Stall
from tests.factories.members import a_role, acting, newest
from tests.journeys.test_standing import restore

S, X = ListingState, ListingTransition


def pause(stall: Stall, product: Product) -> Product:
    return products.pause(product.public_id, actor=stall.selling, now=DAY)


def relist(stall: Stall, product: Product) -> Product:
    return products.relist(product.public_id, actor=stall.selling, now=DAY)


def suspend(stall: Stall, product: Product) -> Product:
    return review.suspend(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)


def reviewed(stall: Stall, until: ListingState) -> Product:
    """A product on its way through the review."""
    product = stall.submit(stall.complete(grade="general_3"))
    for stage in (review.take_up, review.pass_compliance, review.pass_quality):
        if product.state == until:
            break
        product = stage(product.public_id, actor=stall.reviewing, said=CONFIRMED, now=DAY)
    return product


def ended(stall: Stall, act: Callable[..., Product], product: Product, **more: Any) -> Product:
    return act(product.public_id, now=DAY, **more)


AT: dict[ListingState, Callable[[Stall], Product]] = {
    S.DRAFT: lambda stall: stall.complete(),
    S.SUBMITTED: lambda stall: stall.submit(stall.complete()),
    S.COMPLIANCE_REVIEW: lambda stall: reviewed(stall, S.COMPLIANCE_REVIEW),
    S.QUALITY_REVIEW: lambda stall: reviewed(stall, S.QUALITY_REVIEW),
    S.PRICE_REVIEW: lambda stall: reviewed(stall, S.PRICE_REVIEW),
    S.RETURNED: lambda stall: ended(
        stall, review.return_listing, stall.submit(stall.complete()), actor=stall.reviewing,
        said=BECAUSE,
    ),
    S.REJECTED: lambda stall: ended(
        stall, review.reject, stall.submit(stall.complete()), actor=stall.reviewing, said=BECAUSE
    ),
    S.LISTED: lambda stall: stall.list(),
    S.PAUSED: lambda stall: pause(stall, stall.list()),
    S.SUSPENDED: lambda stall: suspend(stall, stall.list()),
    S.DELISTED: lambda stall: ended(
        stall, products.delist, stall.list(), actor=stall.selling, said=BECAUSE
    ),
    S.ARCHIVED: lambda stall: ended(
        stall, products.archive, stall.complete(), actor=stall.selling
    ),
}  # fmt: skip


@pytest.mark.parametrize("state", AT)
def test_only_what_is_listed_is_paused_and_only_what_is_paused_is_listed_again(
    stall: Stall, state: ListingState
) -> None:
    product = AT[state](stall)
    assert product.state == state
    for act, source, target in ((pause, S.LISTED, S.PAUSED), (relist, S.PAUSED, S.LISTED)):
        product.refresh_from_db()
        steps = product.steps.count()
        if product.state == source:
            assert act(stall, product).state == target
            assert product.steps.count() == steps + 1
        else:
            with pytest.raises(IllegalTransition):
                act(stall, product)
            assert (Product.objects.get().state, product.steps.count()) == (product.state, steps)


def test_every_state_that_a_product_reaches_by_itself_is_tried() -> None:
    passed_at_once = {S.APPROVED}
    assert set(AT) == set(LISTING.states) - passed_at_once


def test_a_paused_product_cannot_be_found_or_bought_until_it_is_listed_again(stall: Stall) -> None:
    product = stall.list()
    offer, listed_at = product.offers.get(), product.listed_at
    pause(stall, product)
    assert not SearchEntry.objects.exists()
    with pytest.raises(ProductPaused) as refused:
        buyable_offer(offer.public_id, at=DAY)
    assert refused.value.facts == {"product": product.public_id}
    back = relist(stall, product)
    assert buyable_offer(offer.public_id, at=DAY) == offer
    assert SearchEntry.objects.get().product == product
    assert (back.listed_at, back.turn, back.due_at) == (listed_at, Turn.NOBODY, None)
    events = Record.objects.order_by("pk").values_list("event", "actor")
    who = stall.selling.name
    assert list(events)[-2:] == [
        ("catalog.listing.paused", who), ("catalog.listing.relisted", who),
    ]  # fmt: skip


def test_what_was_begun_and_not_accepted_is_not_part_of_what_is_listed_again(stall: Stall) -> None:
    product = pause(stall, stall.list())
    stall.attach(product)  # a revision whose columns nobody described yet
    values: dict[str, object] = {"title": "Better", "scenarios": []}
    products.save_draft(product.public_id, actor=stall.selling, values=values, now=DAY)
    back = relist(stall, product)
    assert (back.state, back.title) == (S.LISTED, "Pressure of trunk lines")
    assert back.amendment == {"title": "Better", "scenarios": []}
    assert back.revisions.filter(state="draft").count() == 1


def test_a_change_that_waits_is_decided_while_the_product_is_paused(stall: Stall) -> None:
    product = stall.list()
    products.save_draft(product.public_id, actor=stall.selling, values={"title": "Better"}, now=DAY)
    proposed = products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    paused = pause(stall, product)
    assert (paused.turn, paused.due_at) == (Turn.OPERATOR, proposed.due_at)
    accepted = stall.accept_change(product)
    assert (accepted.state, accepted.title, accepted.turn) == (S.PAUSED, "Better", Turn.NOBODY)
    assert relist(stall, product).title == "Better"


def test_the_first_of_two_approvals_of_a_change_stays_through_a_pause(stall: Stall) -> None:
    product = stall.list()
    values: dict[str, object] = {"grade": "general_3"}
    products.save_draft(product.public_id, actor=stall.selling, values=values, now=DAY)
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    stall.accept_change(product)
    pause(stall, product)
    relist(stall, product)
    review.accept_change(product.public_id, actor=stall.second, now=DAY)
    product.refresh_from_db()
    assert product.grade == "general_3"


def test_a_product_without_an_offer_stays_paused(stall: Stall) -> None:
    product = pause(stall, stall.list())
    offers.withdraw_offer(product.offers.get().public_id, actor=stall.selling, now=DAY)
    with pytest.raises(GatesShut) as refused:
        relist(stall, product)
    assert [one["code"] for one in refused.value.facts["gates"]] == ["offer_made"]  # type: ignore[attr-defined]  # of this refusal
    product.refresh_from_db()
    assert product.state == S.PAUSED


def test_what_is_suspended_while_it_is_paused_stays_paused_after_that(stall: Stall) -> None:
    product = pause(stall, stall.list())
    assert suspend(stall, product).state == S.SUSPENDED
    with pytest.raises(IllegalTransition):
        relist(stall, product)
    back = review.resume(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    assert (back.state, back.turn) == (S.PAUSED, Turn.NOBODY)
    assert back.steps.latest("number").transition == X.RESUME_PAUSED
    assert Notice.objects.filter(kind="catalog.listing.suspension_lifted").exists()
    relist(stall, product)
    suspend(stall, product)
    again = review.resume(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    assert again.state == S.LISTED


def test_only_the_sellers_own_people_with_a_role_pause_and_relist(stall: Stall) -> None:
    product = stall.list()
    rival = accounts.an_organisation(name="Rival")
    stall.exchange.admit(rival, Kind.SELLER)
    competing = accounts.a_member(rival, user=accounts.a_user(name="Wu Bo"))
    a_role(rival, competing, Role.DATA_OWNER)
    colleague = accounts.a_member(stall.seller, user=accounts.a_user(name="Qian Yu"))
    a_role(stall.seller, colleague, Role.FINANCE)
    strangers = (
        (acting(competing, rival), NotFound),
        (acting(colleague, stall.seller), NotAllowed),
        (stall.reviewing, NotAllowed),
    )
    for act in (products.pause, products.relist):
        for actor, refusal in strangers:
            with pytest.raises(refusal):
                act(product.public_id, actor=actor, now=DAY)
        product.refresh_from_db()
        assert product.state == S.LISTED


def test_a_suspended_seller_lists_nothing_again_and_keeps_its_pause(stall: Stall) -> None:
    paused, listed = pause(stall, stall.list()), stall.list()
    stall.exchange.suspend(newest(stall.seller))
    with pytest.raises(NotAllowed):
        relist(stall, paused)
    listed.refresh_from_db()
    assert listed.state == S.SUSPENDED
    restore(stall.exchange, stall.seller)
    states = {one.pk: one.state for one in Product.objects.all()}
    assert states == {paused.pk: S.PAUSED, listed.pk: S.LISTED}


def test_what_a_seller_has_paused_is_taken_off_when_it_leaves(stall: Stall) -> None:
    product = pause(stall, stall.list())
    stall.exchange.expel(newest(stall.seller))
    product.refresh_from_db()
    assert product.state == S.DELISTED
