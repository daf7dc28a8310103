"""The lifecycle of an order as a table: what may happen, from where, where it leads, who must act next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from exchange.core.moves import lifecycle


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


class Move(TextChoices):
    """What can happen to an order. Each is one row of MOVES and, when done, one step."""

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
    LET_PASS = "let_pass", _("Accepted, since the time to object is over")
    OBJECT = "object", _("Objection raised; the money stays held")
    RELEASE = "release", _("Money released by the exchange")
    REFUND = "refund", _("Refunded in full by the exchange")
    SETTLE = "settle", _("Settled")
    INVOICE = "invoice", _("Invoiced")
    CERTIFY = "certify", _("Trading certificate issued")
    CLOSE = "close", pgettext_lazy("order", "Closed")
    CANCEL = "cancel", _("Cancelled by the buyer")
    LAPSE = "lapse", _("Cancelled, since the time for it is over")


class Term(StrEnum):
    """How long the next act may take. All but the inspection are choices of the house."""

    CONFIRMATION = "contract.confirmation_days"
    PAYMENT = "contract.payment_days"
    INSPECTION = "contract.acceptance_days"
    RULING = "contract.ruling_days"


class Party(StrEnum):
    """Who makes a move. The exchange's own programs and clock make those of SYSTEM."""

    BUYER = "buyer"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class MoveRule:
    """From where a move may be made and by whom, where it leads (None: it stays), whose turn it is
    afterwards and how long they have (None: no deadline)."""

    sources: frozenset[OrderState]
    target: OrderState | None
    party: Party
    turn: Turn
    term: Term | None = None


def _from(*sources: OrderState) -> frozenset[OrderState]:
    return frozenset(sources)


S, T, P = OrderState, Turn, Party
MOVES: Mapping[Move, MoveRule] = {
    Move.PLACE: MoveRule(_from(), S.CREATED, P.BUYER, T.BUYER, Term.CONFIRMATION),
    Move.CONFIRM: MoveRule(_from(S.CREATED), S.CONFIRMED, P.BUYER, T.NOBODY),
    Move.DECLINE: MoveRule(_from(S.CREATED), S.CANCELLED, P.BUYER, T.NOBODY),
    Move.SIGN: MoveRule(_from(S.CONFIRMED), S.CONTRACT_SIGNED, P.SYSTEM, T.BUYER, Term.PAYMENT),
    Move.PAYMENT_FAILED: MoveRule(_from(S.CONTRACT_SIGNED), None, P.SYSTEM, T.BUYER, Term.PAYMENT),
    Move.PAY: MoveRule(_from(S.CONTRACT_SIGNED), S.ESCROWED, P.SYSTEM, T.OPERATOR),
    # What costs nothing is not paid for.
    Move.PREPARE: MoveRule(
        _from(S.CONTRACT_SIGNED, S.ESCROWED), S.DELIVERING, P.SYSTEM, T.OPERATOR, Term.RULING
    ),
    Move.DELAY: MoveRule(_from(S.DELIVERING), None, P.SYSTEM, T.OPERATOR, Term.RULING),
    Move.DELIVER: MoveRule(_from(S.DELIVERING), S.DELIVERED, P.SYSTEM, T.BUYER, Term.INSPECTION),
    Move.ACCEPT: MoveRule(_from(S.DELIVERED), S.ACCEPTED, P.BUYER, T.NOBODY),
    Move.LET_PASS: MoveRule(_from(S.DELIVERED), S.ACCEPTED, P.SYSTEM, T.NOBODY),
    Move.OBJECT: MoveRule(_from(S.DELIVERED), S.OBJECTED, P.BUYER, T.OPERATOR, Term.RULING),
    Move.RELEASE: MoveRule(_from(S.OBJECTED), S.ACCEPTED, P.OPERATOR, T.NOBODY),
    Move.REFUND: MoveRule(
        _from(S.ESCROWED, S.DELIVERING, S.OBJECTED), S.REFUNDED, P.OPERATOR, T.NOBODY
    ),
    Move.SETTLE: MoveRule(_from(S.ACCEPTED), S.SETTLED, P.SYSTEM, T.NOBODY),
    Move.INVOICE: MoveRule(_from(S.SETTLED), S.INVOICED, P.SYSTEM, T.NOBODY),
    Move.CERTIFY: MoveRule(_from(S.ACCEPTED, S.INVOICED), S.CERTIFICATE_ISSUED, P.SYSTEM, T.NOBODY),
    Move.CLOSE: MoveRule(_from(S.CERTIFICATE_ISSUED), S.CLOSED, P.SYSTEM, T.NOBODY),
    Move.CANCEL: MoveRule(_from(S.CREATED, S.CONTRACT_SIGNED), S.CANCELLED, P.BUYER, T.NOBODY),
    Move.LAPSE: MoveRule(_from(S.CREATED, S.CONTRACT_SIGNED), S.CANCELLED, P.SYSTEM, T.NOBODY),
}

