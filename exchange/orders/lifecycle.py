"""The lifecycles of orders and rulings as tables, and the choices that an order is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.lifecycle import NEW, Lifecycle, Transition

if TYPE_CHECKING:
    from exchange.orders.models import Order, Ruling

CONFIRMATION = "contract.confirmation_days"
PAYMENT = "contract.payment_days"
INSPECTION = "contract.acceptance_days"
RULING_DAYS = "contract.ruling_days"
# The rules by which an order's deadlines run: the terms name the version of each.
DEADLINE_RULES = (CONFIRMATION, PAYMENT, INSPECTION, RULING_DAYS)


class OrderState(TextChoices):
    """Where an order stands."""

    CREATED = "created", _("Waiting for confirmation")
    CONFIRMED = "confirmed", _("Confirmed")
    CONTRACT_SIGNED = "contract_signed", _("Contract concluded")
    ESCROWED = "escrowed", _("Paid, money held")
    DELIVERING = "delivering", _("Being delivered")
    DELIVERED = "delivered", _("Delivered, under inspection")
    ACCEPTED = "accepted", _("Accepted")
    OBJECTED = "objected", _("Objected to")
    SETTLED = "settled", _("Settled")
    INVOICED = "invoiced", _("Invoiced")
    CERTIFICATE_ISSUED = "certificate_issued", _("Certificate issued")
    CLOSED = "closed", pgettext_lazy("order", "Closed")
    CANCELLED = "cancelled", _("Cancelled")
    REFUNDED = "refunded", _("Refunded")


class Turn(TextChoices):
    """Who has to do the next thing."""

    BUYER = "buyer", _("The buyer")
    SELLER = "seller", _("The seller")
    OPERATOR = "operator", _("The exchange")
    NOBODY = "nobody", _("Nobody")


class PaymentMethod(TextChoices):
    """How the buyer pays."""

    CARD = "card", _("Card")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer")
    WALLET = "wallet", _("Wallet")
    NONE = "none", _("Nothing to pay")


class OrderTransition(TextChoices):
    """What can happen to an order. Each is one row of ORDER and, when done, one step."""

    PLACE = "place", _("Order placed")
    CONFIRM = "confirm", _("Order confirmed")
    DECLINE = "decline", _("Order declined by the buyer's second person")
    SIGN = "sign", _("Contract concluded on the frozen terms")
    PAYMENT_FAILED = "payment_failed", _("Payment failed")
    PAY = "pay", _("Payment received and held")
    PREPARE = "prepare", _("Delivery started")
    DELAY = "delay", _("Delivery held up")
    DELIVER = "deliver", _("Delivered")
    ACCEPT = "accept", _("Accepted by the buyer")
    AUTO_ACCEPT = "auto_accept", _("Accepted, since the time to object is over")
    OBJECT = "object", _("Dispute opened; the money stays held")
    DELIVER_ANEW = "deliver_anew", _("The seller delivers again; the money stays held")
    RELEASE = "release", _("Money released by the exchange")
    REFUND = "refund", _("Refunded in full by the exchange")
    MONEY_BACK = "money_back", _("Refunded in full")
    SETTLE = "settle", _("Settled")
    INVOICE = "invoice", _("Invoiced")
    CERTIFY = "certify", _("Trading certificate issued")
    CLOSE = "close", pgettext_lazy("order", "Closed")
    CANCEL = "cancel", _("Cancelled by the buyer")
    LAPSE = "lapse", _("Cancelled, since the time for it is over")


class Party(TextChoices):
    """Who makes a transition. The exchange's own programs and clock make those of SYSTEM."""

    BUYER = "buyer", _("The buyer")
    OPERATOR = "operator", _("The exchange")
    SYSTEM = "system", _("The exchange, by itself")


S, T, X, P = OrderState, Turn, OrderTransition, Party

