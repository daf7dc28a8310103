"""What members and the exchange's people do: order, pay, inspect, object, decide, give money back."""

from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

from exchange.core.lifecycle import Named
from exchange.disputes import offers, opening
from exchange.disputes.lifecycle import DisputeState, DisputeTurn, OfferKind
from exchange.disputes.models import Dispute
from exchange.journeys import acceptance, disputes, refunds
from exchange.members import proposals
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import Admission
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, OrderTransition, PaymentMethod
from exchange.orders.models import Order, Ruling
from exchange.payments import card_pages, order_refunds, payout_accounts, withdrawals
from exchange.payments.gateway.sandbox import cards
from exchange.payments.lifecycle import Bearer, PaymentState
from exchange.payments.models import Payment
from tests.simulation.acts import Deed, act, any_of
from tests.simulation.world import CNY, World, yuan

METHODS = (
    PaymentMethod.CARD,
    PaymentMethod.CARD,
    PaymentMethod.WALLET,
    PaymentMethod.BANK_TRANSFER,
)
RULINGS = (OrderTransition.RELEASE, OrderTransition.REFUND)
EXCHANGE = Named("simulation:1")


@act(weight=4)
def buy(world: World, chance: Random) -> Deed:
    """Each click is an order of its own."""
    market, offer = chance.choice(world.markets), chance.choice(world.offers)
    return partial(market.order, offer, at=world.now, method=chance.choice(METHODS))


@act(weight=10, is_repeatable=True)
def give_a_card(world: World, chance: Random) -> Deed | None:
    payment = any_of(Payment.objects.filter(method="card", state=PaymentState.WAITING), chance)
    if payment is None:
        return None
    card = chance.choice(["good", "good", "good", "declined", "confirm"])
    agreed = chance.random() < 0.7
    saves = chance.choice([None, None, True, False])

    def give() -> None:
        actor = world.buying(payment.payer)
        if saves is not None:
            card_pages.choose(payment.public_id, saves=saves, actor=actor, now=world.now)
        card_pages.open_card_page(actor=actor, payment_id=payment.public_id, now=world.now)
        payment.refresh_from_db()
        cards.pay(payment.provider_ref or "", card_code=card)
        if card == "confirm":
            cards.confirm(payment.provider_ref or "", agreed=agreed)

    return give


@act(weight=1, is_repeatable=True)
def cancel(world: World, chance: Random) -> Deed | None:
    order = any_of(Order.objects.filter(state=OrderState.CONTRACT_SIGNED), chance)
    if order is None:
        return None
    actor = world.buying(order.buyer)
    return lambda: placing.cancel(order.public_id, actor=actor, reason="", now=world.now)


@act(weight=8, is_repeatable=True)
def accept(world: World, chance: Random) -> Deed | None:
    order = any_of(Order.objects.filter(state=OrderState.DELIVERED), chance)
    if order is None:
        return None
    actor = world.buying(order.buyer)
    return lambda: acceptance.accept(order.public_id, actor=actor, now=world.now)


@act(weight=2, is_repeatable=True)
def object_to(world: World, chance: Random) -> Deed | None:
    """Under inspection, or after the money was shared out."""
    states = [OrderState.DELIVERED, OrderState.DELIVERED, OrderState.CLOSED]
    order = any_of(Order.objects.filter(state=chance.choice(states), total_minor__gt=0), chance)
    if order is None:
        return None
    actor = world.buying(order.buyer)
    return lambda: opening.open_dispute(
        order.public_id,
        kind="not_as_described",
        actor=actor,
        reason="Half is missing.",
        now=world.now,
    )


@act(weight=2, is_repeatable=True)
def propose_a_ruling(world: World, chance: Random) -> Deed | None:
    states = [OrderState.OBJECTED, OrderState.ESCROWED, OrderState.DELIVERING]
    order = any_of(Order.objects.filter(state__in=states), chance)
    if order is None:
        return None
    transition = chance.choice(RULINGS)
    return lambda: disputes.rule_on(
        order.public_id, actor=world.exchange.proposer, transition=transition,
        reason_code="not_as_described", reason="As seen.", now=world.now,
    )  # fmt: skip


@act(weight=3, is_repeatable=True)
def approve_a_ruling(world: World, chance: Random) -> Deed | None:
    ruling = any_of(Ruling.objects.filter(decision="open"), chance)
    if ruling is None:
        return None
    return lambda: disputes.approve(ruling.public_id, actor=world.exchange.approver, now=world.now)


