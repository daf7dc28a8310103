"""What was bought, agreed and is disputed in the town: an order in each state that somebody acts in."""

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from exchange.catalog.models import Offer
from exchange.contracts.models import Contract
from exchange.delivery.entitlements import entitlement_of_order
from exchange.delivery.models import Comparison
from exchange.disputes import answers, appeals, evidence, offers, opening
from exchange.journeys import acceptance, agreements, checkout, disputes
from exchange.metering import caps
from exchange.metering.models import MeteredSubscription
from exchange.negotiation import deciding, rounds
from exchange.negotiation.models import Negotiation
from exchange.negotiation.queries import newest_proposal
from exchange.negotiation.rounds import Spoken
from exchange.negotiation.terms import Terms
from exchange.orders import reviews
from exchange.orders.lifecycle import OrderTransition, PaymentMethod
from exchange.orders.models import BuyingLimit, Order, Ruling
from exchange.payments import card_top_ups, saved_cards, withdrawals
from exchange.payments.gateway.sandbox import cards
from exchange.payments.models import Payment
from pricing.money import Money
from tests.factories import listings
from tests.factories.delivery import read_again
from tests.factories.orders import a_command, pay

if TYPE_CHECKING:
    from tests.attack.town import Town

SECOND = timedelta(seconds=1)


def trade(town: "Town") -> None:
    """Orders, contracts, negotiations and uses."""
    _orders(town)
    _disputes(town)
    _uses(town)
    _negotiations(town)
    asked = withdrawals.ask(
        actor=town.actor("buyer"), amount=Money(10_000, "CNY"), token="town-1", now=town.now
    )
    town.things["withdrawal"] = str(asked.pk)
    _top_ups(town)


def _top_ups(town: "Town") -> None:
    """One whose page is open, and one that a card has paid; a card that is saved, and one that is asked for."""
    buyer = town.actor("buyer")
    asked = saved_cards.ask(actor=buyer, now=town.now)
    town.things["asked_card"] = asked.public_id
    card = saved_cards.ask(actor=buyer, now=town.now)
    saved_cards.open_page(actor=buyer, card_id=card.public_id, now=town.now)
    town.things["saved_card"] = card.public_id
    card.refresh_from_db()
    cards.pay(card.provider_ref or "", card_code="good")
    saved_cards.refresh(actor=buyer, card_id=card.public_id, now=town.now)
    for name, code in (("top_up", ""), ("top_up_done", "good")):
        top_up = card_top_ups.ask(
            actor=buyer, amount=Money(20_000, "CNY"), token=f"town-{name}", now=town.now
        )
        card_top_ups.open_card_page(actor=buyer, top_up_id=top_up.public_id, now=town.now)
        town.things[name] = top_up.public_id
        if code:
            top_up.refresh_from_db()
            cards.pay(top_up.provider_ref or "", card_code=code)
            card_top_ups.refresh(actor=buyer, top_up_id=top_up.public_id, now=town.now)


def bought(
    town: "Town", buyer: str, offer: str, *, paid: bool = True, method: PaymentMethod | None = None
) -> Order:
    """An order of that buyer for that offer, delivered when it is paid."""
    found = _offer(town, offer)
    actor = town.actor(buyer)
    command = a_command(actor, found, at=town.now, method=method)
    order = checkout.checkout(command, actor=actor, now=town.now)
    if paid:
        pay(order, at=town.now)
    order.refresh_from_db()
    return order


def _offer(town: "Town", name: str) -> Offer:
    return Offer.objects.get(public_id=town.things[name])


def _orders(town: "Town") -> None:
    things = town.things
    delivered = bought(town, "buyer", "offer")
    things["order"] = delivered.public_id
    right = entitlement_of_order(delivered)
    assert right is not None
    things["right"] = right.public_id
    things["payment"] = Payment.objects.get(order=delivered).public_id
    waiting = bought(town, "buyer", "offer", paid=False)
    things["waiting_order"] = waiting.public_id
    things["waiting_payment"] = Payment.objects.get(order=waiting).public_id
    things["other_order"] = bought(town, "other_buyer", "other_offer").public_id
    subscribed = bought(town, "buyer", "subscription_offer")
    acceptance.accept(subscribed.public_id, actor=town.actor("buyer"), now=town.now)
    things["subscribed_order"] = subscribed.public_id
    accepted = bought(town, "buyer", "offer")
    acceptance.accept(accepted.public_id, actor=town.actor("buyer"), now=town.now)
    things["accepted_order"] = accepted.public_id
    judged = bought(town, "other_buyer", "offer")
    acceptance.accept(judged.public_id, actor=town.actor("other_buyer"), now=town.now)
    review = reviews.write_review(
        actor=town.actor("other_buyer"),
        product_id=things["product"],
        order_id=judged.public_id,
        stars=4,
        text="Complete and punctual for the whole year.",
        now=town.now,
    )
    things["review"] = review.public_id
    limit = BuyingLimit.objects.create(
        organisation=town.house("buyer"), currency="CNY", limit_minor=100, set_by="test:1",
        set_at=town.now,
    )  # fmt: skip
    things["limited_order"] = bought(town, "agent", "offer", paid=False).public_id
    limit.delete()