ORDER: Lifecycle[Order] = Lifecycle(
    "orders.order",
    OrderState,
    title=_("Order"),
    start=S.CREATED,
    transitions=(
        Transition(
            X.PLACE, NEW, S.CREATED, by=P.BUYER, turn=T.BUYER, term=CONFIRMATION,
            event="orders.order.placed",
        ),
        Transition(
            X.CONFIRM, S.CREATED, S.CONFIRMED, by=P.BUYER, turn=T.NOBODY,
            in_time=True, event="orders.order.confirmed",
        ),
        Transition(
            X.DECLINE, S.CREATED, S.CANCELLED, by=P.BUYER, turn=T.NOBODY,
            event="orders.order.declined", needs_reason=True, notify=(T.BUYER,),
        ),
        Transition(
            X.SIGN, S.CONFIRMED, S.CONTRACT_SIGNED, by=P.SYSTEM, turn=T.BUYER, term=PAYMENT,
            event="orders.order.signed",
        ),
        Transition(
            X.PAYMENT_FAILED, S.CONTRACT_SIGNED, None, by=P.SYSTEM, turn=T.BUYER, term=PAYMENT,
            event="orders.order.payment_failed", needs_reason=True, notify=(T.BUYER,),
        ),
        Transition(
            X.PAY, S.CONTRACT_SIGNED, S.ESCROWED, by=P.SYSTEM, turn=T.OPERATOR,
            event="orders.order.paid", notify=(T.SELLER,),
        ),
        # What costs nothing is not paid for.
        Transition(
            X.PREPARE, (S.CONTRACT_SIGNED, S.ESCROWED), S.DELIVERING, by=P.SYSTEM,
            turn=T.OPERATOR, term=RULING_DAYS, event="orders.order.prepared",
        ),
        Transition(
            X.DELAY, S.DELIVERING, None, by=P.SYSTEM, turn=T.OPERATOR, term=RULING_DAYS,
            event="orders.order.delayed", needs_reason=True,
        ),
        Transition(
            X.DELIVER, S.DELIVERING, S.DELIVERED, by=P.SYSTEM, turn=T.BUYER, term=INSPECTION,
            event="orders.order.delivered", notify=(T.BUYER,),
        ),
        Transition(
            X.ACCEPT, S.DELIVERED, S.ACCEPTED, by=P.BUYER, turn=T.NOBODY,
            event="orders.order.accepted",
        ),
        Transition(
            X.AUTO_ACCEPT, S.DELIVERED, S.ACCEPTED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.auto_accepted",
        ),
        Transition(
            X.OBJECT, S.DELIVERED, S.OBJECTED, by=P.BUYER, turn=T.OPERATOR, term=RULING_DAYS,
            in_time=True, event="orders.order.objected", needs_reason=True,
        ),
        Transition(
            X.DELIVER_ANEW, S.OBJECTED, S.DELIVERING, by=P.SYSTEM, turn=T.OPERATOR, term=RULING_DAYS,
            event="orders.order.delivered_anew",
        ),
        Transition(
            X.RELEASE, S.OBJECTED, S.ACCEPTED, by=P.OPERATOR, turn=T.NOBODY,
            event="orders.order.released", needs_reason=True, notify=(T.BUYER, T.SELLER),
        ),
        Transition(
            X.REFUND, (S.ESCROWED, S.DELIVERING, S.OBJECTED), S.REFUNDED, by=P.OPERATOR,
            turn=T.NOBODY, event="orders.order.refunded", needs_reason=True,
            notify=(T.BUYER, T.SELLER),
        ),
        # The last of what is held goes back, whoever gives it.
        Transition(
            X.MONEY_BACK, (S.ESCROWED, S.DELIVERING, S.DELIVERED, S.OBJECTED), S.REFUNDED,
            by=P.SYSTEM, turn=T.NOBODY, event="orders.order.money_returned", needs_reason=True,
            notify=(T.BUYER, T.SELLER),
        ),
        Transition(
            X.SETTLE, S.ACCEPTED, S.SETTLED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.settled",
        ),
        Transition(
            X.INVOICE, S.SETTLED, S.INVOICED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.invoiced",
        ),
        Transition(
            X.CERTIFY, (S.ACCEPTED, S.INVOICED), S.CERTIFICATE_ISSUED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.certified",
        ),
        Transition(
            X.CLOSE, S.CERTIFICATE_ISSUED, S.CLOSED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.closed", notify=(T.SELLER,),
        ),
        Transition(
            X.CANCEL, (S.CREATED, S.CONTRACT_SIGNED), S.CANCELLED, by=P.BUYER, turn=T.NOBODY,
            event="orders.order.cancelled",
        ),
        Transition(
            X.LAPSE, (S.CREATED, S.CONTRACT_SIGNED), S.CANCELLED, by=P.SYSTEM, turn=T.NOBODY,
            event="orders.order.lapsed", notify=(T.BUYER,),
        ),
    ),
    when_due={S.CREATED: X.LAPSE, S.CONTRACT_SIGNED: X.LAPSE, S.DELIVERED: X.AUTO_ACCEPT},
)  # fmt: skip

