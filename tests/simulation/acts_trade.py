"""What members and the exchange's people do: order, pay, inspect, object, decide, give money back."""

from datetime import timedelta
from functools import partial
from random import Random

from exchange.core.lifecycle import Named
from exchange.disputes import opening
from exchange.journeys import acceptance, disputes, refunds
from exchange.members import proposals
from exchange.members.lifecycle import AdmissionTransition, Standing
from exchange.members.models import Admission
from exchange.orders import placing
from exchange.orders.lifecycle import OrderState, OrderTransition, PaymentMethod
from exchange.orders.models import Order, Ruling
from exchange.payments import collection, order_refunds, payout_accounts, withdrawals
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

    def give() -> None:
        actor = world.buying(payment.payer)
        collection.open_card_page(actor=actor, payment_id=payment.public_id, now=world.now)
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
