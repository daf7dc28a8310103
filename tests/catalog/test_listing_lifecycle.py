"""From draft to list and off it again: who may take which step, and what it leaves behind."""

from datetime import timedelta

import pytest

from exchange.audit.models import Record
from exchange.catalog import products, review
from exchange.catalog.buyable import buyable_offer
from exchange.catalog.errors import (
    ChangeMissing,
    ChangePending,
    ChecklistIncomplete,
    GatesShut,
    ProductClosed,
    ProductWithdrawn,
    SecondOperatorNeeded,
)
from exchange.catalog.lifecycle import (
    Delivery,
    ListingState,
    ListingTransition,
    RevisionState,
    Turn,
)
from exchange.catalog.listing import Said
from exchange.catalog.models import ListingStep, Product, Revision
from exchange.core.lifecycle import IllegalTransition, ReasonMissing
from exchange.core.refusals import NotAllowed
from tests.factories.catalog import BECAUSE, CONFIRMED, DAY, Stall


def transitions_of(product: Product) -> list[str]:
    return list(product.steps.order_by("number").values_list("transition", flat=True))


def test_a_complete_product_goes_from_draft_to_the_list(stall: Stall) -> None:
    product = stall.list()
    assert transitions_of(product) == [
        "draft", "submit", "take_up", "pass_compliance", "pass_quality", "approve", "list",
    ]  # fmt: skip
    assert (product.state, product.turn, product.due_at) == (ListingState.LISTED, Turn.NOBODY, None)
    assert product.listed_at == DAY
    revision = Revision.objects.get()
    assert (revision.state, revision.number, revision.published_at) == (
        RevisionState.PUBLISHED,
        1,
        DAY,
    )
    events = list(Record.objects.order_by("pk").values_list("event", flat=True))
    assert "catalog.listing.listed" in events
    assert "catalog.revision.published" in events


def test_each_stage_has_ten_working_days(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    assert product.turn == Turn.OPERATOR
    assert product.due_at is not None
    assert product.due_at - DAY >= timedelta(days=14)


def test_submitting_says_all_that_is_missing_and_changes_nothing(stall: Stall) -> None:
    product = stall.draft(scenarios=[], grade="")
    with pytest.raises(GatesShut) as refused:
        stall.submit(product)
    assert [gate["code"] for gate in refused.value.facts["gates"]] == [  # type: ignore[attr-defined]
        "data_ready", "scenario_named", "grade_chosen", "offer_made",
    ]  # fmt: skip
    product.refresh_from_db()
    assert product.state == ListingState.DRAFT
    assert transitions_of(product) == ["draft"]


def test_a_step_keeps_the_answers_of_all_gates(stall: Stall) -> None:
    stall.submit(stall.complete())
    step = ListingStep.objects.get(transition=ListingTransition.SUBMIT)
    answers = {row["gate"]: row["open"] for row in step.gates}
    assert answers["data_ready"] is True
    assert answers["chinese_given"] is False
    assert len(answers) == 19  # of a data set in files: no bundle, no address


@pytest.mark.parametrize(
    ("details", "gate"),
    [
        ({"grade": "core"}, "grade_allows"),
        ({"grade": "important"}, "grade_allows"),
        ({"grade": "general_4"}, "grade_allows"),
        ({"refund_policy": ""}, "refund_chosen"),
        ({"licence": {}}, "licence_chosen"),
        ({"source_statement": ""}, "source_stated"),
        ({"title": ""}, "title_and_summary"),
    ],
)
def test_one_thing_missing_shuts_its_gate(
    stall: Stall, details: dict[str, object], gate: str
) -> None:
    product = stall.complete(**details)
    with pytest.raises(GatesShut) as refused:
        stall.submit(product)
    assert [one["code"] for one in refused.value.facts["gates"]] == [gate]  # type: ignore[attr-defined]


def test_important_data_is_listed_for_the_sandbox_by_two_operators(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="important", delivery="sandbox"))
    waiting = stall.approve(product)
    assert waiting.state == ListingState.PRICE_REVIEW
    with pytest.raises(SecondOperatorNeeded):
        review.approve(product.public_id, actor=stall.reviewing, said=CONFIRMED, now=DAY)
    listed = review.approve(product.public_id, actor=stall.second, said=CONFIRMED, now=DAY)
    assert (listed.state, listed.delivery) == (ListingState.LISTED, Delivery.SANDBOX)
    approved = ListingStep.objects.get(transition=ListingTransition.APPROVE)
    assert (approved.by_id, approved.approved_by_id) == (
        stall.reviewing.user_id,
        stall.second.user_id,
    )


def test_an_approval_from_before_a_return_does_not_count(stall: Stall) -> None:
    product = stall.submit(stall.complete(grade="general_3"))
    stall.approve(product)
    review.return_listing(product.public_id, actor=stall.second, said=BECAUSE, now=DAY)
    stall.submit(product)
    again = stall.approve(product)
    assert again.state == ListingState.PRICE_REVIEW


