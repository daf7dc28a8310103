"""Bids that an auction does not take: each with its refusal, and nothing is kept."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from exchange.auctions import bidding, moderation
from exchange.auctions.errors import (
    AuctionNotOpen,
    AuctionRefused,
    BidAboveLimit,
    BidderRelated,
    BidRefused,
    EndNotLater,
    WrongCurrency,
)
from exchange.auctions.lifecycle import AuctionState, Kind
from exchange.auctions.models import Auction, Bid, Bidder
from exchange.auctions.requests import BidRequest
from exchange.core.currencies import CurrencyNotOffered
from exchange.core.lifecycle import IllegalTransition
from exchange.core.refusals import NotAllowed, NotFound, Refusal
from exchange.ledger.errors import InsufficientFunds
from exchange.members import relations
from exchange.members.models import RelationKind, TieKind
from exchange.orders import limits
from exchange.payments import deposits
from exchange.payments.lifecycle import DepositState
from exchange.payments.models import Deposit
from pricing.money import Money
from tests.factories import accounts
from tests.factories.auctions import END, House, clock_at
from tests.factories.members import acting, minutes
from tests.factories.orders import DAY
from tests.factories.sharing import a_receiver, agreed, answered, part, proposed


def refused(
    kind: type[Refusal], house: House, auction: Auction, deed: Callable[[], object]
) -> Refusal:
    """The refusal of a deed that left no bid, no bidder and no deposit behind."""
    before = (Bid.objects.count(), Bidder.objects.count(), Deposit.objects.count())
    with pytest.raises(kind) as raised:
        deed()
    assert (Bid.objects.count(), Bidder.objects.count(), Deposit.objects.count()) == before
    return raised.value


def test_without_money_for_the_deposit_there_is_no_bid(house: House) -> None:
    auction = house.auction(deposit_minor=5_000)
    house.buyer("poor", funds=0)
    refused(InsufficientFunds, house, auction, lambda: house.bid("poor", auction, 20_000))


def test_a_deposit_is_placed_once_for_all_bids(house: House) -> None:
    auction = house.auction(deposit_minor=5_000)
    actor = house.buyer("ann")
    number = bidding.register(auction.public_id, actor=actor, now=DAY).number
    house.bid("ann", auction, 20_000)
    house.bid("ann", auction, 30_000)
    again = bidding.register(auction.public_id, actor=actor, now=DAY)
    assert again.number == number == 1
    assert Deposit.objects.count() == 1


def test_another_currency_is_refused_with_the_right_one(house: House) -> None:
    auction = house.auction()
    command = BidRequest(currency="USD", amount_minor=20_000)
    actor = house.buyer("ann")
    said = refused(
        WrongCurrency,
        house,
        auction,
        lambda: bidding.place(auction.public_id, command, actor=actor, now=DAY),
    )
    assert said.facts["accepted"] == "CNY"


def test_a_suspended_member_cannot_bid(house: House) -> None:
    auction = house.auction()
    house.buyer("ann")
    house.exchange.suspend(house.organisation("ann").admissions.get())
    said = refused(NotAllowed, house, auction, lambda: house.bid("ann", auction, 20_000))
    assert said.facts["reason"] == "standing_needed"


def test_the_seller_and_related_organisations_cannot_bid(house: House) -> None:
    auction = house.auction()
    command = BidRequest(currency="CNY", amount_minor=20_000)
    refused(
        BidderRelated,
        house,
        auction,
        lambda: bidding.place(auction.public_id, command, actor=house.selling, now=DAY),
    )
    house.buyer("sister")
    relation = relations.declare(
        actor=house.exchange.proposer,
        organisation_id=house.organisation("sister").public_id,
        other_id=house.seller.public_id,
        kind=RelationKind.COMMON_CONTROL,
        reason="One holding company.",
        now=DAY,
    )
    refused(BidderRelated, house, auction, lambda: house.bid("sister", auction, 20_000))
    relations.end(relation.public_id, actor=house.exchange.proposer, now=DAY)
    assert house.bid("sister", auction, 20_000).auction.bids_count == 1


def test_a_house_that_shares_a_person_with_the_organiser_cannot_bid(house: House) -> None:
    """Case H4: the organiser's owner joined another house and bid as its agent."""
    auction = house.auction()
    house.buyer("ann")
    accounts.a_member(house.organisation("ann"), user=accounts.owner_of(house.seller))
    refused(BidderRelated, house, auction, lambda: house.bid("ann", auction, 20_000))