ORDER_MOVES: Mapping[OrderState, frozenset[OrderState]] = lifecycle(
    name="orders.order",
    title=_("Order"),
    start=OrderState.CREATED,
    moves={
        state: frozenset(
            rule.target
            for rule in MOVES.values()
            if rule.target is not None and state in rule.sources
        )
        for state in OrderState
    },
)

# The name under which each step is known outside: in the log and the outbox.
EVENTS: Mapping[Move, str] = {
    Move.PLACE: "orders.order.placed",
    Move.CONFIRM: "orders.order.confirmed",
    Move.DECLINE: "orders.order.declined",
    Move.SIGN: "orders.order.signed",
    Move.PAYMENT_FAILED: "orders.order.payment_failed",
    Move.PAY: "orders.order.paid",
    Move.PREPARE: "orders.order.prepared",
    Move.DELAY: "orders.order.delayed",
    Move.DELIVER: "orders.order.delivered",
    Move.ACCEPT: "orders.order.accepted",
    Move.LET_PASS: "orders.order.let_passed",
    Move.OBJECT: "orders.order.objected",
    Move.RELEASE: "orders.order.released",
    Move.REFUND: "orders.order.refunded",
    Move.SETTLE: "orders.order.settled",
    Move.INVOICE: "orders.order.invoiced",
    Move.CERTIFY: "orders.order.certified",
    Move.CLOSE: "orders.order.closed",
    Move.CANCEL: "orders.order.cancelled",
    Move.LAPSE: "orders.order.lapsed",
}

ENDED: frozenset[OrderState] = frozenset(
    {OrderState.CLOSED, OrderState.CANCELLED, OrderState.REFUNDED}
)
# Ended without a licence: others may be given what this one kept for itself.
UNLICENSED: frozenset[OrderState] = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})
# The states in which the exchange holds the buyer's money.
MONEY_HELD: frozenset[OrderState] = frozenset(
    {OrderState.ESCROWED, OrderState.DELIVERING, OrderState.DELIVERED, OrderState.OBJECTED}
)
NEED_REASON: frozenset[Move] = frozenset(
    {Move.DECLINE, Move.OBJECT, Move.RELEASE, Move.REFUND, Move.DELAY, Move.PAYMENT_FAILED}
)


def legal_steps() -> list[tuple[Move, str, OrderState]]:
    """Every (move, from, to) that a step may record; `from` is empty for the first step."""
    steps: list[tuple[Move, str, OrderState]] = []
    for move, rule in MOVES.items():
        if not rule.sources and rule.target is not None:
            steps.append((move, "", rule.target))
        steps.extend((move, source, rule.target or source) for source in sorted(rule.sources))
    return steps


class Decision(TextChoices):
    """What became of a ruling that needs a second operator."""

    OPEN = "open", _("Waiting for a second operator")
    APPROVED = "approved", _("Approved")
    DECLINED = "declined", _("Declined")


RULING_MOVES: Mapping[Decision, frozenset[Decision]] = lifecycle(
    name="orders.ruling",
    title=_("Ruling on an objection that needs a second operator"),
    start=Decision.OPEN,
    moves={
        Decision.OPEN: frozenset({Decision.APPROVED, Decision.DECLINED}),
        Decision.APPROVED: frozenset(),
        Decision.DECLINED: frozenset(),
    },
)


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
    RIGHTS_DOUBTFUL = "rights_doubtful", _("The seller's rights in the data are in doubt.")
    OTHER = "other", _("Another reason, given in words.")
