"""Who is told of an order's steps, what the log says of them, and what else follows in this room."""

from collections.abc import Mapping
from typing import Any

from exchange.audit import agreement
from exchange.audit.coverage import require_record, subjects
from exchange.contracts import performance
from exchange.contracts.lifecycle import CONTRACT, ContractTransition
from exchange.core.lifecycle import Change, Named
from exchange.members.roles import Role
from exchange.notices import notify
from exchange.notices.notify import Party, notify_organisation
from exchange.orders import licence_windows, rulings
from exchange.orders.lifecycle import ORDER, RULING, OrderTransition, Turn
from exchange.orders.lifecycle import OrderTransition as X
from exchange.orders.models import (
    DiscountTier,
    FeeAgreement,
    Order,
    OrderMessage,
    OrderStep,
    Ruling,
    Subscription,
)
from exchange.orders.queries import subject_of

BUYERS = (Role.BUYER_AGENT, Role.FINANCE)
SELLERS = (Role.DATA_OWNER, Role.DATA_OPERATOR, Role.FINANCE)


def declare_parties() -> None:
    """Say who the parties of an order are. For `AppConfig.ready`."""
    notify.declare(
        ORDER,
        parties={
            Turn.BUYER: Party("buyer_id", BUYERS),
            Turn.SELLER: Party("seller_id", SELLERS),
        },
        facts=lambda order: {"product": order, "total": order.total},
    )
    ORDER.record_facts = _facts_of_order
    RULING.record_facts = _facts_of_ruling


def ask_second(order: Order, change: Change) -> None:
    """Tell the buyer's people that an order above their limit waits for one of them. A reaction."""
    if order.needs_second and order.renews_id is None:
        notify_organisation(
            organisation_id=order.buyer_id,
            roles=BUYERS,
            kind="orders.order.to_confirm",
            facts={"product": order, "total": order.total},
            url=notify.path("order", order.public_id),
            dedupe=f"order_step:{change.step_id}",
            now=change.at,
        )


def _facts_of_order(order: Order, change: Change) -> Mapping[str, Any]:
    """What the first record says of the order. Amounts are strings: JSON readers round large ones."""
    if change.transition != OrderTransition.PLACE:
        return {}
    return {
        "buyer": order.buyer.public_id,
        "seller": order.seller.public_id,
        "product": str(order.terms["product"]["id"]),
        "offer": str(order.terms["offer"]["id"]),
        "terms": order.terms_hash,
        "currency": order.currency,
        "total_minor": str(order.total_minor),
        "renews": order.renews.public_id if order.renews else None,
        "needs_second": order.needs_second,
        "auto_renew": order.auto_renew,
    }


def _facts_of_ruling(ruling: Ruling, _change: Change) -> Mapping[str, Any]:
    return {
        "order": ruling.order.public_id,
        "move": ruling.transition,
        "reason_code": ruling.reason_code,
        **rulings.refund_facts(ruling.refund),
        **({"ends_access": "yes"} if ruling.ends_access else {}),
    }


def declare() -> None:
    """Fill the table. For `AppConfig.ready`."""
    ORDER.concerns = subject_of
    RULING.concerns = rulings.ruling_concerns
    ORDER.on(X.PLACE, ask_second, _begin_contract)
    ORDER.on((X.DECLINE, X.CANCEL, X.LAPSE, X.REFUND, X.MONEY_BACK), licence_windows.free)
    ORDER.on((X.CLOSE, X.CANCEL, X.LAPSE, X.REFUND, X.MONEY_BACK), _end_contract)
    _declare_records()


def _begin_contract(order: Order, change: Change) -> None:
    """The first order begins the performance of its contract; further ones call a framework off."""
    contract = order.contract
    if contract is not None and CONTRACT.may(contract, ContractTransition.PERFORM):
        performance.begin(
            contract, order_id=order.public_id, actor=Named(change.actor), now=change.at
        )