@act(weight=4)
def give_back(world: World, chance: Random) -> Deed | None:
    """Any part of it, before the release or after it, whoever bears it."""
    states = [OrderState.DELIVERED, OrderState.CLOSED, OrderState.CLOSED]
    order = any_of(Order.objects.filter(state=chance.choice(states), total_minor__gt=0), chance)
    if order is None:
        return None
    left = order_refunds.refundable(order)
    amount = yuan(chance.randint(1, left.minor)) if left.minor > 1 else left
    amount = left if chance.random() < 0.3 else amount
    bearer = chance.choice(list(Bearer))
    return lambda: refunds.refund(
        order.public_id, amount=amount, bearer=bearer, reason="agreed",
        actor=EXCHANGE, now=world.now,
    )  # fmt: skip


@act(weight=1, is_repeatable=True)
def withdraw(world: World, chance: Random) -> Deed:
    market, token = chance.choice(world.markets), f"w{chance.getrandbits(40)}"
    amount = yuan(chance.randint(1, 60_000))
    return lambda: withdrawals.ask(
        actor=world.leading(market.buyer), amount=amount, token=token, now=world.now
    )


@act(weight=1)
def name_an_account(world: World, chance: Random) -> Deed:
    """Sometimes one that the provider refuses, or whose bank turns money away."""
    market = chance.choice(world.markets)
    number = chance.choice(["6222021234567890", "6222021234567891", "6222021234560000"])
    return lambda: payout_accounts.give_account(
        actor=market.selling, currency=CNY, holder="Grid Data", number=number, now=world.now
    )


@act(weight=1)
def suspend_or_restore(world: World, chance: Random) -> Deed | None:
    """Two of the exchange's people stop a member, or let it go on."""
    houses = [one for market in world.markets for one in (market.seller, market.buyer)]
    house = chance.choice(houses)
    admission = Admission.objects.get(organisation=house)
    is_resting = admission.standing == Standing.SUSPENDED
    if not is_resting and chance.random() < 0.6:
        return None
    step = AdmissionTransition.RESTORE if is_resting else AdmissionTransition.SUSPEND

    def decide() -> None:
        made = proposals.propose(
            admission.public_id, transition=step, actor=world.exchange.proposer,
            reason="A doubt.", now=world.now,
        )  # fmt: skip
        world.exchange.approve(made, now=world.now + timedelta(seconds=1))

    return decide


@act(weight=2, is_repeatable=True)
def claim_misuse(world: World, chance: Random) -> Deed | None:
    """A seller says of a closed order that its data is misused, or that its rights are challenged."""
    order = any_of(Order.objects.filter(state=OrderState.CLOSED), chance)
    kind, remedy = chance.choice([("misuse", "end_access"), ("rights_challenged", "refund")])
    if order is None:
        return None
    actor = world.leading(order.seller)
    return lambda: opening.open_claim(
        order.public_id, kind=kind, remedy=remedy, actor=actor, reason="Seen elsewhere.",
        now=world.now,
    )  # fmt: skip


@act(weight=3)
def offer_a_settlement(world: World, chance: Random) -> Deed | None:
    """Either side, of any kind."""
    dispute = any_of(Dispute.objects.exclude(state=DisputeState.ENDED), chance)
    if dispute is None:
        return None
    left = order_refunds.refundable(dispute.order).minor
    kind = chance.choice(list(OfferKind))
    is_money = kind in (OfferKind.REFUND, OfferKind.CREDIT)
    what: dict[str, Any] = {
        "kind": kind,
        "refund": yuan(chance.randint(1, max(1, left))) if is_money else None,
        "days": chance.randint(1, 40) if kind is OfferKind.EXTEND else None,
    }
    actor = world.leading(chance.choice([dispute.claimant, dispute.respondent]))
    return lambda: offers.offer(
        dispute.public_id, actor=actor, reason="To end it.", now=world.now, **what
    )


@act(weight=3, is_repeatable=True)
def answer_a_settlement(world: World, chance: Random) -> Deed | None:
    """Taken more often than declined; in between somebody else may have answered."""
    dispute = any_of(Dispute.objects.filter(offer_number__isnull=False), chance)
    answer = chance.choice([disputes.take_offer, disputes.take_offer, offers.decline])
    if dispute is None:
        return None
    is_claimants = dispute.offer_by == DisputeTurn.CLAIMANT
    actor = world.leading(dispute.respondent if is_claimants else dispute.claimant)
    number = dispute.offer_number or 0
    return lambda: answer(dispute.public_id, actor=actor, number=number, now=world.now)


@act(weight=1, is_repeatable=True)
def give_in(world: World, chance: Random) -> Deed | None:
    """Who opened a dispute withdraws it, or the other side agrees to what is asked for."""
    dispute = any_of(Dispute.objects.exclude(state=DisputeState.ENDED), chance)
    does_withdraw = chance.random() < 0.5
    if dispute is None:
        return None
    end = disputes.withdraw if does_withdraw else disputes.concede
    actor = world.leading(dispute.claimant if does_withdraw else dispute.respondent)
    return lambda: end(dispute.public_id, actor=actor, now=world.now)