ENDED: frozenset[OrderState] = frozenset(
    {OrderState.CLOSED, OrderState.CANCELLED, OrderState.REFUNDED}
)
# Ended without a licence: others may be given what this one kept for itself.
UNLICENSED: frozenset[OrderState] = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})
# The states in which the exchange holds the buyer's money.
MONEY_HELD: frozenset[OrderState] = frozenset(
    {OrderState.ESCROWED, OrderState.DELIVERING, OrderState.DELIVERED, OrderState.OBJECTED}
)


class Decision(TextChoices):
    """What became of a ruling that needs a second operator."""

    OPEN = "open", _("Waiting for a second operator")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


class RulingTransition(TextChoices):
    """What can happen to a ruling that needs a second operator."""

    PROPOSE = "propose", _("Proposed")
    APPROVE = "approve", _("Approved")
    DECLINE = "decline", _("Declined")


RULING: Lifecycle[Ruling] = Lifecycle(
    "orders.ruling",
    Decision,
    title=_("Ruling on an order, decided by a second operator"),
    start=Decision.OPEN,
    state_field="decision",
    live=False,
    transitions=(
        Transition(RulingTransition.PROPOSE, NEW, Decision.OPEN, event="orders.ruling.proposed"),
        Transition(
            RulingTransition.APPROVE, Decision.OPEN, Decision.APPROVED,
            event="orders.ruling.approved",
        ),
        Transition(
            RulingTransition.DECLINE, Decision.OPEN, Decision.DECLINED,
            event="orders.ruling.declined",
        ),
    ),
)  # fmt: skip


class PriceGround(TextChoices):
    """What the law accepts as a ground to treat equal counterparties differently, and the rest."""

    REAL_NEED = "real_need", _("A real need of the buyer, in line with fair trade practice")
    NEW_USER = "new_user", _("An offer to new users for a reasonable time")
    RANDOM_RULE = "random_rule", _("A fair, reasonable and non-discriminatory random rule")
    OTHER = "other", _("Another reason, given in words.")


class RulingReason(TextChoices):
    """Why the exchange rules as it does; the templates that operators choose from."""

    AS_DESCRIBED = "as_described", _("The data is as described; the objection is not founded.")
    AGREED = "agreed", _("Buyer and seller agreed on this.")
    NOT_AS_DESCRIBED = "not_as_described", _("The data differs from its description.")
    NOT_READABLE = "not_readable", _("The files could not be opened or were incomplete.")
    NOT_DELIVERED = "not_delivered", _("The delivery could not be made.")
    MISUSED = "misused", _("The data was used against its terms.")
    RIGHTS_DOUBTFUL = "rights_doubtful", _("The seller's rights in the data are in doubt.")
    WITHDRAWN = "withdrawn", _("The dispute was withdrawn.")
    CONCEDED = "conceded", _("The other side agreed to what was asked for.")
    UNANSWERED = "unanswered", _("A side did not answer in time.")
    OTHER = "other", _("Another reason, given in words.")