def _end_contract(order: Order, change: Change) -> None:
    """A contract ends with its order: completed when that is closed, else before it was. A framework
    goes on, and is not locked: whoever calls it off locks it before the order's money."""
    contract = order.contract
    if contract is not None and performance.calls_of(contract) is None:
        performance.end(
            contract,
            is_completed=change.transition == X.CLOSE,
            actor=change.doer,
            now=change.at,
        )


def _declare_records() -> None:
    """Say what of this room must be in the log."""
    _declare_rows()
    require_record(
        name="orders.steps",
        rows=subjects("order_step", OrderStep.objects.all()),
        event=ORDER.events,
    )
    require_record(
        name="orders.certificates",
        rows="SELECT 'certificate:' || number FROM orders_certificate",
        event="orders.certificate.issued",
    )
    withdrawn = FeeAgreement.objects.exclude(withdrawn_at=None)
    declined = Subscription.objects.exclude(declined_at=None)
    for name, kind, rows, event in (
        ("discount_tiers", "discount_tier", DiscountTier.objects.all(), "orders.discount_tier.granted"),
        ("agreed_fees", "agreed_fee", FeeAgreement.objects.all(), "orders.fee.agreed"),
        ("agreed_fees.withdrawn", "agreed_fee", withdrawn, "orders.fee.withdrawn"),
        ("renewals.declined", "subscription", declined, "orders.subscription.declined"),
        ("messages", "message", OrderMessage.objects.all(), "orders.message.written"),
        ("rulings", "ruling", Ruling.objects.all(), "orders.ruling.proposed"),
    ):  # fmt: skip
        require_record(name=f"orders.{name}", rows=subjects(kind, rows), event=event)


def _declare_rows() -> None:
    """Say where the subjects of this room's records stand, and what they repeat."""
    of_order = "JOIN orders_order AS o ON o.id = row.order_id"
    agreement.rows_of("order", "orders_order AS row", is_recorded=False)
    agreement.facts_of_steps(
        "order",
        joins="JOIN accounts_organisation AS buyer ON buyer.id = row.buyer_id"
        " JOIN accounts_organisation AS seller ON seller.id = row.seller_id",
        facts={
            "buyer": "buyer.public_id",
            "seller": "seller.public_id",
            "terms": "row.terms_hash",
            "currency": "row.currency",
            "total_minor": "row.total_minor::text",
        },
    )
    agreement.rows_of(
        "certificate",
        f"orders_certificate AS row {of_order}",
        key="row.number",
        facts={
            "order": "o.public_id",
            "terms": "o.terms_hash",
            "certificate": "substr(row.document_hash, 8)",
        },
    )
    agreement.rows_of(
        "message",
        f"orders_ordermessage AS row {of_order}",
        facts={"order": "o.public_id", "text": "row.text"},
    )
    agreement.rows_of(
        "ruling",
        f"orders_ruling AS row {of_order}",
        facts={
            "order": "o.public_id",
            "move": "row.transition",
            "reason_code": "row.reason_code",
            "refund_minor": "row.refund_minor::text",
            "ends_access": "CASE WHEN row.ends_access THEN 'yes' END",
        },
    )
    agreement.rows_of(
        "discount_tier",
        "orders_discounttier AS row JOIN accounts_organisation AS o ON o.id = row.buyer_id",
        facts={"buyer": "o.public_id", "ground": "row.ground", "words": "row.words"},
    )
    agreement.rows_of(
        "agreed_fee",
        "orders_feeagreement AS row JOIN accounts_organisation AS o ON o.id = row.seller_id",
        facts={
            "seller": "o.public_id",
            "rate": "trim_scale(row.rate)::text",
            "currency": "row.currency",
            "minimum_minor": "row.minimum_minor::text",
            "cap_minor": "row.cap_minor::text",
        },
    )
    agreement.rows_of("review", f"orders_review AS row {of_order}", facts={"order": "o.public_id"})
    agreement.rows_of("subscription", "orders_subscription AS row", is_recorded=False)