def test_a_stage_is_passed_with_its_whole_checklist(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    review.take_up(product.public_id, actor=stall.reviewing, now=DAY)
    with pytest.raises(ChecklistIncomplete) as refused:
        review.pass_compliance(
            product.public_id,
            actor=stall.reviewing,
            said=Said(checklist=("source", "grade")),
            now=DAY,
        )
    assert refused.value.facts["missing"] == ["personal", "licence"]
    product.refresh_from_db()
    assert product.state == ListingState.COMPLIANCE_REVIEW


def test_a_return_needs_a_reason_and_is_the_sellers_turn(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    with pytest.raises(ReasonMissing):
        review.return_listing(product.public_id, actor=stall.reviewing, said=Said(), now=DAY)
    said = Said(reason_code="source_unproven", reason="Please show the source.")
    returned = review.return_listing(product.public_id, actor=stall.reviewing, said=said, now=DAY)
    assert (returned.state, returned.turn) == (ListingState.RETURNED, Turn.SELLER)
    step = returned.steps.order_by("-number")[0]
    assert (step.reason_code, step.reason) == ("source_unproven", "Please show the source.")


def test_the_seller_cannot_review_and_the_operator_cannot_sell(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    with pytest.raises(NotAllowed):
        review.take_up(product.public_id, actor=stall.selling, now=DAY)
    with pytest.raises(NotAllowed):
        products.recall(product.public_id, actor=stall.exchange.proposer, now=DAY)


def test_what_is_under_review_cannot_be_changed(stall: Stall) -> None:
    product = stall.submit(stall.complete())
    with pytest.raises(ProductClosed):
        products.save_draft(
            product.public_id, actor=stall.selling, values={"title": "New"}, now=DAY
        )
    recalled = products.recall(product.public_id, actor=stall.selling, now=DAY)
    assert recalled.state == ListingState.DRAFT


def test_a_change_of_a_listing_waits_for_an_operator_and_the_listing_stays(stall: Stall) -> None:
    product = stall.list()
    with pytest.raises(ChangeMissing):
        products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    changed = products.save_draft(
        product.public_id, actor=stall.selling, values={"title": "Better"}, now=DAY
    )
    assert (changed.title, changed.amendment) == ("Pressure of trunk lines", {"title": "Better"})
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    with pytest.raises(ChangePending):
        products.save_draft(product.public_id, actor=stall.selling, values={"title": "X"}, now=DAY)
    accepted = review.accept_change(product.public_id, actor=stall.reviewing, now=DAY)
    assert (accepted.title, accepted.amendment, accepted.state) == (
        "Better",
        None,
        ListingState.LISTED,
    )


def test_a_declined_change_stays_with_the_seller(stall: Stall) -> None:
    product = stall.list()
    products.save_draft(product.public_id, actor=stall.selling, values={"title": "Worse"}, now=DAY)
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    declined = review.decline_change(
        product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY
    )
    assert (declined.title, declined.amendment, declined.change_proposed) == (
        "Pressure of trunk lines",
        {"title": "Worse"},
        False,
    )


def test_making_a_listing_sensitive_takes_two(stall: Stall) -> None:
    product = stall.list()
    products.save_draft(
        product.public_id, actor=stall.selling, values={"grade": "general_3"}, now=DAY
    )
    products.propose_change(product.public_id, actor=stall.selling, now=DAY)
    review.accept_change(product.public_id, actor=stall.reviewing, now=DAY)
    product.refresh_from_db()
    assert product.grade == "general_1"
    review.accept_change(product.public_id, actor=stall.second, now=DAY)
    product.refresh_from_db()
    assert product.grade == "general_3"


def test_a_suspended_product_cannot_be_bought_until_it_is_back(stall: Stall) -> None:
    product = stall.list()
    offer = product.offers.get()
    assert buyable_offer(offer.public_id, at=DAY) == offer
    review.suspend(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    with pytest.raises(ProductWithdrawn):
        buyable_offer(offer.public_id, at=DAY)
    review.resume(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)
    assert buyable_offer(offer.public_id, at=DAY) == offer


def test_a_delisted_product_keeps_its_revisions_and_is_listed_no_more(stall: Stall) -> None:
    product = stall.list()
    delisted = products.delist(product.public_id, actor=stall.selling, said=BECAUSE, now=DAY)
    assert delisted.state == ListingState.DELISTED
    assert Revision.objects.get().state == RevisionState.PUBLISHED
    with pytest.raises(IllegalTransition):
        review.resume(product.public_id, actor=stall.reviewing, said=BECAUSE, now=DAY)


def test_a_copy_says_the_same_without_the_data(stall: Stall) -> None:
    product = stall.list()
    copied = products.duplicate(product.public_id, actor=stall.selling, now=DAY)
    assert (copied.title, copied.state) == ("Pressure of trunk lines (2)", ListingState.DRAFT)
    assert copied.revisions.count() == 0
    assert [offer.price_minor for offer in copied.offers.all()] == [10_000]