def test_who_gets_a_part_of_the_revenue_and_who_is_related_to_it_cannot_bid(house: House) -> None:
    auction = house.auction()
    for name in ("ann", "sister", "third"):
        house.buyer(name)
    accounts.a_member(
        house.organisation("sister"), user=accounts.owner_of(house.organisation("ann"))
    )
    share = part(house.organisation("ann"), "30")
    made = proposed(house.product, "70", share)
    # What was offered and not answered bars nobody: a seller could keep a bidder out with it.
    assert house.bid("third", auction, 20_000).auction.bids_count == 1
    answered(made, [share])
    refused(BidderRelated, house, auction, lambda: house.bid("ann", auction, 30_000))
    refused(BidderRelated, house, auction, lambda: house.bid("sister", auction, 30_000))
    assert house.bid("third", auction, 30_000).auction.bids_count == 2


def test_who_bids_agrees_to_no_part_before_the_auction_is_over(house: House) -> None:
    auction = house.auction()
    share = part(house.organisation("ann"), "30")
    made = proposed(house.product, "70", share)
    house.bid("ann", auction, 20_000)
    with pytest.raises(BidderRelated):
        answered(made, [share])
    made.refresh_from_db()
    assert made.state == "proposed"
    assert made.parties.get(organisation=house.organisation("ann")).agreed_at is None
    house.close(auction)
    assert answered(made, [share]).state == "in_force"


def test_an_operator_tied_to_who_gets_a_part_does_not_moderate(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 20_000)
    institute = a_receiver(house.exchange)
    agreed(house.product, "70", part(institute, "30"))
    relations.declare_tie(
        actor=house.exchange.approver, user_id=house.exchange.first.public_id,
        organisation_id=institute.public_id, kind=TieKind.FAMILY, reason="Their sister.", now=DAY,
    )  # fmt: skip
    later = END + minutes(10)
    with pytest.raises(NotAllowed) as said:
        moderation.extend(
            auction.public_id,
            actor=house.exchange.proposer,
            closes_at=later,
            reason="Late.",
            now=DAY,
        )
    assert said.value.facts["reason"] == "other_side"
    moderation.extend(
        auction.public_id, actor=house.exchange.approver, closes_at=later, reason="Late.", now=DAY
    )


def test_a_currency_without_a_limit_counts_as_none_to_spend_where_another_has_one(
    house: House,
) -> None:
    """Case M3: a limit in yuan was slipped in euros."""
    auction = house.auction()
    house.buyer("ann")
    owner = acting(accounts.owner_of(house.organisation("ann")), house.organisation("ann"))
    limits.set_limit(actor=owner, limit=Money(1_000_000, "EUR"), now=DAY)
    refused(BidAboveLimit, house, auction, lambda: house.bid("ann", auction, 20_000))


def test_nobody_bids_alone_above_the_limit_tax_included(house: House) -> None:
    auction = house.auction()
    house.buyer("ann")
    owner = acting(accounts.owner_of(house.organisation("ann")), house.organisation("ann"))
    limits.set_limit(actor=owner, limit=Money(21_200, "CNY"), now=DAY)
    refused(BidAboveLimit, house, auction, lambda: house.bid("ann", auction, 20_001))
    assert house.bid("ann", auction, 20_000).auction.top_minor == 20_000


def test_before_the_opening_and_in_a_pause_nobody_bids(house: House) -> None:
    auction = house.auction(opens_at=DAY + minutes(10))
    refused(AuctionNotOpen, house, auction, lambda: house.bid("ann", auction, 20_000))
    with clock_at(DAY + minutes(10)):
        house.bid("ann", auction, 20_000)
        operator = house.exchange.proposer
        moderation.pause(auction.public_id, actor=operator, reason="A doubt.", now=DAY)
        refused(AuctionNotOpen, house, auction, lambda: house.bid("ben", auction, 30_000))
    with clock_at(DAY + minutes(15)):
        resumed = moderation.resume(
            auction.public_id, actor=operator, reason="Cleared up.", now=DAY
        )
    assert resumed.closes_at == END + minutes(5)
    with clock_at(END + minutes(4)):
        house.bid("ben", auction, 30_000)
    assert house.close(auction, at=END + minutes(5)).state == AuctionState.AWARDED