def _disputes(town: "Town") -> None:
    dear = town.products["file"]
    town.things["dear_offer"] = listings.an_offer(
        dear, price_minor=20_000_000, name="Dear"
    ).public_id
    for name, disputed, offer in (
        ("disputed_order", "dispute", "offer"),
        ("reviewed_order", "reviewed_dispute", "offer"),
        ("ruled_order", "asked_dispute", "dear_offer"),
        ("appealable_order", "appealable_dispute", "offer"),
        ("appealed_order", "appealed_dispute", "offer"),
    ):
        order = bought(town, "buyer", offer)
        dispute = opening.open_dispute(
            order.public_id,
            kind="not_as_described",
            actor=town.actor("buyer"),
            reason="Half is missing.",
            now=town.now,
        )
        town.things[name] = order.public_id
        town.things[disputed] = dispute.public_id
    town.things["dispute_file"] = evidence.hand_in(
        town.things["dispute"],
        actor=town.actor("buyer"),
        name="gaps.csv",
        file=BytesIO(b"row\n7\n"),
        now=town.now,
    ).public_id
    for disputed in ("reviewed_dispute", "asked_dispute"):
        answers.answer(
            town.things[disputed],
            actor=town.actor("seller"),
            reason="All is there.",
            now=town.now,
        )
    answers.ask(
        town.things["asked_dispute"], actor=town.operating, whom="respondent", reason="Where?",
        now=town.now,
    )  # fmt: skip
    offered = offers.offer(
        town.things["asked_dispute"],
        actor=town.actor("buyer"),
        refund=Money(100, "CNY"),
        reason="For peace.",
        now=town.now,
    )
    town.things["offer_number"] = str(offered.offer_number)
    _rulings(town)
    # The one that the dispute asked for is made, so that another can be asked for.
    reading = Comparison.objects.get(order__public_id=town.things["ruled_order"])
    read_again(reading)
    disputes.rule_on(
        town.things["ruled_order"],
        actor=town.operating,
        transition=OrderTransition.REFUND,
        reason_code="not_as_described",
        reason="Half of it is missing.",
        now=town.now,
    )


def _rulings(town: "Town") -> None:
    """Two rulings that the buyer may appeal against, of which it does so once."""
    for name in ("appealable_order", "appealed_order"):
        disputes.rule_on(
            town.things[name],
            actor=town.operating,
            transition=OrderTransition.RELEASE,
            reason_code="as_described",
            reason="All of it is there.",
            now=town.now,
        )
        ruling = Ruling.objects.get(order__public_id=town.things[name])
        disputes.approve(ruling.public_id, actor=town.approving, now=town.now)
    appeals.appeal(
        town.things["appealed_dispute"],
        actor=town.actor("buyer"),
        reason="Look again.",
        now=town.now,
    )


def _uses(town: "Town") -> None:
    order = bought(town, "buyer", "metered_offer", paid=False, method=PaymentMethod.NONE)
    held = MeteredSubscription.objects.get(order=order)
    town.things["metered"] = held.public_id
    caps.set_cap(
        held.public_id,
        actor=town.actor("buyer"),
        cap_minor=100_000,
        soft_minor=50_000,
        now=town.now,
    )


def _terms(minor: int | None = 50_000, **more: Any) -> Spoken:
    return Spoken(Terms(currency="CNY", price_minor=minor, **more))


def asked(town: "Town", buyer: str = "buyer", **more: Any) -> Negotiation:
    """A request for a quote on a product of its own: one runs on each at a time."""
    product = listings.a_listing(seller=town.house("seller"), price_minor=None, title="On request")
    return rounds.ask(
        actor=town.actor(buyer),
        product_id=product.public_id,
        spoken=_terms(**more),
        now=town.now,
    )


def _negotiations(town: "Town") -> None:
    town.things["negotiation"] = asked(town).public_id
    frame: dict[str, Any] = {"calls_max": 3, "calls_days": 60}
    for name, more in (("contract", {}), ("framework", frame)):
        agreed = asked(town, **more)
        deciding.accept(
            agreed.public_id,
            actor=town.actor("seller"),
            answers=newest_proposal(agreed).document_hash,
            now=town.now,
        )
        contract = Contract.objects.get(negotiation=agreed)
        town.things[name] = contract.public_id
    for name in ("seller", "buyer"):
        agreements.sign(
            contract.public_id,
            actor=town.actor(name),
            seen_hash=contract.document_hash,
            now=town.now,
        )
