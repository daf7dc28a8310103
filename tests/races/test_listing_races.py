"""A listing that two people move at the same moment: one wins, and every step follows another."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from exchange.catalog import flags, products, questions, review, revisions
from exchange.catalog.lifecycle import (
    FlagState,
    ListingState,
    ListingTransition,
    OfferKind,
    OfferState,
    RevisionState,
)
from exchange.catalog.models import ColumnFlag, ListingStep, Offer, Product, Question, Revision
from exchange.catalog.offers import OfferRequest, add_offer
from exchange.members.actors import Actor
from pricing.money import Money
from tests.factories.catalog import BECAUSE, CONFIRMED, DAY, Stall, a_ready_file, a_stall
from tests.factories.orders import a_market
from tests.races.test_admission_races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def steps_of(move: ListingTransition) -> int:
    return ListingStep.objects.filter(transition=move).count()


def test_two_people_submit_at_once_and_the_exchange_has_it_once() -> None:
    stall = a_stall()
    product = stall.complete()
    outcomes = at_once(*[lambda: stall.submit(product)] * 2)
    assert outcomes == ["done", "illegal_transition"]
    assert steps_of(ListingTransition.SUBMIT) == 1


def test_two_operators_approve_a_sensitive_product_at_once_and_both_count() -> None:
    stall = a_stall()
    product = at_the_price(stall, grade="general_3")

    def approve(actor: Actor) -> Callable[[], object]:
        return lambda: review.approve(product.public_id, actor=actor, said=CONFIRMED, now=DAY)

    assert at_once(approve(stall.reviewing), approve(stall.second)) == ["done", "done"]
    product.refresh_from_db()
    approved = ListingStep.objects.get(transition=ListingTransition.APPROVE)
    assert product.state == ListingState.LISTED
    assert {approved.by_id, approved.approved_by_id} == {
        stall.reviewing.user_id,
        stall.second.user_id,
    }


def test_one_operator_approves_twice_at_once_and_counts_once() -> None:
    stall = a_stall()
    product = at_the_price(stall, grade="general_3")
    outcomes = at_once(
        *[lambda: review.approve(product.public_id, actor=stall.reviewing, said=CONFIRMED, now=DAY)]
        * 2
    )
    assert outcomes == ["done", "second_operator_needed"]
    product.refresh_from_db()
    assert product.state == ListingState.PRICE_REVIEW


def test_approving_and_taking_back_at_once_end_in_one_of_both() -> None:
    stall = a_stall()
    product = at_the_price(stall)
    outcomes = at_once(
        lambda: review.approve(product.public_id, actor=stall.reviewing, said=CONFIRMED, now=DAY),
        lambda: products.recall(product.public_id, actor=stall.selling, now=DAY),
    )
    assert outcomes == ["done", "illegal_transition"]
    product.refresh_from_db()
    revision = Revision.objects.get()
    assert (product.state, revision.state) in {
        (ListingState.LISTED, RevisionState.PUBLISHED),
        (ListingState.DRAFT, RevisionState.DRAFT),
    }


def test_a_revision_is_published_once() -> None:
    stall = a_stall()
    product = stall.list()
    stall.attach(product)
    outcomes = at_once(
        *[lambda: revisions.publish_revision(product.public_id, actor=stall.selling, now=DAY)] * 2
    )
    assert outcomes == ["done", "revision_missing"]
    assert list(Revision.objects.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_two_files_at_once_leave_one_draft() -> None:
    stall = a_stall()
    product = stall.draft()
    files = [a_ready_file(stall.seller) for _one in range(2)]

    def attach(file_id: str) -> Callable[[], object]:
        return lambda: revisions.attach_file(
            product.public_id, actor=stall.selling, file_id=file_id, now=DAY
        )

    assert at_once(*(attach(file.public_id) for file in files)) == ["done", "done"]
    assert Revision.objects.get().number == 1


def test_two_offers_that_take_one_place_leave_one() -> None:
    stall = a_stall()
    product = stall.list()
    first = Offer.objects.get()
    command = OfferRequest(
        name="New", kind=OfferKind.ONE_OFF, price=Money(100, "CNY"), supersedes=first.public_id
    )
    outcomes = at_once(
        *[lambda: add_offer(product.public_id, command, actor=stall.selling, now=DAY)] * 2
    )
    assert outcomes == ["done", "offer_refused"]
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    stall.accept_change(product)
    assert Offer.objects.filter(state=OfferState.ACTIVE).count() == 1


def test_suspending_beats_or_follows_a_change_but_steps_stay_in_order() -> None:
    stall = a_stall()
    product = stall.list()
    products.save_draft(product.public_id, actor=stall.selling, values={"title": "New"}, now=DAY)
    outcomes = at_once(
        lambda: products.propose_change(product.public_id, actor=stall.selling, now=DAY),
        lambda: review.suspend(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY),
    )
    assert outcomes == ["done", "done"]
    product.refresh_from_db()
    numbers = list(product.steps.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, product.steps_count + 1))
    assert (product.state, product.change_proposed) == (ListingState.SUSPENDED, True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT catalog_product_check(%s, 'by_hand')", [product.pk])


def test_pausing_and_suspending_at_once_end_suspended_whoever_came_first() -> None:
    stall = a_stall()
    product = stall.list()
    outcomes = at_once(
        lambda: products.pause(product.public_id, actor=stall.selling, now=DAY),
        lambda: review.suspend(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY),
    )
    assert outcomes in (["done", "done"], ["done", "illegal_transition"])
    product.refresh_from_db()
    assert product.state == ListingState.SUSPENDED
    was_paused = steps_of(ListingTransition.PAUSE) == 1
    back = review.resume(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    assert back.state == (ListingState.PAUSED if was_paused else ListingState.LISTED)


def test_a_product_is_listed_again_once() -> None:
    stall = a_stall()
    product = stall.list()
    products.pause(product.public_id, actor=stall.selling, now=DAY)
    outcomes = at_once(
        *[lambda: products.relist(product.public_id, actor=stall.selling, now=DAY)] * 2
    )
    assert outcomes == ["done", "illegal_transition"]
    assert steps_of(ListingTransition.RELIST) == 1


def at_the_price(stall: Stall, **details: object) -> Product:
    """A product whose last stage is open."""
    product = stall.submit(stall.complete(**details))
    for stage in (
        review.take_up,
        review.pass_compliance,
        review.pass_quality,
    ):
        product = stage(product.public_id, actor=stall.reviewing, said=CONFIRMED, now=DAY)
    return product


def test_a_flag_is_taken_off_while_its_seller_asks_and_nothing_fails() -> None:
    stall = a_stall()
    product = stall.list()
    flag = flags.flag_own_column(
        product.public_id, column="bar", reason="x", actor=stall.selling, now=DAY
    )
    outcomes = at_once(
        lambda: flags.ask_lift(
            product.public_id, column="bar", reason="Codes", actor=stall.selling, now=DAY
        ),
        lambda: flags.lift_flag(flag.public_id, reason="Codes", actor=stall.reviewing, now=DAY),
    )
    assert outcomes in (
        ["done", "done"], ["done", "illegal_transition"], ["column_not_flagged", "done"],
    )  # fmt: skip
    flag.refresh_from_db()
    assert flag.state == FlagState.LIFTED


def test_a_question_is_answered_and_refused_at_once_and_one_of_both_stands() -> None:
    market = a_market()
    product = market.offer().product
    question = questions.ask(
        product_id=product.public_id, text="How often is it read?", shows_name=False,
        actor=market.buying, now=DAY,
    )  # fmt: skip
    done: dict[str, Any] = {"actor": market.selling, "now": DAY}
    outcomes = at_once(
        lambda: questions.answer(question.public_id, text="Every quarter.", **done),
        lambda: questions.refuse(question.public_id, reason="A trade secret.", **done),
    )
    assert outcomes == ["done", "illegal_transition"]
    question.refresh_from_db()
    assert bool(question.answer) != bool(question.note)


def test_one_person_asks_at_once_no_more_than_the_limit() -> None:
    market = a_market()
    product = market.offer().product

    def ask() -> object:
        return questions.ask(
            product_id=product.public_id, text="How often is it read?", shows_name=False,
            actor=market.buying, now=DAY,
        )  # fmt: skip

    for _number in range(questions.OPEN_MAX - 1):
        ask()
    assert at_once(ask, ask) == ["done", "too_many_questions"]
    assert Question.objects.count() == questions.OPEN_MAX


def test_two_flags_at_once_are_one() -> None:
    stall = a_stall()
    product = stall.list()
    outcomes = at_once(
        lambda: flags.flag_own_column(
            product.public_id, column="bar", reason="x", actor=stall.selling, now=DAY
        ),
        lambda: flags.flag_column(
            product.public_id, column="bar", reason="x", actor=stall.reviewing, now=DAY
        ),
    )
    assert outcomes == ["done", "done"]
    assert ColumnFlag.objects.count() == 1