def test_an_extension_is_later_and_needs_an_operator_and_a_reason(house: House) -> None:
    auction = house.auction()
    house.bid("ann", auction, 20_000)

    def extend(**said: Any) -> Auction:
        return moderation.extend(
            auction.public_id,
            **{
                "actor": house.exchange.proposer,
                "closes_at": END + minutes(30),
                "reason": "The network was down.",
                "now": DAY,
                **said,
            },
        )

    for kind, said in (
        (EndNotLater, {"closes_at": END}),
        (Refusal, {"reason": " "}),
        (NotAllowed, {"actor": house.buyer("ann")}),
        (NotAllowed, {"actor": house.selling}),
    ):
        with pytest.raises(kind):
            extend(**said)
    assert extend().closes_at == END + minutes(30)
    with clock_at(END + minutes(29)):
        house.bid("ben", auction, 30_000)
    assert house.close(auction, at=END + minutes(30)).state == AuctionState.AWARDED


def test_a_cancelled_auction_gives_all_deposits_back(house: House) -> None:
    auction = house.auction(deposit_minor=5_000)
    house.bid("ann", auction, 20_000)
    moderation.cancel(auction.public_id, actor=house.exchange.proposer, reason="Fraud.", now=DAY)
    assert house.close(auction, at=DAY).state == AuctionState.CANCELLED
    deposit = deposits.deposit_of(auction.basis, house.organisation("ann").pk)
    assert deposit is not None
    assert deposit.state == DepositState.RELEASED
    with pytest.raises(IllegalTransition):
        moderation.cancel(
            auction.public_id, actor=house.exchange.proposer, reason="Again.", now=DAY
        )


def test_a_draft_is_its_organisers_alone(house: House) -> None:
    auction = house.auction()
    stranger = house.buyer("ann")
    with pytest.raises(NotFound):
        bidding.place(
            "auc_unknown", BidRequest(currency="CNY", amount_minor=1), actor=stranger, now=DAY
        )
    assert auction.state == AuctionState.SCHEDULED


@pytest.mark.parametrize(
    ("kind", "terms", "field"),
    [
        (Kind.ENGLISH, {"opening_minor": 0, "increments": [(0, 1)]}, "opening"),
        (Kind.ENGLISH, {"increments": [(5, 1)]}, "increments"),
        (Kind.ENGLISH, {"quantity": 2}, "quantity"),
        (Kind.ENGLISH, {"title": "Ab\u202ecd"}, "title"),
        (Kind.ENGLISH, {"closes_at": DAY}, "closes_at"),
        (Kind.ENGLISH, {"soft_window_seconds": 60}, "soft_window_seconds"),
        (Kind.ENGLISH, {"reveal_seconds": 60}, "reveal_seconds"),
        (Kind.ENGLISH, {"currency": "XXX"}, "currency"),
        (Kind.FIRST_PRICE, {"options": {"price": "own"}}, "options"),
        (Kind.UNIFORM_PRICE, {"options": {"rationing": "luck"}}, "terms.rationing"),
        (Kind.UNIFORM_PRICE, {"quantity": 2, "exclusive": True}, "exclusive"),
        (Kind.DUTCH, {"opening_minor": 100, "reserve_minor": 1}, "options"),
        (Kind.PROCUREMENT, {}, "terms.reserve"),
        (Kind.PACKAGES, {}, "items"),
    ],
)
def test_rules_that_cannot_be_held_are_refused_when_they_are_written(
    house: House, kind: Kind, terms: dict[str, Any], field: str
) -> None:
    with pytest.raises((AuctionRefused, CurrencyNotOffered, NotAllowed)) as raised:
        house.auction(kind, **terms)
    if not isinstance(raised.value, NotAllowed):
        assert raised.value.facts["field"] == field
    assert Auction.objects.count() == 0


@pytest.mark.parametrize("command", [{"quantity": 2}, {"rows": [{"price": 5}]}])
def test_a_live_bid_is_one_amount(house: House, command: dict[str, Any]) -> None:
    auction = house.auction()
    refused(BidRefused, house, auction, lambda: house.bid("ann", auction, 20_000, **command))


def test_an_auction_does_not_open_in_the_past(house: House) -> None:
    with pytest.raises(AuctionRefused) as refused:
        house.auction(opens_at=DAY - timedelta(days=2))
    assert refused.value.facts["field"] == "opens_at"
    assert house.auction(opens_at=DAY - timedelta(seconds=59)).opens_at < DAY
